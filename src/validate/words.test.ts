import t from 'tap';
import { isAmong } from './words.ts';

t.test('a word is in a list as a whole', async (t) => {
  t.ok(isAmong(' ab c ', 'ab'));
  t.ok(isAmong(' ab c ', 'c'));
  for (const word of ['a', 'b', '', 'ab c', ' ab', 'c ', ' ']) t.notOk(isAmong(' ab c ', word), `"${word}"`);
});
