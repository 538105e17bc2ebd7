import t from 'tap';
import { readyLine } from './notify.ts';

const bytes = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

t.test('the line that says ready is found among others', async (t) => {
  t.equal(readyLine(bytes('READY=1')), 'READY=1');
  t.equal(readyLine(bytes('STATUS=up\nREADY=1\nREADY=2\n')), 'READY=1');
  t.equal(readyLine(bytes('STATUS=caf\xe9\nREADY=1\n')), 'READY=1', 'others need not be text');
});

t.test('what does not say ready', async (t) => {
  for (const text of ['', '\n', 'STATUS=READY=1', 'ready=1', 'READY', ' READY=1', 'READY=\xff', 'READY=1\0'])
    t.equal(readyLine(bytes(text)), undefined, JSON.stringify(text));
});
