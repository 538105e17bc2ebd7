import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { leftovers, look, removeEmptyCgroups, restore } from './machine.ts';
import { begin, call, flavour, probe, runtime, type CallOptions, type Result, type Running } from './runtime.ts';
import { until, usual } from './wait.ts';
import type { Config, Edit } from './config.ts';
import type { Report } from './report.ts';

let template: string | undefined;

/**
 * A directory that tools/conformance.sh removes where the test could not: marked at once, for a test can be killed at
 * any time.
 */
function markedDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'ocirun-test-'));
  const mark = process.env['OCIRUN_TEST_MARK'];
  if (mark) writeFileSync(join(directory, mark), '');
  return directory;
}

/** A place of its own for one test: bundles, a state directory, and the list of what must not be left behind. */
export class Sandbox {
  readonly directory = markedDirectory();
  /** The `--root` of every call. */
  readonly root = join(this.directory, 'state');
  /** Starts every container id, so that cgroups and processes can be told from others'. */
  readonly name = basename(this.directory);
  /** The runtime under test, for what calls it by other means. */
  readonly runtime = runtime;
  readonly #before = look(this.name);
  readonly #undos: (() => void)[] = [];
  #calls = 0;

  constructor() {
    mkdirSync(this.root, { mode: 0o711 });
  }

  /** A container id that no other test uses. */
  id(suffix = 'a'): string {
    return `${this.name}-${suffix}`;
  }

  /** The path of a file in the sandbox. */
  path(name: string): string {
    return join(this.directory, name);
  }

  /** The config that the runtime itself proposes, without a terminal, with the probe as its process. */
  config(): Config {
    if (template === undefined) {
      const made = this.path('spec');
      mkdirSync(made);
      call(['spec', '--bundle', made], { stdout: this.path('spec.out'), stderr: this.path('spec.err') });
      template = readFileSync(join(made, 'config.json'), 'utf8');
    }
    const config = JSON.parse(template) as Config;
    config.process.terminal = false;
    config.process.args = ['/probe', 'report'];
    return config;
  }

  /** Make a bundle: a root filesystem with the probe, and the default config with the edits. */
  bundle(...edits: Edit[]): string {
    return this.bundleIn('bundle', ...edits);
  }

  /** The root filesystem of the bundle of this name. */
  rootfs(name = 'bundle'): string {
    const rootfs = this.path(`${name}/rootfs`);
    if (!existsSync(join(rootfs, 'probe'))) {
      ['proc', 'sys', 'dev', 'etc', 'tmp'].forEach((d) => mkdirSync(join(rootfs, d), { recursive: true }));
      copyFileSync(probe, join(rootfs, 'probe'));
      chmodSync(join(rootfs, 'probe'), 0o755);
    }
    return rootfs;
  }

  /**
   * Give the root filesystem to the root of a user namespace, who can get there. A runtime that has let a mount escape
   * may have left the host's devices in it: they stay whose they are.
   */
  give(owner: number): void {
    chmodSync(this.directory, 0o711);
    const what = ['-xdev', '(', '-type', 'f', '-o', '-type', 'd', '-o', '-type', 'l', ')'];
    execFileSync('find', [this.rootfs(), ...what, '-exec', 'chown', '-h', `${owner}:${owner}`, '{}', '+']);
  }

  /** Make or change the bundle of this name. */
  bundleIn(name: string, ...edits: Edit[]): string {
    const bundle = this.path(name);
    this.rootfs(name);
    const config = this.config();
    edits.forEach((edit) => edit(config));
    writeFileSync(join(bundle, 'config.json'), JSON.stringify(config, null, 2));
    return bundle;
  }

