import { readFileSync, writeFileSync } from 'node:fs';
import t from 'tap';
import { defaultSpec } from '../spec/default.ts';
import type { Spec } from '../spec/types.ts';
import { buildPlan, type Plan, type PlanRequest } from './build.ts';
import { exampleHost as host, exampleRequest } from './example.ts';
import { kinds } from './protocol.ts';

const spec = defaultSpec({ rootless: false, cgroup2: true, euid: 0, egid: 0 });

const planOf = (changes: Partial<Spec> = {}, request: Partial<PlanRequest> = {}): Plan =>
  buildPlan({
    ...exampleRequest,
    spec: { ...spec, ...changes },
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

t.test(
  'on a hybrid host, a cgroup mount without a cgroup namespace is a tree of the container’s own cgroup',
  async (t) => {
    const namespaces = (spec.linux?.namespaces ?? []).filter(({ type }) => type !== 'cgroup');
    const plan = planOf({ linux: { ...spec.linux, namespaces } }, { host: { ...host, cgroup2Only: false } });
    const attach = plan.stage2.find(({ op }) => op === 'attach');
    t.equal(attach?.strs[0], '/sys/fs/cgroup');
    t.same(
      plan.sources.filter(({ kind }) => kind === 'cgroup').map(({ slot }) => slot),
      [attach?.slots[1]],
    );
  },
);

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

const ids = [{ containerID: 0, hostID: 100000, size: 65536 }];
const withLinux = (linux: NonNullable<Spec['linux']>, rest: Partial<Spec> = {}): Partial<Spec> => ({
  linux: { ...spec.linux, ...linux },
  ...rest,
});
const own = spec.linux?.namespaces ?? [];
const mapped = withLinux({ namespaces: [...own, { type: 'user' }], uidMappings: ids, gidMappings: ids });
const stepsOf = (steps: Plan['stage1']): unknown[] => steps.map(({ op, pointer, nums }) => [op, pointer, nums]);

t.test('a new user namespace gets its maps before anything is done in it', async (t) => {
  const plan = planOf(mapped);
  t.same(stepsOf(plan.stage2).slice(0, 5), [
    ['tieToRuntime', '', []],
    ['await', '/linux/uidMappings', [kinds.maps, kinds.mapped]],
    ['user', '/linux/uidMappings', [0, 0]],
    ['dumpable', '', [0]],
    ['unshare', '/linux/namespaces', [0x48000000]],
  ]);
  t.notOk(opsOf(planOf()).includes('unshare'));
  t.same(plan.maps, { uid: '0 100000 65536\n', gid: '0 100000 65536\n' });
  t.equal(Number(plan.stage1.at(-1)?.nums[0]) & 0x10000000, 0x10000000);
});

t.test('limits in a user namespace are the runtime’s to set', async (t) => {
  const plan = planOf(mapped);
  t.notOk(opsOf(plan).includes('limits'));
  t.match(plan.limits, [{ strs: ['RLIMIT_NOFILE'], nums: [7, 1024, 1024] }]);
  t.equal(planOf().limits, undefined);
  t.equal(planOf().maps, undefined);
});

t.test('in a user namespace a process may have every capability', async (t) => {
  const poor = { host: { ...host, bounding: { low: 0, high: 0 } } };
  t.ok(planOf({}, poor).warnings.length > 0);
  t.same(planOf(mapped, poor).warnings, []);
});

t.test('namespaces are joined before the others are made', async (t) => {
  const namespaces = [...own.slice(1), { type: 'pid', path: '/p' }, { type: 'user', path: '/u' }] as const;
  const plan = planOf(withLinux({ namespaces }));
  const [pid, user] = [namespaces.length - 2, namespaces.length - 1];
  t.same(stepsOf(plan.stage1), [
    ['tieToRuntime', '', []],
    ['resetAffinity', '', []],
    ['dumpable', '', [0]],
    ['join', `/linux/namespaces/${pid}/path`, [0x20000000, 1]],
    ['join', `/linux/namespaces/${user}/path`, [0x10000000, 0]],
    ['join', `/linux/namespaces/${pid}/path`, [0x20000000, 0]],
    ['clone', '/linux/namespaces', [Number(planOf().stage1.at(-1)?.nums[0]) - 0x20000000 - 0x48000000]],
  ]);
  t.same(stepsOf(plan.stage2).slice(0, 2), [
    ['tieToRuntime', '', []],
    ['user', '/linux/uidMappings', [0, 0]],
  ]);
  t.equal(plan.maps, undefined);
  t.same(
    plan.sources.filter(({ kind }) => kind === 'namespace').map(({ slot }) => slot),
    plan.stage1
      .filter(({ nums, op }) => op === 'join' && nums[1] === 0)
      .map(({ slots }) => slots[0])
      .reverse(),
  );
});

t.test('what needs the caller’s procfs comes before namespaces are joined', async (t) => {
  const namespaces = [...own, { type: 'time' }] as const;
  const joined = namespaces.map((each) => (each.type === 'mount' ? { ...each, path: '/m' } : each));
  const process = { cwd: '/', ...spec.process, oomScoreAdj: 0 };
  const plan = planOf(withLinux({ namespaces: joined, timeOffsets: { boottime: { secs: 1 } } }, { process }));
  const order = ['tieToRuntime', 'resetAffinity', 'oomScoreAdj', 'timeOffsets', 'dumpable', 'join', 'clone'];
  t.same(
    plan.stage1.map(({ op }) => op),
    order,
  );
  t.same(plan.stage1.find(({ op }) => op === 'oomScoreAdj')?.strs, ['0']);
  // The time namespace is made by its step, the mount namespace is there.
  t.equal(Number(plan.stage1.at(-1)?.nums[0]) & 0x20080, 0);
  t.ok(plan.stage2.some(({ op }) => op === 'openRoot'));
  const made = planOf(withLinux({ namespaces })).stage1;
  t.equal(Number(made.at(-1)?.nums[0]) & 0x80, 0x80);
});

t.test('only the network interface of a new namespace is set up', async (t) => {
  const namespaces = own.map((each) => (each.type === 'network' ? { ...each, path: '/n' } : each));
  t.ok(opsOf(planOf()).includes('loopbackUp'));
  t.notOk(opsOf(planOf(withLinux({ namespaces }))).includes('loopbackUp'));
  t.notOk(opsOf(planOf(withLinux({ namespaces: [{ type: 'mount' }] }))).includes('loopbackUp'));
});

t.test('without a mount namespace the root is a directory, and nothing is mounted', async (t) => {
  const bare = { namespaces: [{ type: 'pid' }], maskedPaths: [], readonlyPaths: [] } as const;
  const rest = { mounts: [], root: { path: 'rootfs' } };
  for (const pivot of [true, false]) {
    const ops = opsOf(planOf(withLinux(bare, rest), { pivot }));
    t.ok(ops.indexOf('openDirectory') < ops.indexOf('chroot'));
    const mounting = ['propagation', 'openRoot', 'pivot', 'moveRoot', 'mount', 'attach', 'rootReadonly'];
    t.same(
      mounting.filter((op) => ops.includes(op)),
      [],
    );
  }
});

t.test('hooks come where the specification has them', async (t) => {
  const hook = [{ path: '/hook' }];
  const hooks = { prestart: hook, createContainer: hook, startContainer: hook };
  const places = (request: Partial<PlanRequest>): string[] =>
    planOf({ hooks }, request)
      .stage2.filter(({ op }) => ['await', 'runProgram', 'pivot', 'awaitStart', 'closeDescriptors'].includes(op))
      .map(({ op, pointer }) => (op === 'runProgram' || pointer ? `${op} ${pointer}` : op));
  const before = ['await /hooks', 'runProgram /hooks/createContainer/0', 'pivot', 'await'];
  const behind = ['runProgram /hooks/startContainer/0', 'closeDescriptors'];
  t.same(places({}), [...before, 'awaitStart', ...behind]);
  t.same(places({ waitForStart: false }), [...before, ...behind]);
  t.equal(opsOf(planOf({ hooks: { poststop: hook } })).filter((op) => op === 'await').length, 1);
});

t.test('kernel parameters are set before /proc/sys is made read-only', async (t) => {
  const ops = opsOf(planOf(withLinux({ sysctl: { 'kernel.sem': '1 1 1 1' } })));
  t.ok(ops.indexOf('hostname') < ops.indexOf('sysctl'));
  t.ok(ops.indexOf('pivot') < ops.indexOf('sysctl'));
  t.ok(ops.indexOf('sysctl') < ops.indexOf('readonlyPath'));
});
