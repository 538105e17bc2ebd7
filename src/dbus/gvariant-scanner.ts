import { fault } from './fault.ts';

/** A place in a text that goes on as things are found there. */
export class Scanner {
  protected readonly text: string;
  protected at = 0;

  constructor(text: string) {
    this.text = text;
  }

  protected wrong(why: string, at = this.at): Error {
    return fault(`character ${at + 1}: ${why}`);
  }

  /** What comes next, for a message. */
  protected shown(): string {
    const word = /[\w@.+-]+|[^]/y;
    word.lastIndex = this.at;
    const found = word.exec(this.text)?.[0];
    return found === undefined ? 'the end' : JSON.stringify(found);
  }

  protected skipSpace(): void {
    while (/\s/.test(this.text.charAt(this.at))) this.at += 1;
  }

  /** Take what comes next, if it is that. */
  protected takes(punctuation: string): boolean {
    this.skipSpace();
    const found = this.text.startsWith(punctuation, this.at);
    if (found) this.at += punctuation.length;
    return found;
  }

  protected expect(punctuation: string): void {
    if (!this.takes(punctuation)) throw this.wrong(`${this.shown()} where ${punctuation} should be`);
  }

  protected match(form: RegExp): string | undefined {
    form.lastIndex = this.at;
    return form.exec(this.text)?.[0];
  }

  /** From quote to quote; gives what is between them. */
  protected quoted(): string {
    const begin = this.at;
    const quote = this.text.charAt(begin);
    for (let at = begin + 1; at < this.text.length; at += 1) {
      if (this.text.charAt(at) === '\\') at += 1;
      else if (this.text.charAt(at) === quote) {
        this.at = at + 1;
        return this.text.slice(begin + 1, at);
      }
    }
    throw this.wrong('the string has no end', begin);
  }
}
