/**
 * A text as it can be written: half of a surrogate pair has no UTF-8, and control characters are commands to a
 * terminal. Both are escaped; tabs and ends of lines stay.
 */
export const printable = (text: string): string =>
  text.replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]/gu, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16)}`;
  });
