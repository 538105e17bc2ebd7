import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { basename, isAbsolute, join, resolve } from 'node:path';
import { usual } from './wait.ts';

/** The top of the repository. */
export const repository = resolve(import.meta.dirname, '../..');

/** The static programs that tools/conformance.sh compiles. */
export const probe = join(repository, 'build/conformance/probe');

const named = process.env['RUNTIME'] ?? 'bin/ocirun';

/** The runtime under test: a path from the top of the repository, or a name that PATH knows. */
export const runtime = !named.includes('/') || isAbsolute(named) ? named : join(repository, named);

// Named by its path, because tests choose what is on PATH, and `#!/usr/bin/env node` looks there.
const interpreter = runtime.endsWith('.js') ? [process.execPath] : [];

/** Whose texts and extras to expect. */
export const flavour = basename(named).startsWith('ocirun') ? 'ocirun' : 'runc';

/** The reason to skip what a runtime of this name cannot know; false for every other. */
export const unknownTo = (program: string, reason: string): string | false => basename(named) === program && reason;

/** Whether the runtime is the static binary, whose system calls and files may be counted. */
export const isStandalone = basename(named) === 'ocirun';

/** How one call of the runtime ended, with all that it wrote. */
export interface Result {
  /** The exit status; 128+N where a signal ended it. */
  readonly status: number;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a call may be given besides its arguments. */
export interface CallOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** A file to read standard input from. */
  readonly stdin?: string;
  /** Descriptors from 3 on. */
  readonly extra?: readonly number[];
  /** A program with arguments that starts the runtime, such as strace. */
  readonly through?: readonly string[];
  /** `through` is the whole command. */
  readonly alone?: boolean;
  readonly timeout?: number;
}

/** Where a call's output goes: into files, because a created container keeps the descriptors after the call ended. */
export interface OutputFiles {
  readonly stdout: string;
  readonly stderr: string;
}

const openAll = (files: OutputFiles, options: CallOptions) => [
  openSync(options.stdin ?? '/dev/null', 'r'),
  openSync(files.stdout, 'w'),
  openSync(files.stderr, 'w'),
];

const command = (args: readonly string[], options: CallOptions): [string, string[]] => {
  const [program = runtime, ...rest] = [
    ...(options.through ?? []),
    ...(options.alone ? [] : [...interpreter, runtime, ...args]),
  ];
  return [program, rest];
};

/** Call the runtime and wait for its end. */
export const call = (args: readonly string[], files: OutputFiles, options: CallOptions = {}): Result => {
  const stdio = openAll(files, options);
  const [program, rest] = command(args, options);
  const ended = spawnSync(program, rest, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: [...stdio, ...(options.extra ?? [])],
    timeout: options.timeout ?? 6 * usual,
    killSignal: 'SIGKILL',
  });
  stdio.forEach((fd) => closeSync(fd));
  if (ended.error && ended.status === null && ended.signal === null) throw ended.error;
  return {
    status: ended.status ?? 128,
    signal: ended.signal,
    stdout: readFileSync(files.stdout, 'utf8'),
    stderr: readFileSync(files.stderr, 'utf8'),
  };
};

/** A call that is still going on. */
export interface Running {
  readonly process: ChildProcess;
  readonly ended: Promise<Result>;
}

/** Call the runtime without waiting. */
export const begin = (args: readonly string[], files: OutputFiles, options: CallOptions = {}): Running => {
  const stdio = openAll(files, options);
  const [program, rest] = command(args, options);
  const child = spawn(program, rest, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: [...stdio, ...(options.extra ?? [])],
  });
  stdio.forEach((fd) => closeSync(fd));
  const ended = new Promise<Result>((done, failed) => {
    child.on('error', failed);
    child.on('exit', (status, signal) =>
      done({
        status: status ?? 128,
        signal,
        stdout: readFileSync(files.stdout, 'utf8'),
        stderr: readFileSync(files.stderr, 'utf8'),
      }),
    );
  });
  return { process: child, ended };
};
