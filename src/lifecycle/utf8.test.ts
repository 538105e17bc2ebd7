import fc from 'fast-check';
import t from 'tap';
import { firstFault } from './utf8.ts';

const bytes = (...parts: (string | number)[]): Uint8Array =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from([part]))));

t.test('the first byte that is no UTF-8 is told, by line and column', async (t) => {
  t.same(firstFault(bytes('ab\ncdé😀', 0xe9, '"')), { offset: 11, line: 2, column: 6, why: 'there is a byte 0xe9' });
  t.match(firstFault(bytes(0xed, 0xa0, 0x80)), { offset: 0, line: 1, column: 1 });
  t.match(firstFault(bytes('x', 0xc0, 0x80)), { offset: 1 });
  t.match(firstFault(bytes('x', 0xf4, 0x90, 0x80, 0x80)), { offset: 1 });
  t.match(firstFault(bytes('ab', 0xc3)), { offset: 2, why: 'there is a byte 0xc3' });
});

t.test('a byte order mark of UTF-16 is told as one', async (t) => {
  t.match(firstFault(bytes(0xff, 0xfe, '{\0')), { offset: 0, why: 'the file is UTF-16' });
  t.match(firstFault(bytes(0xfe, 0xff, '\0{')), { offset: 0, why: 'the file is UTF-16' });
});

t.test('it is where a decoder stops, too', async (t) => {
  const decodes = (part: Uint8Array): boolean => {
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(part);
      return true;
    } catch {
      return false;
    }
  };
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.uint8Array({ maxLength: 6 }), (text, tail) => {
      const all = bytes(text.replace(/[\ud800-\udfff]/gu, ''), 0xff, ...tail);
      const { offset } = firstFault(all);
      t.ok(decodes(all.subarray(0, offset)), 'what stands before is text');
      t.notOk(
        [1, 2, 3, 4].some((more) => decodes(all.subarray(offset, offset + more))),
        'what follows is none',
      );
    }),
  );
});
