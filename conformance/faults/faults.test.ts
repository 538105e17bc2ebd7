/**
 * Each system call of init fails once: what comes of it is told with the step, the part of config.json, the path and
 * the errno, or init can do without that call, which tolerated.ts lists. Nothing hangs, and nothing is left.
 * A twentieth of the calls by a seed that is printed; all of them with OCIRUN_TEST_FULL=1.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import { conformance } from '../lib/conformance.ts';
import { leftovers, look, type Machine } from '../lib/machine.ts';
import { isStandalone, repository, runtime } from '../lib/runtime.ts';
import type { Sandbox } from '../lib/sandbox.ts';
import { until } from '../lib/wait.ts';
import { variants, type Variant } from './bundles.ts';
import { callsOf, numberOf, type Call } from './calls.ts';
import { type Line, type Step, wrongOf } from './expect.ts';
import { cannotFail, followsHook, toleratedBy, type Part, type Tolerated } from './tolerated.ts';

const failAt = join(repository, 'build/conformance/fail-at');
const full = process.env['OCIRUN_TEST_FULL'] === '1';
const seed = Number(process.env['OCIRUN_TEST_SEED'] ?? Date.now() % 1_000_000);

/** What fail_at.c reports. */
interface Outcome {
  readonly end: 'ended' | 'hang';
  readonly failed: boolean;
  readonly status: number;
  readonly calls: number[];
}

/** One operation, of which a process is watched. */
interface Operation {
  readonly part: Part;
  /** What fail_at.c calls the process. */
  readonly who: () => string;
  readonly args: readonly string[];
  readonly prepare: () => void;
  readonly plan: readonly Step[];
  /** What the container is where the failure was none. */
  readonly status: 'created' | 'running';
}

const none = '0:0:0';

const failing = (box: Sandbox, operation: Operation, fault: string): { outcome: Outcome; log: Line[] } => {
  const log = box.path('log');
  rmSync(log, { force: true });
  const told = openSync(box.path('outcome'), 'w');
  const out = openSync(box.path('failing.out'), 'w');
  const options = ['--root', box.root, '--log', log, '--log-format', 'json'];
  spawnSync(failAt, [operation.who(), fault, runtime, ...options, ...operation.args], {
    stdio: ['ignore', out, out, told],
    timeout: 20_000,
    killSignal: 'SIGKILL',
  });
  [told, out].forEach((fd) => closeSync(fd));
  const lines = existsSync(log) ? readFileSync(log, 'utf8').split('\n').filter(Boolean) : [];
  return {
    outcome: JSON.parse(readFileSync(box.path('outcome'), 'utf8')) as Outcome,
    log: lines.map((line) => JSON.parse(line) as Line),
  };
};

