import t from 'tap';
import type { IdMapping, Spec } from '../spec/types.ts';
import { findingsOf, validate } from './index.ts';
import { refuse, warn } from './rules.ts';

type Json = Readonly<Record<string, unknown>>;

/** A document that breaks no rule, with every namespace. */
const base: Json = {
  ociVersion: '1.3.0',
  root: { path: 'rootfs' },
  process: { cwd: '/', args: ['sh'] },
  linux: { namespaces: ['pid', 'network', 'mount', 'ipc', 'uts', 'cgroup', 'time'].map((type) => ({ type })) },
};

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Objects of a patch are merged, the rest of it replaces; undefined takes away. */
const merged = (onto: unknown, patch: unknown): unknown =>
  isObject(onto) && isObject(patch)
    ? Object.fromEntries(
        [...new Set([...Object.keys(onto), ...Object.keys(patch)])]
          .map((name) => [name, name in patch ? merged(onto[name], patch[name]) : onto[name]] as const)
          .filter(([, value]) => value !== undefined),
      )
    : patch;

const documentWith = (patch: Json): Spec => merged(base, patch) as Spec;

/** The pointers at which a rule finds something. */
const pointersOf = (rule: string, patch: Json, pivot: boolean): (string | undefined)[] =>
  findingsOf(validate(documentWith(patch), true, pivot))
    .filter(({ details }) => details.rule === rule)
    .map(({ details }) => details.pointer);

interface Cases {
  /** Documents in which the rule, and every other, finds nothing. */
  readonly good: readonly Json[];
  /** Pointers, parted by spaces, and the document that is bad there. */
  readonly bad: readonly (readonly [pointers: string, patch: Json])[];
  readonly pivot?: boolean;
}

const linux = (members: Json): Json => ({ linux: members });
const process = (members: Json): Json => ({ process: members });
const mount = (members: Json): Json => ({ mounts: [{ destination: '/a', type: 'tmpfs', ...members }] });
const resources = (members: Json): Json => linux({ resources: members });
const memory = (members: Json): Json => resources({ memory: members });
const cpu = (members: Json): Json => resources({ cpu: members });
const blockIO = (members: Json): Json => resources({ blockIO: members });
const seccomp = (members: Json): Json => linux({ seccomp: { defaultAction: 'SCMP_ACT_ALLOW', ...members } });
const syscall = (members: Json): Json =>
  seccomp({ syscalls: [{ names: ['open'], action: 'SCMP_ACT_ERRNO', ...members }] });
const scheduler = (members: Json): Json => process({ scheduler: members });
const none = linux({ namespaces: [] });
const map = (containerID: number, hostID: number, size: number): IdMapping => ({ containerID, hostID, size });
const user = (uidMappings: IdMapping[], gidMappings = uidMappings, more: Json = {}): Json => ({
  linux: { namespaces: [{ type: 'user' }, { type: 'mount' }], uidMappings, gidMappings },
  ...more,
});
const device = (members: Json): Json =>
  linux({ devices: [{ path: '/dev/x', type: 'c', major: 1, minor: 3, ...members }] });

