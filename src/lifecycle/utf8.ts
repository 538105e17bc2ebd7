/** Where bytes are no UTF-8, and why. */
export interface TextFault {
  readonly offset: number;
  readonly line: number;
  readonly column: number;
  readonly why: string;
}

/** Sequences of UTF-8 by their first byte, with what the second may be (table 3-7 of the Unicode standard). */
const leads: readonly (readonly [first: number, last: number, length: number, low: number, high: number])[] = [
  [0x00, 0x7f, 1, 0, 0],
  [0xc2, 0xdf, 2, 0x80, 0xbf],
  [0xe0, 0xe0, 3, 0xa0, 0xbf],
  [0xe1, 0xec, 3, 0x80, 0xbf],
  [0xed, 0xed, 3, 0x80, 0x9f],
  [0xee, 0xef, 3, 0x80, 0xbf],
  [0xf0, 0xf0, 4, 0x90, 0xbf],
  [0xf1, 0xf3, 4, 0x80, 0xbf],
  [0xf4, 0xf4, 4, 0x80, 0x8f],
];

/** The length of the sequence at an offset; 0 where it is none. */
function lengthAt(bytes: Uint8Array, offset: number): number {
  const byte = bytes[offset] ?? 0;
  const [, , length, low, high] = leads.find(([first, last]) => byte >= first && byte <= last) ?? [0, 0, 0, 0, 0];
  for (let at = 1; at < length; at += 1) {
    const next = bytes[offset + at] ?? 0;
    if (next < (at === 1 ? low : 0x80) || next > (at === 1 ? high : 0xbf)) return 0;
  }
  return length;
}

/** Byte order marks of other encodings. */
const marks: readonly (readonly [bytes: readonly number[], name: string])[] = [
  [[0xff, 0xfe], 'UTF-16'],
  [[0xfe, 0xff], 'UTF-16'],
];

/** The first place where bytes are no UTF-8; a column is a UTF-16 unit, as everywhere. */
export function firstFault(bytes: Uint8Array): TextFault {
  let [offset, line, column] = [0, 1, 1];
  for (let length = lengthAt(bytes, 0); length > 0 && offset < bytes.length; length = lengthAt(bytes, offset)) {
    const isEnd = bytes[offset] === 0x0a;
    line += isEnd ? 1 : 0;
    column = isEnd ? 1 : column + (length === 4 ? 2 : 1);
    offset += length;
  }
  const mark = marks.find(([start]) => start.every((byte, at) => bytes[at] === byte));
  const hex = (bytes[offset] ?? 0).toString(16).padStart(2, '0');
  return { offset, line, column, why: mark ? `the file is ${mark[1]}` : `there is a byte 0x${hex}` };
}
