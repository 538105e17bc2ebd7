import { OcirunError } from '../errors/error.ts';

const newline = 10;

/** The bytes as characters of the same number: what is no ASCII stays apart from it, whatever its encoding is. */
function wordsOf(line: Uint8Array): string[] {
  let text = '';
  for (const byte of line) text += String.fromCharCode(byte);
  return text.split(/[ \t]+/).filter(Boolean);
}

/** The lines, each with its newline. */
function linesOf(output: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (let from = 0; from < output.length;) {
    const at = output.indexOf(newline, from);
    const next = at < 0 ? output.length : at + 1;
    lines.push(output.subarray(from, next));
    from = next;
  }
  return lines;
}

/**
 * The heading of what ps(1) has written, and the rows of these processes. The names of programs are any bytes: they are
 * handed on as they came.
 */
export function rowsOf(output: Uint8Array, pids: ReadonlySet<number>): Uint8Array[] {
  const [heading = output, ...rows] = linesOf(output);
  const titles = wordsOf(heading.subarray(0, heading.at(-1) === newline ? -1 : undefined));
  const column = titles.indexOf('PID');
  if (column < 0)
    throw new OcirunError('E_USAGE', "couldn't find PID field in ps output", {
      found: titles.join(' '),
      hint: 'ps tells which rows are whose by its column PID: ask for it, as in `-o pid,comm`',
    });
  // The columns in front of it have no blanks; ps writes numbers to the right, names of users to the left.
  return [heading, ...rows.filter((row) => pids.has(Number(wordsOf(row)[column] ?? Number.NaN)))];
}
