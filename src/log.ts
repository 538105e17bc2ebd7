import { printable } from './errors/printable.ts';
import { rfc3339Nano } from './state/time.ts';
import { At, O } from './sys/constants.ts';
import { attempt, orElse, sys } from './sys/index.ts';

export type Level = 'debug' | 'warning' | 'error';
export type LogFormat = 'text' | 'json';
type Fields = Readonly<Record<string, unknown>>;

/** Where messages go. Errors are logged by main.ts alone; the rest of the code throws them. */
export interface Log {
  readonly debugging: boolean;
  debug(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
  /** An error for a program that reads the last line of the log: a standard error for people does not get it. */
  lastError(message: string, fields?: Fields): void;
}

const standardError = 2;

/** `key="value"` as logrus writes it, which runc's users have scripts for. */
function textLine(time: string, level: Level, message: string, fields: Fields): string {
  const known = Object.entries(fields).filter(([, value]) => value !== undefined);
  const more = known.map(([key, value]) => ` ${key}=${JSON.stringify(value)}`);
  return `time="${time}" level=${level} msg=${JSON.stringify(message)}${more.join('')}\n`;
}

/** The line that engines read: `level`, `msg` and `time` as runc writes them, our own fields behind. */
const jsonLine = (time: string, level: Level, message: string, fields: Fields): string =>
  `${JSON.stringify({ level, msg: message, time, ...fields })}\n`;

const lines: Readonly<Record<LogFormat, typeof textLine>> = { text: textLine, json: jsonLine };

/** A message that cannot be written (the disk is full, nobody reads) is no reason to fail, nor to hide another. */
const tell = (fd: number, line: string): void =>
  orElse('EBADF ENOSPC EPIPE EIO EDQUOT', undefined, () => sys.write(fd, line));

/**
 * A log that writes to a file, or to standard error where no file is named. Errors go to both.
 * @param path file to append to (0644)
 */
export function openLog(path: string | undefined, format: LogFormat, debugging: boolean): Log {
  const file = path
    ? attempt('E_USAGE', `open log ${path}`, () => sys.openat(At.FDCWD, path, O.WRONLY | O.CREAT | O.APPEND, 0o644), {
        path,
      })
    : -1;
  const write = (level: Level, message: string, fields: Fields): void => {
    const line = (): string => lines[format](rfc3339Nano(...sys.clock(0)), level, message, fields);
    if (file >= 0) tell(file, line());
    else if (format === 'json') tell(standardError, line());
    else tell(standardError, `${level === 'error' ? '' : `ocirun: ${level}: `}${printable(message)}\n`);
  };
  return {
    debugging,
    debug: (message, fields = {}) => {
      if (debugging) write('debug', message, fields);
    },
    warn: (message, fields = {}) => write('warning', message, fields),
    error: (message, fields = {}) => {
      if (file >= 0) tell(standardError, `${printable(message)}\n`);
      write('error', message, fields);
    },
    lastError: (message, fields = {}) => {
      if (file >= 0 || format === 'json') write('error', message, fields);
    },
  };
}
