/** Documents that the schema allows and the specification does not, and what this version cannot do. */
import type { Config } from '../../lib/config.ts';
import { type Entry, editing, setting } from '../entry.ts';

const without =
  (...types: readonly string[]) =>
  (config: Config): void => {
    config.linux.namespaces = config.linux.namespaces.filter(({ type }) => !types.includes(type));
  };

const alsoNamespace =
  (type: string, path?: string) =>
  (config: Config): void =>
    void config.linux.namespaces.push(path === undefined ? { type } : { type, path });

const both =
  (...edits: readonly ((config: Config) => void)[]) =>
  (config: Config): void =>
    edits.forEach((edit) => edit(config));

const field =
  (name: string, value: unknown) =>
  (config: Config): void =>
    void (config.linux[name] = value);

const mount = (more: object) => (config: Config) => void config.mounts.push({ destination: '/mnt', ...more });

const map = [{ containerID: 0, hostID: 100000, size: 65536 }];
const maps = both(field('uidMappings', map), field('gidMappings', map));
const user = both(alsoNamespace('user'), maps);

export const rules: readonly Entry[] = [
  // The root and the process.
  setting('rule-root-missing', 'root', undefined),
  setting('rule-root-path-empty', 'root.path', ''),
  setting('rule-process-missing', 'process', undefined),
  setting('rule-args-empty', 'process.args', []),
  setting('rule-args-missing', 'process.args', undefined),
  setting('rule-cwd-relative', 'process.cwd', 'app'),
  setting('rule-cwd-empty', 'process.cwd', ''),
  setting('rule-env-without-equals', 'process.env', ['PATH=/bin', 'HOME']),
  setting('rule-env-without-name', 'process.env', ['=x']),
  setting('rule-rlimit-unknown', 'process.rlimits', [{ type: 'RLIMIT_FILES', soft: 1, hard: 1 }]),
  setting('rule-rlimit-twice', 'process.rlimits', [
    { type: 'RLIMIT_CORE', soft: 0, hard: 0 },
    { type: 'RLIMIT_CORE', soft: 1, hard: 1 },
  ]),
  setting('rule-rlimit-soft-above-hard', 'process.rlimits', [{ type: 'RLIMIT_NOFILE', soft: 2048, hard: 1024 }]),
  setting('rule-scheduler-nice', 'process.scheduler', { policy: 'SCHED_BATCH', nice: 20 }),
  setting('rule-scheduler-priority', 'process.scheduler', { policy: 'SCHED_OTHER', priority: 5 }),
  setting('rule-scheduler-deadline', 'process.scheduler', { policy: 'SCHED_FIFO', priority: 5, runtime: 1, period: 2 }),
  setting('rule-io-priority', 'process.ioPriority', { class: 'IOPRIO_CLASS_BE', priority: 8 }),
  setting('rule-oom-score-adj', 'process.oomScoreAdj', 1001),
  editing('rule-personality-without-domain', field('personality', { flags: ['ADDR_NO_RANDOMIZE'] })),
  editing('rule-memory-policy-nodes-missing', field('memoryPolicy', { mode: 'MPOL_BIND' })),
  editing('rule-memory-policy-nodes-unwanted', field('memoryPolicy', { mode: 'MPOL_LOCAL', nodes: '0' })),
  editing('rule-memory-policy-nodes-bad', field('memoryPolicy', { mode: 'MPOL_BIND', nodes: '0-' })),

  // Namespaces, and what needs one.
  editing('rule-namespace-twice', alsoNamespace('pid')),
  editing('rule-namespace-path-relative', both(without('ipc'), alsoNamespace('ipc', 'proc/1/ns/ipc'))),
  editing('rule-hostname-without-uts', without('uts')),
  editing('rule-mounts-without-mount-namespace', without('mount')),
  editing('rule-devices-without-mount-namespace', (config) => {
    without('mount')(config);
    config.mounts = [];
    field('devices', [{ path: '/dev/x', type: 'c', major: 1, minor: 3 }])(config);
  }),
  editing('rule-masks-without-mount-namespace', (config) => {
    without('mount')(config);
    config.mounts = [];
    field('maskedPaths', ['/proc/kcore'])(config);
  }),
  editing('rule-time-offsets-without-namespace', field('timeOffsets', { monotonic: { secs: 60 } })),
  editing(
    'rule-time-offsets-of-a-joined-namespace',
    both(alsoNamespace('time', '/proc/self/ns/time'), field('timeOffsets', { boottime: { secs: 60 } })),
  ),
  editing(
    'rule-time-offsets-nanoseconds',
    both(alsoNamespace('time'), field('timeOffsets', { boottime: { secs: 1, nanosecs: 1_000_000_000 } })),
  ),
  editing('rule-maps-without-user-namespace', maps),
  editing('rule-user-namespace-without-maps', alsoNamespace('user')),
  editing('rule-maps-without-root', both(user, field('uidMappings', [{ containerID: 1, hostID: 100001, size: 10 }]))),
  editing('rule-user-not-mapped', (config) => {
    user(config);
    config.process.user = { uid: 70000, gid: 70000, additionalGids: [5, 80000] };
  }),
  editing('rule-sysctl-of-the-host', field('sysctl', { 'vm.swappiness': '10' })),
  editing('rule-sysctl-without-network', both(without('network'), field('sysctl', { 'net.core.somaxconn': '10' }))),
  editing('rule-sysctl-without-ipc', both(without('ipc'), field('sysctl', { 'kernel.shmmax': '1' }))),
  editing('rule-sysctl-hostname', field('sysctl', { 'kernel.hostname': 'x' })),
  editing('rule-sysctl-no-name', field('sysctl', { 'net..core': '1' })),

  // Hooks, paths, mounts, devices, annotations.
  setting('rule-hook-path-relative', 'hooks', { prestart: [{ path: '/bin/true' }, { path: 'bin/true' }] }),
  editing('rule-masked-path-relative', field('maskedPaths', ['/proc/kcore', 'proc/keys'])),
  editing('rule-readonly-path-relative', field('readonlyPaths', ['proc/sys'])),
  editing('rule-root-masked', field('maskedPaths', ['/'])),
  editing('rule-mount-on-root', mount({ destination: '/', type: 'tmpfs' })),
  editing('rule-mount-inside-proc', mount({ destination: '/proc/sys', type: 'tmpfs' })),
  editing('rule-mount-proc-of-another-type', mount({ destination: '/proc', type: 'tmpfs' })),
  editing('rule-mount-without-type', mount({ source: 'x' })),
  editing('rule-bind-without-source', mount({ options: ['bind'] })),
  editing('rule-bind-with-data', mount({ source: '/etc', options: ['rbind', 'size=10m'] })),
  editing('rule-mount-maps-of-a-filesystem', mount({ type: 'tmpfs', uidMappings: map, gidMappings: map })),
  editing('rule-mount-maps-of-uids-only', mount({ source: '/etc', options: ['bind'], uidMappings: map })),
  editing('rule-mount-idmap-without-maps', mount({ source: '/etc', options: ['bind', 'idmap'] })),
  editing('rule-device-path-relative', field('devices', [{ path: 'dev/x', type: 'c', major: 1, minor: 3 }])),
  editing('rule-device-without-numbers', field('devices', [{ path: '/dev/x', type: 'b' }])),
  editing('rule-device-number-too-large', field('devices', [{ path: '/dev/x', type: 'c', major: 4096, minor: -1 }])),
  editing(
    'rule-devices-collide',
    field('devices', [
      { path: '/dev/x', type: 'c', major: 1, minor: 3 },
      { path: '/dev/../dev/x', type: 'c', major: 1, minor: 5 },
    ]),
  ),
  setting('rule-annotation-without-name', 'annotations', { '': 'x' }),
  editing('rule-no-pivot-with-a-private-root', field('rootfsPropagation', 'private'), {
    call: (box) => ['create', '--no-pivot', '--bundle', box.path('bundle'), box.id()],
  }),

  // What is not built yet.
  setting('unsupported-terminal', 'process.terminal', true),
  setting('unsupported-labels', 'process', {
    args: ['/probe'],
    cwd: '/',
    apparmorProfile: 'docker-default',
    selinuxLabel: 'system_u:system_r:container_t:s0',
  }),
];
