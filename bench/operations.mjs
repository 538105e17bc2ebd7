import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';

/** Containers of their own, one after the other: bench/bundles.mjs has what they are. */
const runs = ['run', 'run-engine', 'run-docker', 'run-paths', 'run-seccomp'];

/** The operations of a round, in their order. */
export const operations = ['version', 'create', 'state', 'start', 'kill', 'delete', ...runs];

/**
 * One runtime under measurement. `launch` starts the program through bench/launcher.c; every failure is kept in
 * `failures` and voids the operation's row.
 */
export class Subject {
  samples = Object.fromEntries(operations.map((operation) => [operation, []]));
  failures = [];
  containers = [];

  constructor(name, program, places) {
    this.name = name;
    this.program = program;
    this.places = places;
    this.root = `${places.state}/${name}`;
    this.output = `${places.state}/${name}.output`;
    this.pidFile = `${places.state}/${name}.pid`;
    mkdirSync(this.root);
  }

  arguments(operation, id) {
    const bundle = ['--bundle', `${this.places.bundles}/${this.name}-${operation}`];
    const table = {
      version: ['--version'],
      create: ['create', ...bundle, '--pid-file', this.pidFile, id],
      state: ['state', id],
      start: ['start', id],
      kill: ['kill', id, 'KILL'],
      delete: ['delete', id],
      ...Object.fromEntries(runs.map((run) => [run, ['run', ...bundle, id]])),
    };
    return operation === 'version' ? table.version : ['--root', this.root, ...table[operation]];
  }

  launch(operation, id) {
    const program = [this.output, this.program, ...this.arguments(operation, id)];
    const result = spawnSync(this.places.launcher, program, { encoding: 'utf8' });
    const [ns, kb, status] = result.stdout.split(' ').map(Number);
    const text = readFileSync(this.output, 'utf8');
    const wrong = result.status !== 0 ? `launcher: ${result.stderr}` : status !== 0 ? `wait status ${status}` : '';
    return { ns, kb, text, wrong };
  }

  /** Measures one operation; answers whether it worked. */
  measure(operation, id, expected = '') {
    const { ns, kb, text, wrong } = this.launch(operation, id);
    const problem = wrong || (text.includes(expected) ? '' : `output without ${expected}`);
    if (problem) this.failures.push({ operation, id, problem, text: text.slice(0, 400) });
    else this.samples[operation].push([ns, kb]);
    return !problem;
  }

  round(id) {
    this.measure('version', id);
    const steps = ['create', 'state', 'start', 'kill', 'delete'];
    const failed = steps.find((operation) => !this.step(operation, id));
    if (failed) {
      for (const operation of steps.slice(steps.indexOf(failed) + 1)) {
        this.failures.push({ operation, id, problem: `not tried, ${failed} failed`, text: '' });
      }
      this.remove(id);
    }
    for (const run of runs) if (!this.measure(run, `${id}-${run}`)) this.remove(`${id}-${run}`);
  }

  /** A failure counts also while warming up. */
  forgetWarmUp() {
    this.containers = [];
    for (const operation of operations) this.samples[operation] = [];
  }

  step(operation, id) {
    if (!this.measure(operation, id, { state: '"created"' }[operation])) return false;
    if (operation === 'create') this.containers.push(memoryOfInit(this.pid()));
    return operation !== 'kill' || this.waitForEnd(id);
  }

  pid() {
    return Number(readFileSync(this.pidFile, 'utf8'));
  }

  /** `delete` is measured on a container that has ended; a signal sent is not yet a process gone. */
  waitForEnd(id) {
    for (let tries = 0; tries < 1000; tries++) {
      if (hasEnded(this.pid())) return true;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
    }
    this.failures.push({ operation: 'kill', id, problem: 'init lives on after SIGKILL', text: '' });
    return false;
  }

  remove(id) {
    spawnSync(this.program, ['--root', this.root, 'delete', '--force', id]);
    rmSync(`${this.root}/${id}`, { recursive: true, force: true });
  }
}

function hasEnded(pid) {
  try {
    return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return true;
  }
}

/** What a created container holds before its own program runs, in kB; `charged` only where cgroup2 counts memory. */
function memoryOfInit(pid) {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const field = (name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? NaN);
  const group = /^0::(.*)$/m.exec(readFileSync(`/proc/${pid}/cgroup`, 'utf8'))?.[1];
  const counter = `/sys/fs/cgroup${group}/memory.current`;
  const charged = existsSync(counter) ? Number(readFileSync(counter, 'utf8')) / 1024 : undefined;
  return { rss: field('Rss'), pss: field('Pss'), anonymous: field('Anonymous'), charged };
}
