import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, copyFileSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Edit } from '../lib/config.ts';
import { mounts } from '../lib/machine.ts';
import { repository, type CallOptions, type Result } from '../lib/runtime.ts';
import type { Sandbox } from '../lib/sandbox.ts';
import { until } from '../lib/wait.ts';

/** The static program that tools/conformance.sh compiles. */
export const attacker = join(repository, 'build/conformance/attacker');

/** The process runs the attacker with these arguments. */
export const attacking =
  (...args: string[]): Edit =>
  (config) => {
    config.process.args = ['/attacker', ...args];
  };

/** Status of `attacker search` where it has found the text. */
export const found = 42;

/** Names that a runtime uses in `/dev`, `/sys`, … or that the tests mount at: a link may lead to any of them. */
const directories = ['pts', 'shm', 'mqueue', 'fs/cgroup', 'cgroup', 'tmpfs', 'cwd', 'directory', 'tree'];
const files = ['canary', 'null', 'zero', 'full', 'random', 'urandom', 'tty', 'passwd', 'file'];

/**
 * What a container must not reach: a directory of the host, full of files with a text that is nowhere else, and a
 * filesystem mounted in it. Afterwards it has to be as it was, and nobody may have opened anything in it.
 */
export class Outside {
  readonly directory: string;
  readonly text: string;
  readonly #box: Sandbox;
  readonly #before: string[];
  readonly #mounts: string[];

  constructor(box: Sandbox) {
    this.#box = box;
    this.directory = box.path('outside');
    this.text = `secret of ${box.name}`;
    this.#fill(this.directory);
    // Here, what is missing could be made.
    this.#fill(join(this.directory, 'directory'), ['tmpfs', 'cwd', 'directory', 'tree']);
    mkdirSync(join(this.directory, 'mounted'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'canary', join(this.directory, 'mounted')]);
    this.#fill(join(this.directory, 'mounted'));
    this.#before = this.#entries();
    this.#mounts = mounts();
  }

  #fill(directory: string, without: readonly string[] = []): void {
    for (const name of directories) if (!without.includes(name)) mkdirSync(join(directory, name), { recursive: true });
    for (const name of files) writeFileSync(join(directory, name), `${this.text}\n`);
  }

  #entries(directory = this.directory): string[] {
    return readdirSync(directory).flatMap((name) => {
      const path = join(directory, name);
      const { mode, uid, gid, size, rdev, ino, mtimeMs, ctimeMs } = lstatSync(path);
      const entry = [path, mode.toString(8), uid, gid, size, rdev, ino, mtimeMs, ctimeMs].join(' ');
      return [entry, ...((mode & 0o170000) === 0o040000 ? this.#entries(path) : [])];
    });
  }

  /** Call the runtime; `events` is what happened outside meanwhile. */
  watching(args: readonly string[], options: CallOptions = {}): { result: Result; events: string[] } {
    const file = this.#box.path('events');
    const through = [attacker, 'watch', file, this.directory, '--', ...(options.through ?? [])];
    const result = this.#box.call(args, { ...options, through });
    return { result, events: lines(file) };
  }

  /** What is not as it was: files, directories, and the mounts of the machine. */
  changes(): string[] {
    const difference = (was: string[], is: string[]) => [
      ...was.filter((entry) => !is.includes(entry)).map((entry) => `- ${entry}`),
      ...is.filter((entry) => !was.includes(entry)).map((entry) => `+ ${entry}`),
    ];
    return [...difference(this.#before, this.#entries()), ...difference(this.#mounts, mounts())];
  }

  /** Take the filesystem away again. */
  close(): void {
    execFileSync('umount', [join(this.directory, 'mounted')]);
  }
}

/** The lines of a file. */
export const lines = (file: string): string[] => readFileSync(file, 'utf8').split('\n').filter(Boolean);

/** Give the root filesystem of a bundle the attacker, too. */
export const arm = (bundle: string): string => {
  const program = join(bundle, 'rootfs/attacker');
  copyFileSync(attacker, program);
  chmodSync(program, 0o755);
  return bundle;
};

/** Exchange paths below a directory until the end of `body`. */
export async function swapping(
  box: Sandbox,
  directory: string,
  seed: number,
  pairs: readonly (readonly [string, string])[],
  body: () => void,
): Promise<void> {
  const swapper: ChildProcess = spawn(attacker, ['swap', directory, String(seed), ...pairs.flat()], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((done) => swapper.on('exit', done));
  try {
    await new Promise((ready) => swapper.stdout?.once('data', ready));
    body();
  } finally {
    swapper.kill('SIGKILL');
    await ended;
  }
}

/** Wait until a file has a line that fits. */
export const appears = (file: string, pattern: RegExp): boolean =>
  until(() => lines(file).some((line) => pattern.test(line))) ?? false;
