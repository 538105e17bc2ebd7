import { At, O } from './sys/constants.ts';
import { monotonic, sys, withFd } from './sys/index.ts';

/** When each phase of this command ended: its name, and milliseconds of the monotonic clock. */
const marks: [name: string, at: number][] = [];
let on = false;

/** Begin to keep marks (`--trace`). */
export function startTrace(): void {
  on = true;
  mark('load');
}

/** The phase with that name has ended. */
export function mark(name: string): void {
  if (on) marks.push([name, monotonic()]);
}

/** Write the phases as Chrome trace events, which Perfetto opens; times in microseconds. */
export function writeTrace(path: string): void {
  const events = marks.slice(1).map(([name, at], index) => {
    const begin = marks[index]?.[1] ?? at;
    return { name, ph: 'X', pid: sys.getpid(), tid: 1, ts: begin * 1000, dur: (at - begin) * 1000 };
  });
  const fd = sys.openat(At.FDCWD, path, O.WRONLY | O.CREAT | O.TRUNC, 0o644);
  withFd(fd, () => sys.write(fd, JSON.stringify({ traceEvents: events })));
}