/** A linear congruential generator (Numerical Recipes): the choice can be repeated with its seed. */
const random = (start: number) => {
  let state = start >>> 0;
  return (limit: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
};

/**
 * Those of an operation that can fail: from where `start` listens, and up to where `create` hears no more (from "ready"
 * on init owes the runtime nothing) or the program begins.
 */
const concerned = (part: Part, numbers: readonly number[]): Call[] => {
  const calls = callsOf(numbers);
  const names = calls.map(({ name }) => name);
  const first = part === 'start' ? names.indexOf('rt_sigaction') : 0;
  const last = {
    'stage 1': names.length - 1,
    'stage 2': names.lastIndexOf('sendmsg'),
    start: names.lastIndexOf('execve'),
  };
  return calls.slice(first, last[part] + 1).filter(({ name }) => !cannotFail.includes(name));
};

const choose = (t: Test, all: readonly Call[]): Call[] => {
  t.comment(full ? `all of ${all.length} calls` : `a twentieth of ${all.length} calls, OCIRUN_TEST_SEED=${seed}`);
  const pick = random(seed);
  const chosen = [...all];
  while (!full && chosen.length > Math.ceil(all.length / 20)) chosen.splice(pick(chosen.length), 1);
  return chosen;
};

/** What is still there of a create that failed; what a tolerated failure has made is deleted first. */
const remains = (box: Sandbox, before: Machine, failed: boolean): string[] => {
  const kept = failed ? box.ids().map((id) => `state of ${id} is left`) : [];
  const wrong = box.ids().flatMap((id) => {
    const { status, stderr } = box.call(['delete', '--force', id], { timeout: 10_000 });
    return status === 0 ? [] : [`delete: ${stderr}`];
  });
  until(() => leftovers(before).length === 0, 1000);
  return [...kept, ...wrong, ...leftovers(before)];
};

/** What is told where init could not say what is wrong. */
const instead: Partial<Record<Tolerated['outcome'], string>> = { dies: 'E_INIT_DIED', garbled: 'E_PROTOCOL' };

/** What is wrong with what has come of a failure. */
const judge = (
  box: Sandbox,
  { part, plan, status }: Operation,
  call: Call,
  outcome: Outcome,
  line?: Line,
): string[] => {
  if (outcome.end === 'hang') return ['it hangs'];
  if (!outcome.failed) return followsHook(call) ? [] : ['the call was not made'];
  const tolerated = toleratedBy(part, call);
  const may = (...outcomes: Tolerated['outcome'][]): boolean =>
    tolerated !== undefined && outcomes.includes(tolerated.outcome);
  if (outcome.status !== 0)
    return may('works') ? ['it is not tolerated'] : wrongOf(plan, call, line, instead[tolerated?.outcome ?? 'works']);
  if (!may('works', 'either', 'garbled')) return ['nobody is told'];
  return box.reaches(status) ? [] : [`the container is ${JSON.stringify(box.state()?.['status'])}`];
};

/** One call fails: what is wrong with what comes of it. */
const once = (box: Sandbox, operation: Operation, call: Call, before: Machine): string[] => {
  operation.prepare();
  const { outcome, log } = failing(box, operation, `${call.number}:${call.count}:${numberOf(call.errno)}`);
  const line = log.at(-1);
  const failed = outcome.status !== 0 && operation.part !== 'start';
  const wrong = [...judge(box, operation, call, outcome, line), ...remains(box, before, failed)];
  const what = `${operation.part}: ${[...call.after, call.name].join(' > ')} ${call.count} (${call.errno})`;
  return wrong.map((text) => `${what}: ${text} ${JSON.stringify(line ?? {})}`);
};

const sweep = (t: Test, box: Sandbox, operation: Operation): void => {
  const before = look(box.name);
  operation.prepare();
  const { outcome, log } = failing(box, operation, none);
  t.match(outcome, { end: 'ended', failed: false, status: 0 }, `it works without a failure ${JSON.stringify(log)}`);
  t.strictSame(remains(box, before, false), []);
  const wrong = choose(t, concerned(operation.part, outcome.calls)).flatMap((call) =>
    once(box, operation, call, before),
  );
  t.strictSame(wrong, [], 'every failure is told, or tolerated');
};

const operations = (box: Sandbox, { edit, flags = [] }: Variant): Operation[] => {
  const bundle = box.bundle(edit(box));
  const create = ['create', ...flags, '--bundle', bundle, box.id()];
  const plan = JSON.parse(box.must(['plan', ...flags, '--format', 'json', '--bundle', bundle, box.id()]).stdout) as {
    stage1: Step[];
    stage2: Step[];
  };
  const common = { plan: [...plan.stage1, ...plan.stage2] };
  const creating = { ...common, args: create, prepare: () => undefined, status: 'created' } as const;
  return [
    { ...creating, part: 'stage 1', who: () => 'child' },
    { ...creating, part: 'stage 2', who: () => 'grandchild' },
    {
      ...common,
      part: 'start',
      who: () => String(box.state()?.['pid']),
      args: ['start', box.id()],
      prepare: () => void box.must(create),
      status: 'running',
    },
  ];
};

for (const variant of variants)
  conformance(
    `faults: init ${variant.name}`,
    (t, box) => operations(box, variant).forEach((operation) => sweep(t, box, operation)),
    {
      only: 'ocirun',
      unless: isStandalone ? false : 'the system calls of Node cannot be counted',
    },
  );