  /** A file of the sandbox with this content, and the directories that lead to it. */
  file(name: string, content = name, mode = 0o644): string {
    mkdirSync(dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), content);
    chmodSync(this.path(name), mode); // The umask has no say.
    return this.path(name);
  }

  /** Have this done, the last one first, before anybody looks for what is left behind. */
  undo(step: () => void): void {
    this.#undos.unshift(step);
  }

  /** Mount something on a directory of the sandbox, which is made where it is missing. */
  mount(name: string, ...args: readonly string[]): string {
    const target = this.path(name);
    mkdirSync(target, { recursive: true });
    execFileSync('mount', [...args, target]);
    this.undo(() => execFileSync('umount', ['--recursive', target]));
    return target;
  }

  #files(): { stdout: string; stderr: string } {
    this.#calls += 1;
    return { stdout: this.path(`out.${this.#calls}`), stderr: this.path(`err.${this.#calls}`) };
  }

  /** The last call's standard output as it is now: a created container goes on writing into it. */
  output(number = this.#calls): string {
    return readFileSync(this.path(`out.${number}`), 'utf8');
  }

  /** How many calls there were, for `output`. */
  get calls(): number {
    return this.#calls;
  }

  /** Call the runtime with this sandbox's `--root`. */
  call(args: readonly string[], options: CallOptions = {}): Result {
    return call(['--root', this.root, ...args], this.#files(), options);
  }

  /** Call the runtime with nothing before the arguments. */
  plain(args: readonly string[], options: CallOptions = {}): Result {
    return call(args, this.#files(), options);
  }

  /** Call the runtime without waiting for it. */
  begin(args: readonly string[], options: CallOptions = {}): Running {
    return begin(['--root', this.root, ...args], this.#files(), options);
  }

  /** Call the runtime, and throw what it said where it failed. */
  must(args: readonly string[], options: CallOptions = {}): Result {
    const result = this.call(args, options);
    if (result.status !== 0) throw new Error(`${args.join(' ')}: status ${result.status}: ${result.stderr}`);
    return result;
  }

  /** The state document of a container; undefined where `state` fails. */
  state(id = this.id()): Record<string, unknown> | undefined {
    const result = this.call(['state', id]);
    return result.status === 0 ? (JSON.parse(result.stdout) as Record<string, unknown>) : undefined;
  }

  /** Wait until a container has a status. */
  reaches(status: string, id = this.id()): boolean {
    return until(() => this.state(id)?.['status'] === status) ?? false;
  }

  /** Create and start a container whose process says "ready", and wait for that. */
  startReady(id = this.id(), bundle = this.bundle((c) => void (c.process.args = ['/probe', 'sleep']))): number {
    this.must(['create', '--bundle', bundle, id]);
    const number = this.#calls;
    const pid = Number(this.state(id)?.['pid']);
    this.must(['start', id]);
    if (!until(() => this.output(number).includes('ready'))) throw new Error(`${id} was started and never got ready`);
    return pid;
  }

  /** Run the probe's report in a container and hand it back. */
  report(edits: readonly Edit[] = [], options: CallOptions & { flags?: string[] } = {}): Report {
    const bundle = this.bundle(...edits);
    const result = this.must(['run', '--bundle', bundle, ...(options.flags ?? []), this.id()], options);
    return JSON.parse(result.stdout) as Report;
  }

  /** The ids that the runtime keeps state of. */
  ids(): string[] {
    return readdirSync(this.root).filter((name) => name.startsWith(this.name));
  }

  /** Delete every container by force, then say what is still there; after that nothing is. */
  close(): string[] {
    const failed = this.ids().flatMap((id) => {
      const result = this.call(['delete', '--force', id]);
      return result.status === 0 ? [] : [`delete --force ${id}: ${result.stderr.trim()}`];
    });
    this.#undos.forEach((step) => step());
    until(() => {
      if (flavour !== 'ocirun') removeEmptyCgroups(this.#before);
      return leftovers(this.#before).length === 0;
    }, usual / 10);
    const left = [...failed, ...this.ids().map((id) => `state of ${id}`), ...leftovers(this.#before)];
    if (left.length > 0) restore(this.#before);
    rmSync(this.directory, { recursive: true, force: true });
    return left;
  }
}
