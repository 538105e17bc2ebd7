import t from 'tap';
import { OcirunError } from '../errors/error.ts';
import { rowsOf } from './ps-table.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const text = (rows: readonly Uint8Array[]): string => rows.map((row) => Buffer.from(row).toString('latin1')).join('');

const full = [
  'UID          PID    PPID  C STIME TTY          TIME CMD\n',
  'root           1       0  0 10:00 ?        00:00:01 /sbin/init\n',
  'root          12       1  0 10:00 ?        00:00:00 sh -c echo 7\n',
  '100000       123      12  0 10:00 ?        00:00:00 caf\xe9 \xff\n',
];

const rows: readonly [name: string, output: string, pids: number[], expected: string][] = [
  ['those asked for', full.join(''), [12, 123], full[0] + full.slice(2).join('')],
  ['a number elsewhere in the row is none', full.join(''), [7, 0], full[0] ?? ''],
  ['no newline at the end', 'PID\n  5', [5], 'PID\n  5'],
  ['the heading alone', 'PID CMD\n', [1], 'PID CMD\n'],
  ['the last column', 'CMD     PID\na        9\nb       10\n', [10], 'CMD     PID\nb       10\n'],
  ['a row that is short', 'USER PID\nroot\nroot 3\n\n', [3], 'USER PID\nroot 3\n'],
  ['a thread has no number here', 'PID LWP\n4 -\n- 4\n', [4], 'PID LWP\n4 -\n'],
];

t.test('rows of processes, byte by byte', async (t) => {
  for (const [name, output, pids, expected] of rows)
    t.equal(text(rowsOf(bytes(output), new Set(pids))), expected, name);
});

t.test('without a column PID there is nothing to go by', async (t) => {
  for (const output of ['', 'pid cmd\n1 a\n', 'PPID\n1\n', 'CMD\nPID\n'])
    t.throws(() => rowsOf(bytes(output), new Set([1])), OcirunError, JSON.stringify(output));
});