/** Every rule: by its name in rules.ts. */
const table: Readonly<Record<string, Cases>> = {
  versionIsSemantic: {
    good: [
      { ociVersion: '1.0.2-dev' },
      { ociVersion: '0.1.0' },
      { ociVersion: '1.0.0-rc.1+build.5' },
      { ociVersion: '1.10.3' },
    ],
    bad: ['', '1', '1.0', 'v1.0.0', '1.0.0.0', '01.0.0', '1.0.0-', '1.0.0 ', '1.0.0-01', '1.0.x'].map((ociVersion) => [
      '/ociVersion',
      { ociVersion },
    ]),
  },
  rootIsThere: {
    good: [{}],
    bad: [
      ['/root', { root: undefined }],
      ['/root/path', { root: { path: '' } }],
    ],
  },
  processIsThere: { good: [{}], bad: [['/process', { process: undefined }]] },
  argsNameAProgram: {
    good: [process({ args: ['/a', ''] })],
    bad: [
      ['/process/args', process({ args: [] })],
      ['/process/args', process({ args: undefined })],
    ],
  },
  cwdIsAbsolute: {
    good: [process({ cwd: '/a/../b' })],
    bad: ['', '.', 'a'].map((cwd) => ['/process/cwd', process({ cwd })]),
  },
  environmentIsNamed: {
    good: [process({ env: ['A=', 'A==', 'B=c', 'D.E=f'] })],
    bad: [['/process/env/1 /process/env/2 /process/env/3', process({ env: ['A=', 'B', '=c', ''] })]],
  },
  rlimitsAreSound: {
    good: [
      process({
        rlimits: [
          { type: 'RLIMIT_NOFILE', soft: 1, hard: 1 },
          { type: 'RLIMIT_CORE', soft: 0, hard: 18446744073709551615 },
        ],
      }),
    ],
    bad: [
      ['/process/rlimits/0/type', process({ rlimits: [{ type: 'RLIMIT_FILES', soft: 1, hard: 1 }] })],
      ['/process/rlimits/0/soft', process({ rlimits: [{ type: 'RLIMIT_NOFILE', soft: 2, hard: 1 }] })],
      [
        '/process/rlimits/1/type',
        process({
          rlimits: [
            { type: 'RLIMIT_NOFILE', soft: 1, hard: 1 },
            { type: 'RLIMIT_NOFILE', soft: 1, hard: 1 },
          ],
        }),
      ],
    ],
  },
  oomScoreAdjIsInRange: {
    good: [-1000, 0, 1000].map((oomScoreAdj) => process({ oomScoreAdj })),
    bad: [-1001, 1001].map((oomScoreAdj) => ['/process/oomScoreAdj', process({ oomScoreAdj })]),
  },
  schedulerFitsPolicy: {
    good: [
      scheduler({ policy: 'SCHED_OTHER', nice: -20 }),
      scheduler({ policy: 'SCHED_RR', priority: 99, nice: 0, runtime: 0 }),
    ],
    bad: [
      ['/process/scheduler/nice', scheduler({ policy: 'SCHED_BATCH', nice: 20 })],
      ['/process/scheduler/priority', scheduler({ policy: 'SCHED_OTHER', priority: 1 })],
      [
        '/process/scheduler/runtime /process/scheduler/period',
        scheduler({ policy: 'SCHED_IDLE', runtime: 1, period: 2 }),
      ],
    ],
  },
  policyExists: {
    good: [scheduler({ policy: 'SCHED_IDLE' })],
    bad: [['/process/scheduler/policy', scheduler({ policy: 'SCHED_ISO' })]],
  },
  realTimeHasAPriority: {
    good: [1, 99].map((priority) => scheduler({ policy: 'SCHED_FIFO', priority })),
    bad: [undefined, 0, 100].map((priority) => [
      '/process/scheduler/priority',
      scheduler({ policy: 'SCHED_RR', priority }),
    ]),
  },
  deadlineIsPossible: {
    good: [
      scheduler({ policy: 'SCHED_DEADLINE', runtime: 1024, deadline: 1024 }),
      scheduler({ policy: 'SCHED_DEADLINE', runtime: 2000, deadline: 3000, period: 3000 }),
    ],
    bad: [
      ['/process/scheduler/runtime', scheduler({ policy: 'SCHED_DEADLINE', runtime: 1023, deadline: 5000 })],
      ['/process/scheduler/runtime', scheduler({ policy: 'SCHED_DEADLINE' })],
      ['/process/scheduler/deadline', scheduler({ policy: 'SCHED_DEADLINE', runtime: 2000, deadline: 1999 })],
      [
        '/process/scheduler/period',
        scheduler({ policy: 'SCHED_DEADLINE', runtime: 2000, deadline: 3000, period: 2999 }),
      ],
    ],
  },
  ioPriorityIsInRange: {
    good: [0, 7].map((priority) => process({ ioPriority: { class: 'IOPRIO_CLASS_BE', priority } })),
    bad: [-1, 8].map((priority) => [
      '/process/ioPriority/priority',
      process({ ioPriority: { class: 'IOPRIO_CLASS_RT', priority } }),
    ]),
  },
  execAffinityIsAList: {
    good: ['', '0', '0-3,5', '0-3, 5', '1-1'].map((initial) => process({ execCPUAffinity: { initial } })),
    bad: ['-', '3-1', '1-', '0--1'].map((final) => [
      '/process/execCPUAffinity/final',
      process({ execCPUAffinity: { final } }),
    ]),
  },
  personalityHasADomain: {
    good: [linux({ personality: { domain: 'LINUX32' } }), linux({ personality: {} })],
    bad: [['/linux/personality', linux({ personality: { flags: ['A'] } })]],
  },
  memoryPolicyHasItsNodes: {
    good: [
      linux({ memoryPolicy: { mode: 'MPOL_BIND', nodes: '0-1,3' } }),
      linux({ memoryPolicy: { mode: 'MPOL_LOCAL', nodes: '' } }),
    ],
    bad: [
      ['/linux/memoryPolicy', linux({ memoryPolicy: { nodes: '0' } })],
      ['/linux/memoryPolicy/nodes', linux({ memoryPolicy: { mode: 'MPOL_BIND' } })],
      ['/linux/memoryPolicy/nodes', linux({ memoryPolicy: { mode: 'MPOL_DEFAULT', nodes: '0' } })],
      ['/linux/memoryPolicy/nodes', linux({ memoryPolicy: { mode: 'MPOL_BIND', nodes: '1-0' } })],
    ],
  },
  memoryPolicyFlagsFit: {
    good: [
      linux({
        memoryPolicy: { mode: 'MPOL_BIND', nodes: '0', flags: ['MPOL_F_NUMA_BALANCING', 'MPOL_F_STATIC_NODES'] },
      }),
      linux({ memoryPolicy: { flags: [] } }),
    ],
    bad: [
      [
        '/linux/memoryPolicy/flags/0',
        linux({ memoryPolicy: { mode: 'MPOL_INTERLEAVE', nodes: '0', flags: ['MPOL_F_NUMA_BALANCING'] } }),
      ],
      [
        '/linux/memoryPolicy/flags/1',
        linux({
          memoryPolicy: { mode: 'MPOL_BIND', nodes: '0', flags: ['MPOL_F_STATIC_NODES', 'MPOL_F_RELATIVE_NODES'] },
        }),
      ],
    ],
  },
  namespacesAreUnique: {
    good: [{}],
    bad: [['/linux/namespaces/2', linux({ namespaces: [{ type: 'pid' }, { type: 'mount' }, { type: 'pid' }] })]],
  },
  namespacePathsAreAbsolute: {
    good: [linux({ namespaces: [{ type: 'network', path: '/run/netns/a' }] })],
    bad: [['/linux/namespaces/0/path', linux({ namespaces: [{ type: 'network', path: 'run' }] })]],
  },
  namesNeedUtsNamespace: {
    good: [{ hostname: 'a', domainname: 'b' }],
    bad: [['/hostname /domainname', { hostname: 'a', domainname: 'b', ...none }]],
  },
  namesFitTheKernel: {
    good: [{ hostname: 'a'.repeat(64) }, { hostname: 'ä'.repeat(32) }],
    bad: [
      ['/hostname', { hostname: 'a'.repeat(65) }],
      ['/domainname', { domainname: 'ä'.repeat(33) }],
      ['/hostname', { hostname: '𝄞'.repeat(17) }],
    ],
  },
  mountsNeedMountNamespace: {
    good: [mount({}), { root: { readonly: true } }],
    bad: [
      ['/mounts', { ...mount({}), ...none }],
      ['/root/readonly', { root: { readonly: true }, ...none }],
      ['/linux/rootfsPropagation', linux({ namespaces: [], rootfsPropagation: 'shared' })],
    ],
  },
  timeOffsetsNeedNewTimeNamespace: {
    good: [linux({ timeOffsets: { monotonic: { secs: -1, nanosecs: 999999999 } } })],
    bad: [
      ['/linux/timeOffsets', linux({ namespaces: [], timeOffsets: { monotonic: { secs: 1 } } })],
      [
        '/linux/timeOffsets',
        linux({ namespaces: [{ type: 'time', path: '/t' }], timeOffsets: { boottime: { secs: 1 } } }),
      ],
      ['/linux/timeOffsets/boottime/nanosecs', linux({ timeOffsets: { boottime: { nanosecs: 1000000000 } } })],
    ],
  },
  mappingsAreOfUserNamespace: {
    good: [user([map(0, 1000, 1)])],
    bad: [
      ['/linux/uidMappings', linux({ uidMappings: [map(0, 0, 1)] })],
      ['/linux/namespaces /linux/namespaces', user([])],
      ['/linux/uidMappings', user([map(1, 1, 1)], [map(0, 0, 1)], { process: { user: { uid: 1 } } })],
    ],
  },
  mappingsAreRanges: {
    good: [
      user([map(0, 0, 4294967295)]),
      user([map(0, 1000, 10), map(10, 500, 10), map(20, 1010, 5)]),
      user([map(10, 1010, 10), map(0, 1000, 10)]),
      user(Array.from({ length: 340 }, (_, index) => map(index, index * 2, 1))),
    ],
    bad: [
      ['/linux/uidMappings/1/size', user([map(0, 0, 1), map(1, 1, 0)], [map(0, 0, 1)])],
      ['/linux/uidMappings/0/size', user([map(0, 1, 4294967295)], [map(0, 0, 1)])],
      ['/linux/gidMappings/1/containerID', user([map(0, 0, 1)], [map(0, 0, 10), map(9, 100, 10)])],
      ['/linux/gidMappings/1/hostID', user([map(0, 0, 1)], [map(0, 100, 10), map(10, 91, 10)])],
      [
        '/linux/uidMappings',
        user(
          Array.from({ length: 341 }, (_, index) => map(index, index * 2, 1)),
          [map(0, 0, 1)],
        ),
      ],
      // Not compared with each other: there may be a million.
      ['/linux/uidMappings', user(Array<IdMapping>(341).fill(map(0, 0, 1)), [map(0, 0, 1)])],
    ],
  },
  userIsMapped: {
    good: [user([map(0, 1000, 3)], undefined, process({ user: { uid: 2, gid: 1, additionalGids: [0, 2] } }))],
    bad: [
      [
        '/process/user/uid /process/user/gid /process/user/additionalGids/1',
        user([map(0, 1000, 3)], undefined, process({ user: { uid: 3, gid: 4, additionalGids: [0, 5] } })),
      ],
    ],
  },
  mountOwnersAreMapped: {
    good: [
      user([map(0, 1000, 6)], undefined, mount({ options: ['uid=5', 'gid=0', 'mode=700'] })),
      mount({ options: ['uid=5'] }),
      linux({
        namespaces: [{ type: 'user', path: '/proc/1/ns/user' }, { type: 'mount' }],
        uidMappings: [map(0, 0, 1)],
      }),
    ],
    bad: [
      [
        '/mounts/0/options/1 /mounts/0/options/2',
        user([map(0, 1000, 5)], [map(0, 0, 1)], mount({ options: ['nosuid', 'uid=5', 'gid=1'] })),
      ],
    ],
  },
  sysctlsAreNamespaced: {
    good: [linux({ sysctl: { 'net.ipv4.ip_forward': '1', 'kernel/msgmax': '1', 'kernel.domainname': 'a' } })],
    bad: [
      ['/linux/sysctl/vm.swappiness', linux({ sysctl: { 'vm.swappiness': '1' } })],
      ['/linux/sysctl/kernel.hostname', linux({ sysctl: { 'kernel.hostname': 'a' } })],
      ['/linux/sysctl/net~1core~1somaxconn', linux({ namespaces: [], sysctl: { 'net/core/somaxconn': '1' } })],
    ],
  },
  hookPathsAreAbsolute: {
    good: [{ hooks: { poststop: [{ path: '/a' }] } }],
    bad: [
      [
        '/hooks/prestart/0/path /hooks/poststop/1/path',
        { hooks: { prestart: [{ path: 'a' }], poststop: [{ path: '/a' }, { path: '' }] } },
      ],
    ],
  },
  hiddenPathsNeedMountNamespace: {
    good: [linux({ maskedPaths: ['/a'], readonlyPaths: ['/b'] })],
    bad: [
      [
        '/linux/maskedPaths /linux/readonlyPaths',
        linux({ namespaces: [], maskedPaths: ['/a'], readonlyPaths: ['/b'] }),
      ],
    ],
  },
  hiddenPathsAreAbsolute: {
    good: [linux({ maskedPaths: [], readonlyPaths: ['/'] })],
    bad: [['/linux/maskedPaths/0 /linux/readonlyPaths/1', linux({ maskedPaths: [''], readonlyPaths: ['/a', 'b'] })]],
  },
  rootIsNotMasked: {
    good: [linux({ maskedPaths: ['/a'] })],
    bad: [['/linux/maskedPaths/1', linux({ maskedPaths: ['/a', '/'] })]],
  },
  procIsProcfs: {
    good: [mount({ destination: '/proc', type: 'proc' }), mount({ destination: '/proc/cpuinfo', type: 'tmpfs' })],
    bad: [
      ['/mounts/0/destination', mount({ destination: '/' })],
      ['/mounts/0/destination', mount({ destination: '/a/..' })],
      ['/mounts/0/destination', mount({ destination: '/proc/sys' })],
      ['/mounts/0/type', mount({ destination: '/proc' })],
    ],
  },
  mountsAreSound: {
    good: [mount({ type: undefined, source: '/b', options: ['rbind', 'ro'] })],
    bad: [
      ['/mounts/0/type', mount({ type: undefined })],
      ['/mounts/0/source', mount({ type: 'bind' })],
      ['/mounts/0/options/1', mount({ source: '/b', options: ['bind', 'size=1'] })],
      ['/mounts/0/uidMappings', mount({ source: '/b', options: ['bind'], uidMappings: [map(0, 0, 1)] })],
      ['/mounts/0/gidMappings', mount({ source: '/b', options: ['bind'], gidMappings: [map(0, 0, 1)] })],
      ['/mounts/0/options/1', mount({ source: '/b', options: ['bind', 'idmap'] })],
      [
        '/mounts/0/uidMappings/0/size /mounts/0/gidMappings/1/hostID',
        mount({
          source: '/b',
          options: ['bind', 'idmap'],
          uidMappings: [map(0, 0, 0)],
          gidMappings: [map(0, 0, 5), map(5, 4, 5)],
        }),
      ],
    ],
  },
  devicesNeedMountNamespace: {
    good: [device({})],
    bad: [['/linux/devices', { linux: { namespaces: [], devices: [{ path: '/a', type: 'p' }] } }]],
  },
  devicesAreWhole: {
    good: [
      device({}),
      device({ type: 'p', major: undefined, minor: undefined }),
      device({ major: 4095, minor: 1048575 }),
    ],
    bad: [
      ['/linux/devices/0/path', device({ path: 'dev/x' })],
      ['/linux/devices/0/path', device({ path: '/dev/..' })],
      ['/linux/devices/0/major /linux/devices/0/minor', device({ type: 'b', major: undefined, minor: undefined })],
      ['/linux/devices/0/major /linux/devices/0/minor', device({ type: 'u', major: -1, minor: 1048576 })],
    ],
  },
  devicesDoNotCollide: {
    good: [
      linux({
        devices: [
          { path: '/dev/x', type: 'c', major: 1, minor: 3 },
          { path: '/dev//x', type: 'u', major: 1, minor: 3 },
        ],
      }),
    ],
    bad: [
      [
        '/linux/devices/1/path',
        linux({
          devices: [
            { path: '/dev/x', type: 'c', major: 1, minor: 3 },
            { path: '/dev/./x', type: 'b', major: 1, minor: 3 },
          ],
        }),
      ],
    ],
  },
  annotationsAreNamed: {
    good: [{ annotations: { a: '' } }],
    bad: [['/annotations/', { annotations: { '': 'a' } }]],
  },
  cgroupsPathIsSound: {
    good: ['', '/', 'a', '/a/b..c', '/a/...', 'system.slice:ocirun:box'].map((cgroupsPath) => linux({ cgroupsPath })),
    bad: ['..', '/a/../b', 'a/..', '/a\nb'].map((cgroupsPath) => ['/linux/cgroupsPath', linux({ cgroupsPath })]),
  },
  deviceRulesAreSound: {
    good: [
      resources({
        devices: [
          { allow: false },
          { allow: false, access: 'rwm' },
          { allow: true, type: 'c', major: -1, minor: 5, access: 'mr' },
          { allow: true, type: 'b', major: 2 ** 32 - 1, minor: -1, access: 'mr' },
        ],
      }),
    ],
    bad: [
      ['/linux/resources/devices/0/type', resources({ devices: [{ allow: true, type: 'u', access: 'r' }] })],
      ['/linux/resources/devices/0/access', resources({ devices: [{ allow: true, access: 'rx' }] })],
      [
        '/linux/resources/devices/1/major /linux/resources/devices/1/minor',
        resources({ devices: [{ allow: true }, { allow: true, type: 'b', major: -2, minor: -2 }] }),
      ],
      [
        '/linux/resources/devices/0/major /linux/resources/devices/1/minor',
        resources({
          devices: [
            { allow: true, type: 'b', major: 2 ** 32 },
            { allow: true, type: 'b', minor: 2 ** 32 },
          ],
        }),
      ],
    ],
  },
  memoryLimitsAreLimits: {
    good: [memory({ limit: -1, reservation: -1, swap: -1 }), memory({ limit: 0, swap: 0 })],
    bad: [
      ['/linux/resources/memory/limit', memory({ limit: -2 })],
      ['/linux/resources/memory/reservation', memory({ reservation: -3 })],
      [
        '/linux/resources/memory/swap /linux/resources/memory/kernel /linux/resources/memory/kernelTCP',
        memory({ swap: -2, kernel: -2, kernelTCP: -2 }),
      ],
    ],
  },
  swapHoldsMemory: {
    good: [memory({ limit: 10, swap: 10 }), memory({ limit: 10, swap: -1 }), memory({ limit: -1, swap: 0 })],
    bad: [
      ['/linux/resources/memory/swap', memory({ limit: 10, swap: 9 })],
      ['/linux/resources/memory/swap', memory({ swap: 9 })],
      ['/linux/resources/memory/swap', memory({ limit: -1, swap: 9 })],
    ],
  },
  swappinessIsAPercentage: {
    good: [memory({ swappiness: 0 })],
    bad: [['/linux/resources/memory/swappiness', memory({ swappiness: 101 })]],
  },
  cpuTimesFitTheKernel: {
    good: [cpu({ quota: -1, period: 0, shares: 0 }), cpu({ quota: 1000, period: 1000 }), cpu({ period: 1000000 })],
    bad: [
      ['/linux/resources/cpu/quota', cpu({ quota: 999 })],
      ['/linux/resources/cpu/period', cpu({ period: 999 })],
      ['/linux/resources/cpu/period', cpu({ period: 1000001 })],
    ],
  },
  burstFitsQuota: {
    good: [cpu({ quota: 1000, burst: 1000 }), cpu({ quota: -1, burst: 9 }), cpu({ burst: 9 })],
    bad: [['/linux/resources/cpu/burst', cpu({ quota: 1000, burst: 1001 })]],
  },
  cpuIdleIsASwitch: {
    good: [cpu({ idle: 0 }), cpu({ idle: 1 })],
    bad: [-1, 2].map((idle) => ['/linux/resources/cpu/idle', cpu({ idle })]),
  },
  realTimeFitsPeriod: {
    good: [cpu({ realtimeRuntime: 0, realtimePeriod: 0 })],
    bad: [['/linux/resources/cpu/realtimeRuntime', cpu({ realtimeRuntime: 2, realtimePeriod: 1 })]],
  },
  cpuListsAreLists: {
    good: ['', '0', '0-3,5\n', '0-15:2/4', 'all', '3-N'].map((cpus) => cpu({ cpus })),
    bad: ['a', '1-', '3-1', '0x1'].map((mems) => ['/linux/resources/cpu/mems', cpu({ mems })]),
  },
  blockIoWeightsAreInRange: {
    good: [0, 10, 1000].map((weight) => blockIO({ weight, weightDevice: [{ major: 8, minor: 0, weight }] })),
    bad: [
      ['/linux/resources/blockIO/weight', blockIO({ weight: 9 })],
      ['/linux/resources/blockIO/leafWeight', blockIO({ leafWeight: 1001 })],
      [
        '/linux/resources/blockIO/weightDevice/0/weight',
        blockIO({ weightDevice: [{ major: 8, minor: 0, weight: 1001 }] }),
      ],
    ],
  },
  weightDevicesHaveAWeight: {
    good: [blockIO({ weightDevice: [{ major: 8, minor: 0, weight: 100 }] })],
    bad: [['/linux/resources/blockIO/weightDevice/0', blockIO({ weightDevice: [{ major: 8, minor: 0 }] })]],
  },
  throttlesHaveARate: {
    good: [blockIO({ throttleReadBpsDevice: [{ major: 8, minor: 0, rate: 0 }] })],
    bad: [
      [
        '/linux/resources/blockIO/throttleWriteIOPSDevice/0',
        blockIO({ throttleWriteIOPSDevice: [{ major: 8, minor: 0 }] }),
      ],
      [
        '/linux/resources/blockIO/throttleReadBpsDevice/1',
        blockIO({
          throttleReadBpsDevice: [
            { major: 8, minor: 0, rate: 1 },
            { major: 8, minor: 0 },
          ],
        }),
      ],
    ],
  },
  blockDevicesHaveNumbers: {
    good: [blockIO({ throttleWriteBpsDevice: [{ major: 0, minor: 0, rate: 1 }] })],
    bad: [
      [
        '/linux/resources/blockIO/weightDevice/0/major',
        blockIO({ weightDevice: [{ major: -1, minor: 0, weight: 100 }] }),
      ],
      [
        '/linux/resources/blockIO/throttleReadIOPSDevice/0/minor',
        blockIO({ throttleReadIOPSDevice: [{ major: 8, minor: -1, rate: 1 }] }),
      ],
    ],
  },
  hugepageSizesAreSizes: {
    good: [
      resources({
        hugepageLimits: ['64KB', '2MB', '1GB', '1024MB'].map((pageSize) => ({ pageSize, limit: 9223372036854771712 })),
      }),
    ],
    bad: [
      ['/linux/resources/hugepageLimits/0/pageSize', resources({ hugepageLimits: [{ pageSize: '3MB', limit: 0 }] })],
      [
        '/linux/resources/hugepageLimits/1/pageSize',
        resources({
          hugepageLimits: [
            { pageSize: '2MB', limit: 0 },
            { pageSize: '2MB', limit: 1 },
          ],
        }),
      ],
    ],
  },
  rdmaLimitsSomething: {
    good: [resources({ rdma: { mlx5_1: { hcaHandles: 0 }, rxe3: { hcaObjects: 1 } } })],
    bad: [['/linux/resources/rdma/mlx~15', resources({ rdma: { 'mlx/5': {} } })]],
  },
  unifiedNamesFiles: {
    good: [resources({ unified: { 'memory.high': '1', 'hugetlb.1GB.max': '1', 'my.thing': '' } })],
    bad: [
      ['/linux/resources/unified/~1memory.high', resources({ unified: { '/memory.high': '1' } })],
      ['/linux/resources/unified/memory', resources({ unified: { memory: '1' } })],
      ['/linux/resources/unified/.high', resources({ unified: { '.high': '1' } })],
      ['/linux/resources/unified/', resources({ unified: { '': '1' } })],
    ],
  },
  netDevicesNeedNetworkNamespace: {
    good: [linux({ netDevices: { eth0: {} } }), linux({ namespaces: [], netDevices: {} })],
    bad: [['/linux/netDevices', linux({ namespaces: [], netDevices: { eth0: {} } })]],
  },
  netDevicesHaveNames: {
    good: [linux({ netDevices: { eth0: { name: '' }, 'eth1.100': { name: 'c%d' }, ['x'.repeat(15)]: {} } })],
    bad: [
      ...['', '.', '..', 'a/b', 'a:b', 'a\tb', 'x'.repeat(16), 'ä'.repeat(8)].map(
        (name) => [`/linux/netDevices/${name.replace('/', '~1')}`, linux({ netDevices: { [name]: {} } })] as const,
      ),
      ...['a b', 'a%', '%s', '%d%d', '..'].map(
        (name) => ['/linux/netDevices/eth0/name', linux({ netDevices: { eth0: { name } } })] as const,
      ),
    ],
  },
  netDevicesDoNotCollide: {
    good: [linux({ netDevices: { eth0: { name: 'c%d' }, eth1: { name: 'c%d' } } })],
    bad: [
      ['/linux/netDevices/eth1/name', linux({ netDevices: { eth0: { name: 'a' }, eth1: { name: 'a' } } })],
      ['/linux/netDevices/eth1', linux({ netDevices: { eth0: { name: 'eth1' }, eth1: {} } })],
    ],
  },
  closIsADirectory: {
    good: ['', '/', 'guaranteed', 'a..b'].map((closID) => linux({ intelRdt: { closID } })),
    bad: ['.', '..', 'a/b', '/a', 'a\nb'].map((closID) => ['/linux/intelRdt/closID', linux({ intelRdt: { closID } })]),
  },
  schemataAreLines: {
    good: [linux({ intelRdt: { schemata: ['L3:0=7f0;1=1f', 'L2:0=f\nMB:0=20;1=70\n'] } })],
    bad: [
      ['/linux/intelRdt/schemata/1', linux({ intelRdt: { schemata: ['L3:0=7f0', '0=7f0'] } })],
      ['/linux/intelRdt/schemata/0', linux({ intelRdt: { schemata: [''] } })],
    ],
  },
  errnoIsOfTheAction: {
    good: [
      seccomp({ defaultAction: 'SCMP_ACT_ERRNO', defaultErrnoRet: 4095 }),
      syscall({ action: 'SCMP_ACT_TRACE', errnoRet: 65535 }),
      syscall({ action: 'SCMP_ACT_ERRNO', errnoRet: 0 }),
      syscall({ action: 'SCMP_ACT_ALLOW' }),
    ],
    bad: [
      ['/linux/seccomp/syscalls/0/errnoRet', syscall({ action: 'SCMP_ACT_ALLOW', errnoRet: 0 })],
      ['/linux/seccomp/defaultErrnoRet', seccomp({ defaultErrnoRet: 1 })],
      ['/linux/seccomp/syscalls/0/errnoRet', syscall({ action: 'SCMP_ACT_KILL', errnoRet: 1 })],
      ['/linux/seccomp/syscalls/0/errnoRet', syscall({ errnoRet: 4096 })],
    ],
  },
  argumentsExist: {
    good: [syscall({ args: [{ index: 5, value: 1, op: 'SCMP_CMP_EQ' }] })],
    bad: [['/linux/seccomp/syscalls/0/args/0/index', syscall({ args: [{ index: 6, value: 1, op: 'SCMP_CMP_EQ' }] })]],
  },
  notifyCannotBlockTheRuntime: {
    good: [seccomp({ listenerPath: '/a', syscalls: [{ names: ['mkdir'], action: 'SCMP_ACT_NOTIFY' }] })],
    bad: [
      ['/linux/seccomp/defaultAction', seccomp({ defaultAction: 'SCMP_ACT_NOTIFY', listenerPath: '/a' })],
      [
        '/linux/seccomp/syscalls/0/names/1',
        seccomp({ listenerPath: '/a', syscalls: [{ names: ['mkdir', 'write'], action: 'SCMP_ACT_NOTIFY' }] }),
      ],
    ],
  },
  notifyHasAListener: {
    good: [seccomp({ listenerPath: '/a', listenerMetadata: 'b' })],
    bad: [['/linux/seccomp/syscalls/0/action', syscall({ action: 'SCMP_ACT_NOTIFY' })]],
  },
  metadataHasAListener: {
    good: [seccomp({ listenerPath: '/a', listenerMetadata: 'b' }), seccomp({ listenerMetadata: '' })],
    bad: [['/linux/seccomp/listenerMetadata', seccomp({ listenerMetadata: 'b' })]],
  },
  fieldsAreSupported: { good: [{}], bad: [['/process/terminal', process({ terminal: true })]] },
  privateRootIsPivoted: {
    pivot: false,
    good: [linux({ rootfsPropagation: 'slave' })],
    bad: [['/linux/rootfsPropagation', linux({ rootfsPropagation: 'rprivate' })]],
  },
  stringsHaveNoNul: { good: [{ hostname: 'a' }], bad: [['/hostname', { hostname: 'a\0' }]] },
  stringsAreUnicode: {
    good: [{ hostname: '𝄞' }],
    bad: [
      ['/hostname', { hostname: 'a\ud834' }],
      ['/annotations', { annotations: { 'a\udd1e': '' } }],
    ],
  },
  versionIsOurs: {
    good: [{ ociVersion: '1.99.0' }, { ociVersion: '0.9.0' }],
    bad: ['2.0.0', '10.1.0-rc.1'].map((ociVersion) => ['/ociVersion', { ociVersion }]),
  },
  capabilitiesAreKnown: {
    good: [process({ capabilities: { bounding: ['CAP_KILL'], ambient: [] } })],
    bad: [
      [
        '/process/capabilities/bounding/1 /process/capabilities/ambient/0',
        process({ capabilities: { bounding: ['CAP_KILL', 'CAP_NONE'], permitted: ['CAP_NONE'], ambient: ['KILL'] } }),
      ],
    ],
  },
  umaskHasPermissionsAlone: {
    good: [process({ user: { umask: 0o777 } })],
    bad: [['/process/user/umask', process({ user: { umask: 0o1000 } })]],
  },
  destinationsAreAbsolute: {
    good: [mount({})],
    bad: [['/mounts/0/destination', mount({ destination: 'a' })]],
  },
  otherPlatformsAreIgnored: {
    good: [process({ commandLine: '', user: { username: '' } })],
    bad: [
      ['/windows', { windows: {} }],
      ['/solaris /vm /zos /freebsd', { vm: { kernel: { path: '/k' } }, solaris: {}, zos: {}, freebsd: {} }],
      ['/process/commandLine /process/user/username', process({ commandLine: 'a', user: { username: 'b' } })],
    ],
  },
  personalityFlagsAreIgnored: {
    good: [linux({ personality: { domain: 'LINUX', flags: [] } })],
    bad: [['/linux/personality/flags', linux({ personality: { domain: 'LINUX', flags: ['A'] } })]],
  },
  hookVariablesAreNamed: {
    good: [{ hooks: { poststop: [{ path: '/a', env: ['A=', 'B=c'] }, { path: '/a' }] } }],
    bad: [
      [
        '/hooks/createRuntime/0/env/1 /hooks/createRuntime/0/env/2',
        { hooks: { createRuntime: [{ path: '/a', env: ['A=b', 'C', '=d'] }] } },
      ],
    ],
  },
  version1LimitsDoNothing: {
    good: [memory({ limit: 1, kernel: 0, disableOOMKiller: false, useHierarchy: true })],
    bad: [
      ['/linux/resources/memory/kernel', memory({ kernel: 1 })],
      [
        '/linux/resources/memory/swappiness /linux/resources/memory/disableOOMKiller',
        memory({ swappiness: 60, disableOOMKiller: true }),
      ],
      ['/linux/resources/cpu/realtimeRuntime', cpu({ realtimeRuntime: 1 })],
      ['/linux/resources/blockIO/leafWeight', blockIO({ leafWeight: 10 })],
    ],
  },
  networkMarksDoNothing: {
    good: [resources({ network: { classID: 0, priorities: [] } })],
    bad: [
      [
        '/linux/resources/network/classID /linux/resources/network/priorities',
        resources({ network: { classID: 1, priorities: [{ name: 'eth0', priority: 1 }] } }),
      ],
    ],
  },
  waitKillableNeedsNotify: {
    good: [
      seccomp({ flags: ['SECCOMP_FILTER_FLAG_LOG'] }),
      seccomp({
        flags: ['SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV'],
        listenerPath: '/a',
        syscalls: [{ names: ['mkdir'], action: 'SCMP_ACT_NOTIFY' }],
      }),
    ],
    bad: [['/linux/seccomp/flags/0', seccomp({ flags: ['SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV'] })]],
  },
  listenerNeedsNotify: {
    good: [seccomp({}), seccomp({ listenerPath: '/a', syscalls: [{ names: ['mkdir'], action: 'SCMP_ACT_NOTIFY' }] })],
    bad: [['/linux/seccomp/listenerPath', seccomp({ listenerPath: '/a' })]],
  },
  secondValueNeedsAMask: {
    good: [
      syscall({ args: [{ index: 0, value: 1, valueTwo: 1, op: 'SCMP_CMP_MASKED_EQ' }] }),
      syscall({ args: [{ index: 0, value: 1, valueTwo: 0, op: 'SCMP_CMP_EQ' }] }),
    ],
    bad: [
      [
        '/linux/seccomp/syscalls/0/args/0/valueTwo',
        syscall({ args: [{ index: 0, value: 1, valueTwo: 1, op: 'SCMP_CMP_NE' }] }),
      ],
    ],
  },
};

t.test('every rule has a good and a bad document, and no name is given twice', async (t) => {
  const names = [...refuse, ...warn].flatMap(({ checks }) => Object.keys(checks));
  t.same([...names].sort(), Object.keys(table).sort());
  for (const [rule, { good, bad }] of Object.entries(table)) t.ok(good.length > 0 && bad.length > 0, rule);
});

for (const [rule, { good, bad, pivot = true }] of Object.entries(table))
  t.test(rule, async (t) => {
    for (const patch of good) {
      t.same(pointersOf(rule, patch, pivot), [], JSON.stringify(patch));
      const others = validate(documentWith(patch), true, pivot).errors.filter(({ code }) => code === 'E_CONFIG_RULE');
      t.same(others, [], JSON.stringify(patch));
    }
    for (const [pointers, patch] of bad)
      t.same(pointersOf(rule, patch, pivot).join(' '), pointers, JSON.stringify(patch));
  });
