/**
 * Whether a list of words (packed: one string costs less at load than many; a space on both ends) has the word.
 * A word with a space of its own would be found across two.
 */
export const isAmong = (words: string, word: string): boolean => !word.includes(' ') && words.includes(` ${word} `);
