// UTF-8 of our own, so that the wire format is pure; what is sent is nearly always ASCII.
import { fault } from './fault.ts';

/** Sequences of UTF-8 by their first byte, with what the second may be (table 3-7 of the Unicode standard). */
const leads: readonly (readonly [first: number, last: number, more: number, low: number, high: number])[] = [
  [0xc2, 0xdf, 1, 0x80, 0xbf],
  [0xe0, 0xe0, 2, 0xa0, 0xbf],
  [0xe1, 0xec, 2, 0x80, 0xbf],
  [0xed, 0xed, 2, 0x80, 0x9f],
  [0xee, 0xef, 2, 0x80, 0xbf],
  [0xf0, 0xf0, 3, 0x90, 0xbf],
  [0xf1, 0xf3, 3, 0x80, 0xbf],
  [0xf4, 0xf4, 3, 0x80, 0x8f],
];

const firstBits = [0, 0xc0, 0xe0, 0xf0];

/** The bytes of a code point of so many bytes more than one. */
function pushCode(bytes: number[], code: number, more: number): void {
  bytes.push((firstBits[more] as number) | (code >> (6 * more)));
  for (let left = more - 1; left >= 0; left -= 1) bytes.push(0x80 | ((code >> (6 * left)) & 0x3f));
}

const moreBytes = (code: number): number => (code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3);

/** The bytes of a text for a message, which may have no NUL and no lone surrogates in it. */
export function utf8(text: string): number[] {
  const bytes: number[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const code = text.codePointAt(at) as number;
    if (code === 0) throw fault(`a string on D-Bus has no NUL in it: ${JSON.stringify(text)}`);
    if (code >= 0xd800 && code <= 0xdfff) throw fault(`a string on D-Bus is Unicode: ${JSON.stringify(text)}`);
    if (code > 0xffff) at += 1;
    pushCode(bytes, code, moreBytes(code));
  }
  return bytes;
}

/** How many bytes are asked of String.fromCharCode at once. */
const piece = 1024;

/** The text of bytes; undefined where they are no UTF-8 or have a NUL. */
export function textOf(bytes: Uint8Array): string | undefined {
  let text = '';
  let units: number[] = [];
  for (let at = 0; at < bytes.length;) {
    const more = codeAt(bytes, at, units);
    if (more < 0) return undefined;
    at += more + 1;
    if (units.length < piece) continue;
    text += String.fromCharCode(...units);
    units = [];
  }
  return text + String.fromCharCode(...units);
}

/** Append the UTF-16 units of the character at that place; gives how many bytes it has beyond the first, -1 for none. */
function codeAt(bytes: Uint8Array, at: number, units: number[]): number {
  const first = bytes[at] as number;
  if (first < 0x80) {
    units.push(first);
    return first === 0 ? -1 : 0;
  }
  const lead = leads.find(([low, high]) => first >= low && first <= high);
  if (!lead) return -1;
  const [, , more, low, high] = lead;
  let code = first & (0x3f >> more);
  for (let next = 1; next <= more; next += 1) {
    const byte = bytes[at + next] ?? 0;
    if (byte < (next === 1 ? low : 0x80) || byte > (next === 1 ? high : 0xbf)) return -1;
    code = (code << 6) | (byte & 0x3f);
  }
  if (code > 0xffff) units.push(0xd800 + ((code - 0x10000) >> 10), 0xdc00 + ((code - 0x10000) & 0x3ff));
  else units.push(code);
  return more;
}
