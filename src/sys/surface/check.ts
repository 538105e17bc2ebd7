/** What the cases of the surface need to say what should be so; it runs on both hosts. */
import { At, O } from '../constants.ts';
import type { Native } from '../native.ts';

/** What the cases get: the functions, and things a case may not know by itself. */
export type Check = (native: Native) => void;

/** At least one case for every function of the surface. */
export type Surface = { readonly [F in keyof Native]: Readonly<Record<string, Check>> };

const show = (value: unknown): string =>
  JSON.stringify(value, (_key, part: unknown) => (part instanceof Uint8Array ? Array.from(part) : part)) ??
  String(value);

export function ok(value: boolean, what: string): void {
  if (!value) throw new Error(`should be so: ${what}`);
}

export function equal(actual: unknown, expected: unknown, what = 'value'): void {
  if (show(actual) !== show(expected)) throw new Error(`${what}: ${show(actual)} instead of ${show(expected)}`);
}

function caught(action: () => unknown): Error {
  let result;
  try {
    result = action();
  } catch (error) {
    if (error instanceof Error) return error;
    throw new Error('what is thrown should be an Error');
  }
  throw new Error(`should throw, gave ${show(result)}`);
}

/** `action` throws an error of the kernel's with all its marks. */
export function fails(action: () => unknown, code: string, errno: number, syscall: string, words?: string): void {
  const error = caught(action) as Error & { errno?: number; code?: string; syscall?: string };
  equal([error.name, error.code, error.errno, error.syscall], ['Error', code, errno, syscall], error.message);
  ok(error.message.startsWith(`${syscall}: `), `message: ${error.message}`);
  if (words !== undefined) equal(error.message, `${syscall}: ${words}`);
}

/** `action` throws a TypeError whose message begins so. */
export function refuses(action: () => unknown, message: string): void {
  const error = caught(action);
  ok(error.name === 'TypeError' && error.message.startsWith(message), `${message} …: ${error.name} ${error.message}`);
}

/** A file of /proc or of our own, whole. */
export function contentOf(native: Native, path: string): string {
  const fd = native.open(path, O.RDONLY, 0);
  try {
    return native.readText(fd, 1 << 20);
  } finally {
    native.close(fd);
  }
}

/** The line `title: …` of a file like /proc/self/status, without its title. */
export const lineOf = (text: string, title: string): string =>
  text
    .split('\n')
    .find((line) => line.startsWith(title))
    ?.slice(title.length)
    .trim() ?? `no ${title}`;

/** Check that these descriptors are closed at exec, use them, close them. */
export function withFds(
  native: Native,
  fds: readonly number[],
  use: (...fds: number[]) => void = () => undefined,
): void {
  try {
    for (const fd of fds) {
      const flags = parseInt(lineOf(contentOf(native, `/proc/self/fdinfo/${fd}`), 'flags:'), 8);
      ok((flags & 0o2000000) !== 0, `descriptor ${fd} is closed at exec`);
    }
    use(...fds);
  } finally {
    for (const fd of fds) native.close(fd);
  }
}

/** Make the file `name` in the current directory with that content, use it, remove it. */
export function withFile(native: Native, name: string, content: string | Uint8Array, use: () => void): void {
  withFds(native, [native.open(name, O.WRONLY | O.CREAT | O.TRUNC, 0o700)], (fd) => native.write(fd, content));
  try {
    use();
  } finally {
    native.unlinkat(At.FDCWD, name, 0);
  }
}

/** Wait for the end of a child: [si_code, si_status]. */
export function endOf(native: Native, pidfd: number): number[] {
  try {
    return native.waitPidfd(pidfd, 0);
  } finally {
    native.close(pidfd);
  }
}
