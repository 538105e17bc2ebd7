import { type Details, OcirunError } from '../errors/error.ts';
import { At, Mode, O } from '../sys/constants.ts';
import { isSystemError, orElse, reason, sys, withFd } from '../sys/index.ts';
import { firstFault } from './utf8.ts';

/** What is no regular file, in words. */
const kinds: Readonly<Record<number, string>> = {
  [Mode.DIRECTORY]: 'a directory',
  [Mode.FIFO]: 'a named pipe',
  [Mode.CHARACTER]: 'a device',
  [Mode.BLOCK]: 'a device',
  [Mode.SOCKET]: 'a socket',
};

/** What stands at a path that is no regular file; undefined where one does, or nothing can be found out. */
function kindAt(path: string): string | undefined {
  const [mode = 0] = orElse('ENOENT ENOTDIR EACCES ELOOP', [], () => sys.statat(At.FDCWD, path, 0));
  return kinds[mode & Mode.TYPE];
}

/** Why config.json could not be read, or nothing was in it. */
export function unreadable(bundle: string, limit: number, error?: unknown): unknown {
  const path = `${bundle}/config.json`;
  const kind = kindAt(path);
  if (kind !== undefined) return new OcirunError('E_CONFIG_READ', `open ${path}: it is ${kind}, not a file`, { path });
  if (error === undefined)
    return new OcirunError('E_CONFIG_JSON', 'the file is empty', { path, location: 'config.json:1:1' });
  if (!isSystemError(error)) return error;
  const details: Details = {
    path,
    errno: error.errno,
    errnoName: error.code,
    syscall: error.syscall,
    cause: error,
  };
  if (error.code === 'EILSEQ') return notText(path, limit, details);
  const words = error.code === 'EFBIG' ? `it is larger than ${limit >> 20} MiB` : reason(error);
  const hint = hints[error.code]?.(bundle);
  return new OcirunError('E_CONFIG_READ', `open ${path}: ${words}`, { ...details, ...(hint ? { hint } : {}) });
}

const hints: Readonly<Record<string, (bundle: string) => string>> = {
  ENOENT: (bundle) =>
    sys.exists(At.FDCWD, bundle)
      ? 'the bundle has no config.json; ocirun spec writes one'
      : `there is no directory ${bundle}: --bundle names the directory that config.json is in`,
  ENOTDIR: (bundle) => `${bundle} is no directory: --bundle names the directory that config.json is in`,
};

/** The file is not UTF-8: where that shows. */
function notText(path: string, limit: number, details: Details): OcirunError {
  const bytes = withFd(sys.open(path, O.RDONLY | O.NONBLOCK, 0), (fd) => sys.readBytes(fd, limit));
  const { offset, line, column, why } = firstFault(bytes);
  return new OcirunError('E_CONFIG_JSON', `not UTF-8: ${why}, at offset ${offset} of the file`, {
    ...details,
    location: `config.json:${line}:${column}`,
  });
}
