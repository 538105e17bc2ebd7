import fc from 'fast-check';
import t from 'tap';
import { printable } from './printable.ts';

t.test('what a terminal would obey, or cannot be written, is escaped', async (t) => {
  t.equal(printable('a\x1b[31mb\0\x9b\ud83d'), 'a\\x1b[31mb\\x00\\x9b\\ud83d');
  t.equal(printable('one\ttwo\nthree é 😀'), 'one\ttwo\nthree é 😀');
});

t.test('every text can be written', async (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const printed = printable(text);
      t.equal(Buffer.from(printed).toString(), printed);
    }),
  );
});
