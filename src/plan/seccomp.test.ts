import t from 'tap';
import { defaultSpec } from '../spec/default.ts';
import type { Hooks, Seccomp } from '../spec/types.ts';
import { buildPlan, type Plan } from './build.ts';
import { exampleRequest } from './example.ts';
import { filterFlags } from './seccomp-flags.ts';
import { hasListener, type SystemCallFilter } from './seccomp.ts';
import type { Step } from './steps.ts';

const program = Uint32Array.of(6, 0x7fff0000);
const plain: SystemCallFilter = { flags: 4, program, agent: undefined };
const asking: SystemCallFilter = { flags: 12, program, agent: { path: '/agent', metadata: 'text' } };

const spec = defaultSpec({ rootless: false, cgroup2: true, euid: 0, egid: 0 });

function planOf(filter: SystemCallFilter, noNewPrivileges: boolean, hooks: Hooks = {}): Plan {
  const process = { cwd: '/', ...spec.process, noNewPrivileges };
  return buildPlan({ ...exampleRequest, spec: { ...spec, process, hooks }, filter });
}

/** The step, and the ops around it. */
function placeOf({ stage2 }: Plan): { step: Step; before: string[]; behind: string[] } {
  const index = stage2.findIndex(({ op }) => op === 'seccomp');
  const ops = stage2.map(({ op }) => op);
  return { step: stage2[index] as Step, before: ops.slice(0, index), behind: ops.slice(index + 1) };
}

t.test('with no_new_privs the filter is the last thing before the program', async (t) => {
  const { step, behind } = placeOf(planOf(plain, true));
  t.same(behind, ['execute']);
  t.match(step, { pointer: '/linux/seccomp', nums: [4, 0], words: program });
});

t.test('hooks that are programs of the container run under the filter, others do not hasten it', async (t) => {
  const hook = [{ path: '/hook' }];
  for (const filter of [plain, asking])
    for (const noNewPrivileges of [true, false])
      t.ok(placeOf(planOf(filter, noNewPrivileges, { startContainer: hook })).behind.includes('runProgram'));
  t.same(placeOf(planOf(plain, true, { startContainer: hook })).behind.slice(0, 2), ['untieFromRuntime', 'await']);
  const others = { startContainer: [], createContainer: hook, createRuntime: hook, poststart: hook };
  t.same(placeOf(planOf(plain, true, others)).behind, ['execute']);
});

t.test('without, it comes before capabilities are given up, with CAP_SYS_ADMIN', async (t) => {
  const { step, before, behind } = placeOf(planOf(plain, false));
  t.same(before.slice(-2), ['boundingSet', 'user']);
  t.equal(behind[0], 'capabilities');
  t.same(step.nums, [4, 1]);
});

t.test('a listener is handed over before the container is created', async (t) => {
  const { step, behind } = placeOf(planOf(asking, true));
  t.same(behind.slice(0, 2), ['untieFromRuntime', 'await']);
  t.same(step.nums, [12, 0]);
  t.ok(hasListener(step));
  t.equal(placeOf(planOf(asking, false)).behind[0], 'capabilities');
  t.same(planOf(asking, false).agent, { path: '/agent', metadata: 'text' });
  t.notOk(hasListener(placeOf(planOf(plain, false)).step));
  t.notOk('agent' in planOf(plain, true));
});

const profile = (members: Partial<Seccomp>): Seccomp => ({ defaultAction: 'SCMP_ACT_ALLOW', ...members });
const notify = [{ names: ['mkdir'], action: 'SCMP_ACT_NOTIFY' as const }];

t.test('the flags are those of seccomp(2); without any, speculation is left as it is', async (t) => {
  t.equal(filterFlags(profile({})), 4);
  t.equal(filterFlags(profile({ flags: [] })), 0);
  t.equal(filterFlags(profile({ flags: ['SECCOMP_FILTER_FLAG_TSYNC', 'SECCOMP_FILTER_FLAG_LOG'] })), 3);
});

t.test('where somebody is asked, there is a listener, and what goes with it', async (t) => {
  t.equal(filterFlags(profile({ syscalls: notify })), 12);
  const waiting = { flags: ['SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV' as const] };
  t.equal(filterFlags(profile({ ...waiting, syscalls: notify })), 8 + 32);
  t.equal(filterFlags(profile(waiting)), 0);
  const both = { flags: ['SECCOMP_FILTER_FLAG_TSYNC' as const], syscalls: notify };
  t.equal(filterFlags(profile(both)), 1 + 8 + 16, 'TSYNC wants TSYNC_ESRCH beside it');
});
