import { O } from './constants.ts';
import type { ControlFile } from './control-files.ts';
import { native } from './native.ts';

/** Do `action` with a descriptor and close it, whatever happens. */
export function withFd<T>(fd: number, action: (fd: number) => T): T {
  try {
    return action(fd);
  } finally {
    native.close(fd);
  }
}

/** The text of a file; EFBIG beyond `limit` bytes. */
export const readFile = (path: string, limit: number): string =>
  withFd(native.open(path, O.RDONLY, 0), (fd) => native.readText(fd, limit));

/** Write to a file that is there, as one takes the kernel's control files. */
export const writeControl = (path: ControlFile, text: string): void =>
  withFd(native.open(path, O.WRONLY, 0), (fd) => native.write(fd, text));

/** Milliseconds of a clock that only goes forward. */
export function monotonic(): number {
  const [seconds, nanoseconds] = native.clock(1);
  return seconds * 1000 + nanoseconds / 1e6;
}
