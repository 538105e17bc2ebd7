import fc from 'fast-check';
import t from 'tap';
import { shown } from './shown.ts';

const all = (text: string): string => shown(text, { start: 0, end: text.length });

t.test('a value is shown on one line, as it is written', async (t) => {
  t.equal(all('18446744073709551616'), '18446744073709551616');
  t.equal(all('{\n  "a":\t"b  \\n"\n}'), '{ "a": "b  \\n" }');
  t.equal(shown('x [1] y', { start: 2, end: 5 }), '[1]');
});

t.test('a long value is cut', async (t) => {
  t.equal(all(`"${'x'.repeat(200)}"`), `"${'x'.repeat(79)}…`);
  t.equal(all(`"${'x'.repeat(200_000)}"`).length, 81);
  t.equal(all(`"${'x'.repeat(78)}😀${'x'.repeat(10)}"`), `"${'x'.repeat(78)}…`);
});

t.test('what is shown of a text is text', async (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 60, maxLength: 120 }), (text) => {
      t.notMatch(all(JSON.stringify(text)), /[\ud800-\udfff]/u);
    }),
  );
});
