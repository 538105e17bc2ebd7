import { readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import t from 'tap';
import { defaultSpec } from '../../spec/default.ts';
import { locator } from '../../spec/locate.ts';
import type { Spec } from '../../spec/types.ts';
import { limitsAreThere } from '../../validate/resources.ts';
import { buildPlan, type PlanRequest } from '../build.ts';
import { resourceControls } from '../cgroup/index.ts';
import { deviceProgram } from '../device-filter/program.ts';
import { deviceFilter } from '../device-filter/rules.ts';
import { exampleRequest } from '../example.ts';
import { namespacesAhead } from '../namespaces.ts';
import { type Op, ops, type Step } from '../steps.ts';
import { locatedPlan, planText } from './index.ts';
import type { PlanView } from './runtime.ts';
import { stepTexts } from './steps.ts';
import { quoted } from './words.ts';

function viewOf(config: string, changes: Partial<PlanRequest> = {}): PlanView {
  const spec = JSON.parse(config) as Spec;
  const request: PlanRequest = {
    ...exampleRequest,
    spec,
    controls: limitsAreThere(spec) ? resourceControls(spec.linux?.resources ?? {}) : undefined,
    deviceProgram: () => deviceProgram(deviceFilter(spec.linux?.resources?.devices)) ?? new Uint8Array(0),
    ...changes,
  };
  return {
    ...request,
    plan: buildPlan(request),
    cgroup: '/sys/fs/cgroup/box',
    stateDirectory: '/run/ocirun/box',
    pidFile: undefined,
    pidfdSocket: undefined,
    ahead: namespacesAhead(spec),
    locate: locator(config),
  };
}

const spec = defaultSpec({ rootless: false, cgroup2: true, euid: 0, egid: 0 });
const json = (changes: Partial<Spec> = {}): string => JSON.stringify({ ...spec, ...changes }, null, 2);
const file = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

const ids = [{ containerID: 0, hostID: 100000, size: 65536 }];

/** One of everything that a plan can have. */
const everything: Partial<Spec> = {
  process: {
    cwd: '/work dir',
    args: ['sh', '-c', 'echo "hello"'],
    env: ['PATH=/bin', 'TEXT=two words', 'EVIL=\u001b[31m\u202e'],
    user: { uid: 1, gid: 2, umask: 0o77, additionalGids: [3, 4] },
    rlimits: [
      { type: 'RLIMIT_NOFILE', soft: 1024, hard: 18446744073709552000 },
      { type: 'RLIMIT_AS', soft: 1 << 30, hard: 1 << 30 },
    ],
    scheduler: { policy: 'SCHED_BATCH', nice: -5, flags: ['SCHED_FLAG_RESET_ON_FORK'] },
    ioPriority: { class: 'IOPRIO_CLASS_BE', priority: 4 },
    oomScoreAdj: 100,
    noNewPrivileges: true,
    capabilities: { bounding: ['CAP_KILL', 'CAP_BPF'], effective: ['CAP_KILL'], permitted: ['CAP_KILL'] },
  },
  domainname: 'example.org',
  hooks: {
    prestart: [{ path: '/a' }],
    createRuntime: [{ path: '/b', args: ['b', 'x y'], env: ['A=1'], timeout: 3 }],
    createContainer: [{ path: '/c', timeout: 2 }],
    startContainer: [{ path: '/d' }],
    poststart: [{ path: '/e' }],
    poststop: [{ path: '/f' }],
  },
  mounts: [
    ...(spec.mounts ?? []),
    { destination: '/data', source: '/srv/data', options: ['rbind', 'rslave', 'ro', 'rnosuid', 'noatime'] },
    { destination: '/mapped', source: 'in', options: ['bind', 'idmap'], uidMappings: ids, gidMappings: ids },
    { destination: '/copied', type: 'tmpfs', source: 'a b', options: ['tmpcopyup', 'size=65536k', 'rw'] },
    { destination: '/proc', type: 'bind', source: '/proc', options: ['rbind'] },
    { destination: '/again', options: ['remount', 'ro', 'size=1m'] },
  ],
  linux: {
    ...spec.linux,
    namespaces: [
      { type: 'user' },
      { type: 'pid', path: '/proc/1/ns/pid' },
      { type: 'mount' },
      { type: 'network' },
      { type: 'uts' },
      { type: 'ipc' },
      { type: 'time' },
    ],
    uidMappings: ids,
    gidMappings: ids,
    cgroupsPath: '/box',
    sysctl: { 'net.core.somaxconn': '1024' },
    timeOffsets: { boottime: { secs: 60 } },
    devices: [{ type: 'c', path: '/dev/fuse', major: 10, minor: 229, fileMode: 0o600 }],
    rootfsPropagation: 'rshared',
    personality: { domain: 'LINUX32' },
    resources: {
      hugepageLimits: [{ pageSize: '2MB', limit: 1 << 22 }],
      memory: { limit: 1 << 26, swap: 1 << 27, checkBeforeUpdate: true },
      cpu: { shares: 512, quota: 50_000, burst: 10_000, cpus: '0-1' },
      pids: { limit: 0 },
      blockIO: { weight: 500, throttleReadBpsDevice: [{ major: 8, minor: 0, rate: 1_000_000 }] },
      rdma: { mlx5_0: { hcaHandles: 3 } },
      unified: { 'memory.oom.group': '1' },
    },
    memoryPolicy: { mode: 'MPOL_BIND', nodes: '0-2,64', flags: ['MPOL_F_STATIC_NODES'] },
    seccomp: {
      defaultAction: 'SCMP_ACT_ALLOW',
      listenerPath: '/run/agent.sock',
      listenerMetadata: 'two words',
      syscalls: [{ names: ['mkdir'], action: 'SCMP_ACT_NOTIFY' }],
    },
  },
};

const noLimit = new Map([['/process/rlimits/0/hard', 2n ** 64n - 1n]]);

const configs: Readonly<Record<string, PlanView>> = {
  default: viewOf(json()),
  podman: viewOf(file('../../../bench/configs/podman-30-mounts.json').replaceAll('@BUNDLE@', '/bundle')),
  docker: viewOf(file('../../../bench/configs/docker-30-mounts.json').replaceAll('@BUNDLE@', '/bundle')),
  everything: viewOf(json(everything), {
    exact: noLimit,
    pivot: false,
    notifyDirectory: '/run/ocirun/box/notify',
    order: 'move',
    filter: {
      flags: 15,
      program: Uint32Array.of(6, 0x7fff0000),
      agent: { path: '/run/agent.sock', metadata: 'two words' },
    },
  }),
};

for (const [name, view] of Object.entries(configs)) {
  t.test(`the text of a plan is the golden one: ${name}`, async (t) => {
    const golden = new URL(`../golden/${name}.txt`, import.meta.url);
    const text = planText(view);
    if (process.env['UPDATE_GOLDEN']) writeFileSync(golden, text);
    t.equal(text, readFileSync(golden, 'utf8'));
    t.equal(planText(view), text);
  });
}

/** More steps than any one plan has: without a mount namespace, with a joined user namespace, as run. */
const others: readonly PlanView[] = [
  viewOf(
    json({
      mounts: [],
      root: { path: 'rootfs' },
      linux: { namespaces: [{ type: 'pid' }, { type: 'user', path: '/u' }, { type: 'ipc', path: '/i' }] },
    }),
    { waitForStart: false, preserveFds: 2 },
  ),
];
const stepsOf = ({ plan }: PlanView): Step[] => [...plan.stage1, ...plan.stage2, ...(plan.limits ?? [])];
const steps = [...Object.values(configs), ...others].flatMap(stepsOf);
const told = (step: Step): string => JSON.stringify(stepTexts[step.op](step, (slot) => `slot ${slot}`));

t.test('every op has a text, and every op is looked at here', async (t) => {
  t.same(Object.keys(stepTexts).sort(), Object.keys(ops).sort());
  // Kinds of steps that no plan has yet.
  const seen = new Set(steps.map(({ op }) => op));
  t.same(
    (Object.keys(ops) as Op[]).filter((op) => !seen.has(op)),
    [],
  );
});

t.test('whatever is changed in a step changes its text', async (t) => {
  const changed = (step: Step, list: 'nums' | 'strs' | 'slots', index: number, value: unknown): Step => {
    const values: unknown[] = [...step[list]];
    values[index] = value;
    return { ...step, [list]: values };
  };
  for (const step of steps) {
    step.nums.forEach((num, index) => {
      for (const other of [num === 0 ? 1 : BigInt(num) - 1n, BigInt(num) + 1n, BigInt(num) ^ 0x8000_0000n]) {
        const value = other <= Number.MAX_SAFE_INTEGER ? Number(other) : other;
        t.not(told(changed(step, 'nums', index, value)), told(step), `${step.op} nums[${index}] ${num} ${other}`);
      }
    });
    step.strs.forEach((text, index) => {
      t.not(told(changed(step, 'strs', index, `${text}x`)), told(step), `${step.op} strs[${index}]`);
    });
    if (slotsAreTold.has(step.op))
      step.slots.forEach((slot, index) => {
        if (index > 0) t.not(told(changed(step, 'slots', index, slot + 1)), told(step), `${step.op} slots[${index}]`);
      });
  }
});

/** Steps with a slot beside the one of the root. */
const slotsAreTold = new Set<Op>(['attach', 'attachDevice']);

t.test('every step is in the text of the plan, in order, with its place', async (t) => {
  for (const view of Object.values(configs)) {
    const lines = planText(view).split('\n');
    let at = 0;
    [...view.plan.stage1, ...view.plan.stage2].forEach(({ op, pointer }, index) => {
      const found = lines.findIndex((line, number) => number >= at && line.trim().startsWith(`${index} ${op}`));
      t.ok(found >= at, `${index} ${op}`);
      at = found + 1;
      if (pointer !== '') t.match(lines[found], `  ${view.locate(pointer)} ${pointer}`);
    });
  }
});

t.test('hooks and maps of the runtime are told where they come', async (t) => {
  const text = planText(configs['everything'] as PlanView);
  const order = [
    'uid_map',
    '/hooks/prestart/0',
    '/hooks/createRuntime/0',
    '/hooks/createContainer/0',
    'move the mount',
  ];
  const places = [...order, 'save the process id', '/hooks/startContainer/0', 'execute'].map((word) =>
    text.indexOf(word),
  );
  t.same(
    places,
    [...places].sort((a, b) => a - b),
  );
  t.notOk(places.includes(-1));
  t.match(
    text,
    /cgroup +write 4194304 \(4 MiB\) to its hugetlb\.2MB\.max +config\.json:\d+:\d+ \/linux\/resources\/hugepageLimits\/0$/m,
  );
  for (const word of ['0-65535 of the container: 100000-165535 outside', '/hooks/poststart/0', '/hooks/poststop/0'])
    t.match(text, word);
});

t.test('the plan as JSON has the place of every pointer', async (t) => {
  const view = configs['podman'] as PlanView;
  const plan = locatedPlan(view.plan, view.locate) as { stage2: { pointer: string; location?: string }[] };
  for (const { pointer, location } of plan.stage2)
    t.equal(location, pointer === '' ? undefined : view.locate(pointer), pointer);
  t.match(plan, { deviceProgram: /^6112000000000000(\w{16})*9500000000000000$/ });
  t.ok(plan.stage2.some(({ location }) => /^config\.json:\d+:\d+$/.test(location ?? '')));
});

t.test('a string is told so that it can be read back, and never reaches the terminal as it is', async (t) => {
  t.equal(quoted('/usr/bin/env'), '/usr/bin/env');
  t.equal(quoted('two words'), '"two words"');
  t.equal(quoted(''), '""');
  t.equal(quoted('\u001b[31m\u202e'), '"\\u001b[31m\\u202e"');
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const shown = quoted(text);
      t.equal(shown.startsWith('"') ? (JSON.parse(shown) as string) : shown, text);
      t.notMatch(shown, /[\x00-\x1f\x7f-\x9f\u202a-\u202e]/);
    }),
  );
});
