/** Kills a runtime, or an init, at one system call after the other, and looks at what is left. */
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import { alive, leftovers, look, type Machine } from '../lib/machine.ts';
import { repository, runtime } from '../lib/runtime.ts';
import type { Sandbox } from '../lib/sandbox.ts';
import { until, usual } from '../lib/wait.ts';

/** The tracer. */
export const killAt = join(repository, 'build/conformance/kill-at');
const full = process.env['OCIRUN_TEST_FULL'] === '1';
const seed = Number(process.env['OCIRUN_TEST_SEED'] ?? Date.now() % 1_000_000);

/** What kill_at.c reports. */
interface Killing {
  readonly end: 'ended' | 'hang';
  readonly killed: boolean;
  readonly call: number;
  readonly counted: number;
  readonly status: number;
  readonly started: number[];
}

const never = 1_000_000;

const killing = (box: Sandbox, who: string, n: number, args: readonly string[]): Killing => {
  const file = openSync(box.path('killing'), 'w');
  const out = openSync(box.path('killing.out'), 'w');
  spawnSync(killAt, [who, String(n), runtime, '--root', box.root, ...args], {
    stdio: ['ignore', out, out, file],
    timeout: 4 * usual,
    killSignal: 'SIGKILL',
  });
  [file, out].forEach((fd) => closeSync(fd));
  return JSON.parse(readFileSync(box.path('killing'), 'utf8')) as Killing;
};

/** A linear congruential generator (Numerical Recipes): the choice can be repeated with its seed. */
const random = (start: number) => {
  let state = start >>> 0;
  return (limit: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
};

/** Every system call from 1 to the last; a twentieth of them, but the first and the last, unless OCIRUN_TEST_FULL=1. */
export const choose = (t: Test, last: number): number[] => {
  const all = Array.from({ length: last }, (_, index) => index + 1);
  t.comment(full ? `all of ${last} system calls` : `a twentieth of ${last} system calls, OCIRUN_TEST_SEED=${seed}`);
  const pick = random(seed);
  while (!full && all.length > Math.max(3, Math.ceil(last / 20))) all.splice(1 + pick(all.length - 2), 1);
  return all;
};

/** `delete --force` puts everything back; what is still there, and what it said. */
export const remains = (box: Sandbox, before: Machine): string[] => {
  const result = box.call(['delete', '--force', box.id()], { timeout: 2 * usual });
  const said = result.status === 0 ? [] : [`delete --force: status ${result.status}: ${result.stderr.trim()}`];
  const state = existsSync(join(box.root, box.id())) ? [`state directory of ${box.id()}`] : [];
  until(() => leftovers(before).length === 0, usual / 25);
  return [...said, ...state, ...leftovers(before)];
};

/** Run one operation again and again, killing `who` one system call later each time. */
export const sweep = (
  t: Test,
  box: Sandbox,
  who: string | (() => string),
  args: readonly string[],
  prepare: () => void,
  check: (n: number, killing: Killing) => string[],
): void => {
  const before = look(box.name);
  const once = (n: number) => {
    prepare();
    const result = killing(box, typeof who === 'string' ? who : who(), n, args);
    const wrong = result.end === 'hang' ? [`${args[0]} hangs`] : check(n, result);
    const where = `system call ${n} (number ${result.call}): `;
    return { result, wrong: [...wrong, ...remains(box, before)].map((text) => where + text) };
  };
  const whole = once(never);
  t.strictSame([whole.result.killed, whole.result.status, ...whole.wrong], [false, 0], 'it works without a killing');
  const wrong = choose(t, whole.result.counted).flatMap((n) => once(n).wrong);
  t.strictSame(wrong, [], 'nothing goes wrong wherever it is killed');
};

/** An init whose runtime is gone lives on only where the container is already "created". */
export const initGoesToo =
  (box: Sandbox, within = 100) =>
  (_: number, { killed, started }: Killing) => {
    if (!killed) return [];
    until(() => !started.some((pid) => alive(pid)), within);
    const living = started.filter((pid) => alive(pid));
    const saved = ['created', 'running'].includes(String(box.state()?.['status']));
    return living.length > 0 && !saved ? [`init ${living.join(' ')} lives ${within} ms after its runtime`] : [];
  };

/** exit_group(2) on x86-64, where the sweep counts. */
const exitGroup = 231;

/** A runtime whose init is gone fails, and has taken back what it did. */
export const runtimeFails =
  (box: Sandbox) =>
  (_: number, { killed, status, call }: Killing) => {
    if (!killed) return [];
    // The first stage of init has done all of its work when it ends; the second one, which has not been killed, lives.
    if (status === 0 && Number(call) === exitGroup) return [];
    // From "ready" on init owes the runtime nothing: such a container was created, and is stopped once init is dead,
    // which takes as long as its namespaces take to go.
    if (status === 0) return box.reaches('stopped') ? [] : ['status 0, and the container is not stopped'];
    return box.ids().length > 0 ? [`status ${status}, and the state directory is still there`] : [];
  };
