import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { conformance } from '../lib/conformance.ts';
import { probing } from '../lib/config.ts';
import { alive, leftovers, look, type Machine } from '../lib/machine.ts';
import { isStandalone, repository, runtime } from '../lib/runtime.ts';
import { pause, until } from '../lib/wait.ts';
import type { Sandbox } from '../lib/sandbox.ts';
import type { Test } from 'tap';

const killAt = join(repository, 'build/conformance/kill-at');
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
    timeout: 20_000,
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
const choose = (t: Test, last: number): number[] => {
  const all = Array.from({ length: last }, (_, index) => index + 1);
  t.comment(full ? `all of ${last} system calls` : `a twentieth of ${last} system calls, OCIRUN_TEST_SEED=${seed}`);
  const pick = random(seed);
  while (!full && all.length > Math.max(3, Math.ceil(last / 20))) all.splice(1 + pick(all.length - 2), 1);
  return all;
};

/** `delete --force` puts everything back; what is still there, and what it said. */
const remains = (box: Sandbox, before: Machine): string[] => {
  const result = box.call(['delete', '--force', box.id()], { timeout: 10_000 });
  const said = result.status === 0 ? [] : [`delete --force: status ${result.status}: ${result.stderr.trim()}`];
  const state = existsSync(join(box.root, box.id())) ? [`state directory of ${box.id()}`] : [];
  until(() => leftovers(before).length === 0, 200);
  return [...said, ...state, ...leftovers(before)];
};

/** Run one operation again and again, killing `who` one system call later each time. */
const sweep = (
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

const scope = {
  only: 'ocirun',
  unless: isStandalone ? false : 'the system calls of Node cannot be counted',
} as const;

const nothing = () => undefined;

/** An init whose runtime is gone lives on only where the container is already "created". */
const initGoesToo =
  (box: Sandbox) =>
  (_: number, { killed, started }: Killing) => {
    if (!killed) return [];
    pause(100);
    const living = started.filter((pid) => alive(pid));
    const saved = ['created', 'running'].includes(String(box.state()?.['status']));
    return living.length > 0 && !saved ? [`init ${living.join(' ')} lives 100 ms after its runtime`] : [];
  };

/** exit_group(2) on x86-64, where the sweep counts. */
const exitGroup = 231;

/** A runtime whose init is gone fails, and has taken back what it did. */
const runtimeFails =
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

const waiting = (box: Sandbox) => {
  const bundle = box.bundle(probing('sleep'));
  return () => void box.must(['create', '--bundle', bundle, box.id()]);
};

conformance(
  'a create killed anywhere can be deleted, and its init goes with it',
  (t, box) => sweep(t, box, 'runtime', ['create', '--bundle', box.bundle(), box.id()], nothing, initGoesToo(box)),
  scope,
);

conformance(
  'a create whose init is killed anywhere fails and leaves nothing',
  (t, box) => sweep(t, box, 'init', ['create', '--bundle', box.bundle(), box.id()], nothing, runtimeFails(box)),
  scope,
);

conformance(
  'a start killed anywhere leaves a container that can be deleted',
  (t, box) => sweep(t, box, 'runtime', ['start', box.id()], waiting(box), () => []),
  scope,
);

conformance(
  'a start whose init is killed anywhere leaves a container that can be deleted',
  (t, box) => {
    const pid = () => String(box.state()?.['pid']);
    sweep(t, box, pid, ['start', box.id()], waiting(box), () => []);
  },
  scope,
);

conformance(
  'a run killed anywhere can be deleted',
  (t, box) =>
    sweep(t, box, 'runtime', ['run', '--bundle', box.bundle(probing('exit', '0')), box.id()], nothing, () => []),
  scope,
);

conformance(
  'strace kills every process of a create at its n-th system call',
  (t, box) => {
    const before = look(box.name);
    const create = ['create', '--bundle', box.bundle(), box.id()];
    const counting = ['strace', '-c', '-o', box.path('count')];
    box.must(create, { through: counting });
    const last = Number(/^100[.,]00\s+\S+\s+\S+\s+(\d+)/m.exec(readFileSync(box.path('count'), 'utf8'))?.[1]);
    t.ok(last > 0, `${last} system calls`);
    t.strictSame(remains(box, before), []);
    const wrong = choose(t, last).flatMap((n) => {
      const through = ['strace', '-D', '-qq', '-f', '-o', '/dev/null', '-e', `inject=all:signal=KILL:when=${n}`];
      box.call(create, { through });
      return remains(box, before).map((text) => `system call ${n}: ${text}`);
    });
    t.strictSame(wrong, []);
  },
  scope,
);

conformance(
  'a delete killed anywhere can be repeated',
  (t, box) => {
    const bundle = box.bundle(probing('exit', '0'));
    const args = ['delete', '--force', box.id()];
    sweep(
      t,
      box,
      'runtime',
      args,
      () => void box.must(['create', '--bundle', bundle, box.id()]),
      () => [],
    );
  },
  scope,
);

if (isStandalone) execFileSync('test', ['-x', killAt]);
