// The escapes of strings and byte strings in GVariant's text format.
import { utf8 } from './text.ts';

/** Makes an error about a place in the string. */
type Wrong = (why: string, at: number) => Error;

const letters: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

/** Go through a string; `escape` gives how many characters of an escape it has taken, behind the backslash. */
function each(text: string, plain: (character: string, at: number) => void, escape: (at: number) => number): void {
  for (let at = 0; at < text.length;) {
    if (text.charAt(at) === '\\') {
      at += 1 + escape(at + 1);
      continue;
    }
    const character = String.fromCodePoint(text.codePointAt(at) as number);
    plain(character, at);
    at += character.length;
  }
}

/** A string, without its quotes. */
export function escapedText(text: string, wrong: Wrong): string {
  let result = '';
  const add = (character: string, at: number): void => {
    const code = character.codePointAt(0) as number;
    if (code === 0 || (code >= 0xd800 && code <= 0xdfff)) throw wrong('a character that no string on D-Bus has', at);
    result += character;
  };
  each(text, add, (at) => {
    const letter = text.charAt(at);
    if (letter === 'u' || letter === 'U') return 1 + hexadecimal(text, at, letter === 'u' ? 4 : 8, wrong, add);
    // The end of a line that is escaped is none.
    if (letter === '\n') return 1;
    const character = letters[letter] ?? String.fromCodePoint(text.codePointAt(at) as number);
    add(character, at);
    return letter in letters ? 1 : character.length;
  });
  return result;
}

function hexadecimal(
  text: string,
  at: number,
  count: number,
  wrong: Wrong,
  add: (character: string, at: number) => void,
): number {
  const digits = text.slice(at + 1, at + 1 + count);
  const code = /^[0-9a-fA-F]*$/.test(digits) && digits.length === count ? parseInt(digits, 16) : Infinity;
  if (code > 0x10ffff)
    throw wrong(`\\${text.charAt(at)} is followed by ${count} hexadecimal digits of a character`, at);
  add(String.fromCodePoint(code), at);
  return count;
}

/** Numbers of bytes, behind the backslash: godbus has \x41 and \0101, GLib has \101. */
const numbers: readonly (readonly [RegExp, number, number])[] = [
  [/x[0-9a-fA-F]{2}/y, 1, 16],
  [/0[0-3][0-7]{2}/y, 1, 8],
  [/[0-3][0-7]{2}|[0-7]{1,2}/y, 0, 8],
];

/** A string of bytes, without its quotes; a NUL comes behind it. */
export function escapedBytes(text: string, wrong: Wrong): Uint8Array {
  const bytes: number[] = [];
  each(
    text,
    (character) => void bytes.push(...(character === '\0' ? [0] : utf8(character))),
    (at) => {
      for (const [form, skipped, base] of numbers) {
        form.lastIndex = at;
        const found = form.exec(text)?.[0];
        if (found === undefined) continue;
        bytes.push(parseInt(found.slice(skipped), base));
        return found.length;
      }
      const character = String.fromCodePoint(text.codePointAt(at) as number);
      if (character === 'x') throw wrong('\\x is followed by two hexadecimal digits', at);
      bytes.push(...utf8(letters[character] ?? character));
      return character.length;
    },
  );
  return Uint8Array.from([...bytes, 0]);
}
