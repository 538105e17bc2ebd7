/** Values of the wrong type, outside their range, missing, or called otherwise. */
import { type Entry, editing, replacing, setting } from '../entry.ts';

const resource = (name: string, value: unknown): Entry =>
  setting(`type-resources-${name.toLowerCase()}`, `linux.resources.${name}`, value);

export const schema: readonly Entry[] = [
  // Of the wrong type: one of every object that the schema knows.
  setting('type-version', 'ociVersion', 1.3),
  setting('type-hostname', 'hostname', 7),
  setting('type-annotations', 'annotations', { count: 3 }),
  setting('type-root', 'root', 'rootfs'),
  setting('type-root-readonly', 'root.readonly', 'true'),
  setting('type-process', 'process', null),
  setting('type-args', 'process.args', 'sh -c true'),
  setting('type-args-item', 'process.args', ['/probe', 'exit', 0]),
  setting('type-env', 'process.env', { PATH: '/bin' }),
  setting('type-user', 'process.user', 'root'),
  setting('type-user-id', 'process.user.uid', '0'),
  setting('type-user-groups', 'process.user.additionalGids', [10, 'wheel']),
  setting('type-no-new-privileges', 'process.noNewPrivileges', 1),
  setting('type-capabilities', 'process.capabilities', ['CAP_KILL']),
  setting('type-capabilities-item', 'process.capabilities', { bounding: ['CAP_KILL', 5] }),
  setting('type-rlimits', 'process.rlimits', { RLIMIT_NOFILE: 1024 }),
  setting('type-rlimits-number', 'process.rlimits', [{ type: 'RLIMIT_NOFILE', soft: '1024', hard: 1024 }]),
  setting('type-oom-score-adj', 'process.oomScoreAdj', 1.5),
  setting('type-scheduler', 'process.scheduler', { policy: 'SCHED_OTHER', nice: 'low' }),
  setting('type-console-size', 'process.consoleSize', { height: 24, width: '80' }),
  setting('type-mounts', 'mounts', { '/proc': 'proc' }),
  setting('type-mounts-item', 'mounts.1', '/tmp'),
  setting('type-mounts-options', 'mounts.1.options', 'ro,nosuid'),
  setting('type-mounts-maps', 'mounts.1.uidMappings', [{ containerID: 0, hostID: 0, size: '1' }]),
  setting('type-hooks', 'hooks', []),
  setting('type-hooks-kind', 'hooks', { prestart: { path: '/bin/true' } }),
  setting('type-hooks-timeout', 'hooks', { prestart: [{ path: '/bin/true', timeout: '10s' }] }),
  setting('type-namespaces', 'linux.namespaces', ['pid', 'mount']),
  setting('type-uid-mappings', 'linux.uidMappings', { containerID: 0, hostID: 0, size: 1 }),
  setting('type-devices', 'linux.devices', [{ path: '/dev/x', type: 'c', major: '1', minor: 3 }]),
  setting('type-sysctl', 'linux.sysctl', { 'net.ipv4.ip_forward': 1 }),
  setting('type-masked-paths', 'linux.maskedPaths', '/proc/kcore'),
  setting('type-cgroups-path', 'linux.cgroupsPath', ['a', 'b']),
  setting('type-seccomp', 'linux.seccomp', {
    defaultAction: 'SCMP_ACT_ALLOW',
    syscalls: [{ names: 'open', action: 'SCMP_ACT_ERRNO' }],
  }),
  setting('type-time-offsets', 'linux.timeOffsets', { monotonic: { secs: '1' } }),
  setting('type-memory-policy', 'linux.memoryPolicy', { mode: 'MPOL_BIND', nodes: 0 }),
  setting('type-intel-rdt', 'linux.intelRdt', { closID: 7 }),
  resource('memory', { limit: '64M' }),
  resource('cpu', { shares: '1024' }),
  resource('pids', { limit: '10' }),
  resource('blockIO', { weight: 'high' }),
  resource('network', { classID: 'a' }),
  resource('unified', { 'pids.max': 10 }),
  resource('devices', [{ allow: 'no' }]),
  // As upstream's bad documents have it.
  setting('upstream-hugepage-size', 'linux.resources.hugepageLimits', [{ limit: 1234123, pageSize: '64kB' }]),
  setting('upstream-net-device', 'linux.netDevices', { eth0: { name: 23 } }),
  setting('upstream-rdma', 'linux.resources.rdma', { mlx5_1: { hcaHandles: 'not a uint32' } }),
  setting('upstream-freebsd-jail', 'freebsd', { jail: { vnet: 'disable' } }),

  // Words that are none of those allowed.
  setting('word-namespace', 'linux.namespaces.1.type', 'net'),
  setting('word-device-type', 'linux.devices', [{ path: '/dev/x', type: 'char', major: 1, minor: 3 }]),
  setting('word-rlimit-prefix', 'process.rlimits', [{ type: 'NOFILE', soft: 1, hard: 1 }]),
  setting('word-scheduler-policy', 'process.scheduler', { policy: 'SCHED_FIFOO' }),
  setting('word-io-priority-class', 'process.ioPriority', { class: 'BEST_EFFORT', priority: 4 }),
  setting('word-propagation', 'linux.rootfsPropagation', 'private,slave'),
  setting('word-personality', 'linux.personality', { domain: 'LINUX64' }),
  setting('word-memory-policy', 'linux.memoryPolicy', { mode: 'MPOL_BOUND', nodes: '0' }),

  // Missing.
  setting('missing-version', 'ociVersion', undefined),
  setting('missing-cwd', 'process.cwd', undefined),
  setting('missing-root-path', 'root', {}),
  setting('missing-mount-destination', 'mounts.1.destination', undefined),
  setting('missing-hook-path', 'hooks', { createContainer: [{ args: ['hook'] }] }),
  setting('missing-namespace-type', 'linux.namespaces.0', { path: '/proc/self/ns/pid' }),
  setting('missing-map-size', 'linux.uidMappings', [{ containerID: 0, hostID: 0 }]),
  setting('missing-rlimit-hard', 'process.rlimits', [{ type: 'RLIMIT_NOFILE', soft: 1 }]),
  setting('missing-device-path', 'linux.devices', [{ type: 'c', major: 1, minor: 3 }]),
  setting('missing-io-priority-class', 'process.ioPriority', { priority: 4 }),

  // Out of range.
  setting('range-uid', 'process.user.uid', -1),
  setting('range-uid-above', 'process.user.uid', 2 ** 32),
  setting('range-umask', 'process.user.umask', -18),
  setting('range-hook-timeout', 'hooks', { prestart: [{ path: '/bin/true', timeout: 0 }] }),
  setting('range-map-size', 'linux.uidMappings', [{ containerID: 0, hostID: 0, size: 2 ** 32 }]),
  replacing(
    'range-below-64-bits',
    '"linux": {',
    '"linux": {\n    "resources": {"memory": {"limit": -9223372036854775809}},',
  ),
  setting('range-fraction', 'process.user.gid', 0.5),

  // Names that somebody meant otherwise: where the right one is required, or its absence shows.
  editing('typo-process-cwd', (config) => {
    const { cwd, ...rest } = config.process;
    config.process = { ...rest, Cwd: cwd } as never;
  }),
  editing('typo-root', (config) => {
    const { root, ...rest } = config;
    for (const name of Object.keys(config)) delete config[name];
    Object.assign(config, rest, { rootfs: root });
  }),
  editing('typo-process-args', (config) => {
    const { args, ...rest } = config.process;
    config.process = { ...rest, arg: args } as never;
  }),
  setting('typo-mount-destination', 'mounts.1', { target: '/tmp', type: 'tmpfs' }),
  setting('typo-hook-path', 'hooks', { poststop: [{ Path: '/bin/true' }] }),
];
