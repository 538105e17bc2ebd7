/**
 * Whether a list of words (packed: one string costs less at load than many; a space on both ends) has the word.
 * A word with a space of its own would be found across two.
 */
export const isAmong = (words: string, word: string): boolean => !word.includes(' ') && words.includes(` ${word} `);

/** A name as a part of a JSON pointer (RFC 6901). */
export const escaped = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');

/** How many bytes a text has in UTF-8, which is what the kernel counts. */
export function byteLength(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}

/** Whether a text is a list of numbers and ranges as the kernel reads it (bitmap_parselist): `0-3,5`, `0-15:2/4`. */
export function isNumberList(text: string): boolean {
  return text.split(/[\s,]+/).every((part) => {
    if (part === '') return true;
    const [, first = '', last = first] = /^(\d{1,7})(?:-(\d{1,7}|N)(?::\d{1,7}\/\d{1,7})?)?$/.exec(part) ?? [];
    if (first === '') return /^(?:all|N)$/.test(part);
    return last === 'N' || Number(first) <= Number(last);
  });
}
