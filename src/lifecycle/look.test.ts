import t from 'tap';
import { parseLocks, parseProgress } from './look.ts';

/** /proc/PID/cmdline. */
const line = (...args: string[]): string => args.map((arg) => `${arg}\0`).join('');

void t.test('the step that init is at is in its arguments', async (t) => {
  t.equal(parseProgress(line('ocirun-init', '8', '0', '0000000042')), 42);
  t.equal(parseProgress(line('ocirun-init', '8', '0')), undefined);
  t.equal(parseProgress(line('/bin/sh', '-c', 'x', '0000000042')), undefined);
  t.equal(parseProgress(line('ocirun-init', '8', '0', '0000000042', 'more')), undefined);
  t.equal(parseProgress(''), undefined);
});

void t.test('who holds a lock, by the number of the file', async (t) => {
  const locks = [
    '1: POSIX  ADVISORY  WRITE 11 08:01:131 0 EOF',
    '2: FLOCK  ADVISORY  WRITE 12 00:2a:131 0 EOF',
    '2: -> FLOCK  ADVISORY  WRITE 13 00:2a:131 0 EOF',
    '3: FLOCK  ADVISORY  WRITE 0 00:2a:132 0 EOF',
  ].join('\n');
  t.equal(parseLocks(locks, 0, 42, 131), 12);
  t.equal(parseLocks(locks, 8, 1, 131), undefined, 'a lock of another kind');
  t.equal(parseLocks(locks, 0, 42, 132), undefined, 'of a process that cannot be seen');
  t.equal(parseLocks('', 0, 42, 131), undefined);
});
