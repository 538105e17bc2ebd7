import { catalogue, type Code, type Entry } from '../errors/catalogue.ts';
import { OcirunError } from '../errors/error.ts';
import { nearest } from '../spec/suggest.ts';
import { sys } from '../sys/index.ts';
import type { Context } from './context.ts';

const codes = Object.keys(catalogue) as Code[];

const width = 80;

/** `explain`: what a code of an error means, how it comes about and what to do; without a code, all of them. */
export function explainCommand({ args: [word] }: Context): number {
  sys.write(1, word === undefined ? list() : told(codeOf(word)));
  return 0;
}

function list(): string {
  const column = Math.max(...codes.map((code) => code.length)) + 2;
  return codes.map((code) => `${code.padEnd(column)}${catalogue[code].meaning}\n`).join('');
}

function told(code: Code): string {
  const { meaning, cause, cure }: Entry = catalogue[code];
  return `${code}\n\n${lines(meaning)}\n\nHow it comes about:\n${lines(cause)}\n\nWhat to do:\n${lines(cure)}\n`;
}

/** A text in lines that fit every terminal. */
function lines(text: string): string {
  const result: string[] = [];
  let line = ' ';
  for (const word of text.split(' ')) {
    if (line.length + 1 + word.length > width) {
      result.push(line);
      line = ' ';
    }
    line += ` ${word}`;
  }
  return [...result, line].join('\n');
}

/** The code that is meant, in any case, with `E_` or without it. */
function codeOf(word: string): Code {
  const name = word.toUpperCase().replaceAll('-', '_');
  const code = codes.find((each) => each === name || each === `E_${name}`);
  if (code) return code;
  const meant = nearest(name.startsWith('E_') ? name : `E_${name}`, codes);
  throw new OcirunError('E_USAGE', `there is no error code ${JSON.stringify(word)}`, {
    hint: meant ? `did you mean ${meant}?` : '`ocirun explain` lists them',
  });
}
