import { readFileSync, writeFileSync } from 'node:fs';
import t from 'tap';
import { defaultSpec } from '../spec/default.ts';
import type { Spec } from '../spec/types.ts';
import { buildPlan, type Plan, type PlanRequest } from './build.ts';
import { kinds } from './protocol.ts';

const host = {
  cgroupMount: '/sys/fs/cgroup',
  cgroup2Only: true,
  ownCgroup: '/user.slice',
  bounding: { low: ~0, high: 0x1ff },
  lastCapability: 40,
  kcore: true,
  overlayAppends: true,
};
const spec = defaultSpec({ rootless: false, cgroup2: true, euid: 0, egid: 0 });

const planOf = (changes: Partial<Spec> = {}, request: Partial<PlanRequest> = {}): Plan =>
  buildPlan({
    id: 'box',
    spec: { ...spec, ...changes },
    exact: new Map(),
    bundle: '/bundle',
    rootfs: '/bundle/rootfs',
    host,
    order: 'clone',
    waitForStart: true,
    pivot: true,
    newKeyring: true,
    listenFds: 0,
    notifyDirectory: undefined,
    preserveFds: 0,
    ...request,
  });

const opsOf = (plan: Plan): string[] => [...plan.stage1, ...plan.stage2].map(({ op }) => op);

t.test('the plan of the default config is the golden one', async (t) => {
  const file = new URL('golden/default.json', import.meta.url);
  const text = `${JSON.stringify(planOf(), (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value), 1)}\n`;
  if (process.env['UPDATE_GOLDEN']) writeFileSync(file, text);
  t.equal(text, readFileSync(file, 'utf8'));
});

t.test('the same request makes the same plan', async (t) => t.same(planOf(), planOf()));

t.test('every pointer leads to something in the config', async (t) => {
  for (const { op, pointer } of [...planOf().stage1, ...planOf().stage2]) {
    const found = pointer
      .split('/')
      .slice(1)
      .reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], spec);
    // What every container gets has no pointer; a part that the config leaves out is named by where it would be.
    t.ok(pointer === '' || found !== undefined || pointer === '/process/user/uid', `${op} ${pointer}`);
  }
});

t.test('with the cgroup order "move", stage 1 is moved before it makes a cgroup namespace', async (t) => {
  const [tie, place, , clone] = planOf({}, { order: 'move' }).stage1;
  t.equal(tie?.op, 'tieToRuntime');
  t.same(place?.nums, [kinds.place, kinds.placed]);
  t.equal(clone?.op, 'clone');
});

t.test('run does not wait for start', async (t) => {
  t.ok(opsOf(planOf()).includes('awaitStart'));
  t.notOk(opsOf(planOf({}, { waitForStart: false })).includes('awaitStart'));
});

t.test('no pivot, no keyring, preserved descriptors', async (t) => {
  const plan = planOf({}, { pivot: false, newKeyring: false, preserveFds: 2 });
  t.ok(opsOf(plan).includes('moveRoot'));
  t.notOk(opsOf(plan).includes('pivot'));
  t.notOk(opsOf(plan).includes('sessionKeyring'));
  t.same(plan.stage2.find(({ op }) => op === 'closeDescriptors')?.nums, [5]);
});

t.test('sockets of the service manager come before preserved descriptors', async (t) => {
  const process = { cwd: '/', args: ['sh'], env: ['LISTEN_FDS=7', 'A=1'] };
  const plan = planOf({ process }, { listenFds: 2, preserveFds: 3, notifyDirectory: '/n' });
  t.same(plan.stage2.find(({ op }) => op === 'closeDescriptors')?.nums, [8]);
  const variables = ['LISTEN_FDS=2', 'A=1', 'NOTIFY_SOCKET=/run/notify/notify.sock', 'LISTEN_PID=1'];
  t.same(plan.stage2.at(-1)?.strs, ['sh', ...variables]);
  t.match(plan.sources, [{}, { kind: 'tree', path: '/n' }]);
});

t.test('the root gets its propagation when nothing is mounted any more', async (t) => {
  const plan = planOf({ linux: { ...spec.linux, rootfsPropagation: 'runbindable' } });
  t.ok(opsOf(plan).lastIndexOf('propagation') > opsOf(plan).lastIndexOf('mask'));
  t.ok(opsOf(plan).lastIndexOf('propagation') > opsOf(plan).lastIndexOf('readonlyPath'));
});

t.test('a cgroup mount without a cgroup namespace is a tree of the container’s own cgroup', async (t) => {
  const namespaces = (spec.linux?.namespaces ?? []).filter(({ type }) => type !== 'cgroup');
  const plan = planOf({ linux: { ...spec.linux, namespaces } });
  const attach = plan.stage2.find(({ op }) => op === 'attach');
  t.equal(attach?.strs[0], '/sys/fs/cgroup');
  t.same(
    plan.sources.filter(({ kind }) => kind === 'cgroup').map(({ slot }) => slot),
    [attach?.slots[1]],
  );
});

t.test('what cannot be undone comes in the order that the kernel needs', async (t) => {
  const ops = opsOf(planOf());
  const order = [
    'pivot',
    'rootReadonly',
    'mask',
    'noNewPrivileges',
    'boundingSet',
    'user',
    'capabilities',
    'changeDirectory',
  ];
  const rest = ['findProgram', 'untieFromRuntime', 'await', 'awaitStart', 'closeDescriptors', 'execute'];
  const places = [...order, ...rest].map((op) => ops.lastIndexOf(op));
  t.same(
    places,
    [...places].sort((a, b) => a - b),
  );
  t.notOk(places.includes(-1));
});

t.test('64-bit limits are exact', async (t) => {
  const rlimits = [{ type: 'RLIMIT_NOFILE' as const, soft: 1, hard: 18446744073709552000 }];
  const exact = new Map([['/process/rlimits/0/hard', 18446744073709551615n]]);
  const plan = planOf({ process: { cwd: '/', ...spec.process, rlimits } }, { exact });
  t.same(plan.stage2.find(({ op }) => op === 'limits')?.nums, [7, 1, 18446744073709551615n]);
});
