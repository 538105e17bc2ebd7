/**
 * Rules for limits, seccomp and the like; of what this version cannot give yet, what is wrong is told all the same, beside
 * that it is not supported.
 */
import { type Entry, setting } from '../entry.ts';

const memory = (name: string, value: object): Entry => setting(`rule-memory-${name}`, 'linux.resources.memory', value);
const cpu = (name: string, value: object): Entry => setting(`rule-cpu-${name}`, 'linux.resources.cpu', value);
const blockIo = (name: string, value: object): Entry =>
  setting(`rule-block-io-${name}`, 'linux.resources.blockIO', value);
const seccomp = (name: string, value: object): Entry =>
  setting(`rule-seccomp-${name}`, 'linux.seccomp', { defaultAction: 'SCMP_ACT_ALLOW', ...value });

const asking = { names: ['mkdir'], action: 'SCMP_ACT_NOTIFY' };

export const limits: readonly Entry[] = [
  memory('limit-negative', { limit: -64 }),
  memory('swap-without-limit', { swap: 1048576 }),
  memory('swap-below-limit', { limit: 2097152, swap: 1048576 }),
  memory('swappiness', { swappiness: 101 }),
  cpu('quota-too-small', { quota: 10, period: 10_000_000 }),
  cpu('burst-above-quota', { quota: 50000, burst: 60000 }),
  cpu('idle', { idle: 2 }),
  cpu('real-time', { realtimeRuntime: 200, realtimePeriod: 100 }),
  cpu('list', { cpus: '0-', mems: 'all' }),
  blockIo('weight', { weight: 5 }),
  blockIo('device-without-weight', { weightDevice: [{ major: 8, minor: 0 }] }),
  blockIo('throttle-without-rate', { throttleReadBpsDevice: [{ major: 8, minor: 0 }] }),
  blockIo('device-with-a-negative-number', { throttleReadBpsDevice: [{ major: -8, minor: 0, rate: 1 }] }),
  setting('rule-huge-pages', 'linux.resources.hugepageLimits', [
    { pageSize: '3MB', limit: 1 },
    { pageSize: '2MB', limit: 1 },
    { pageSize: '2MB', limit: 2 },
  ]),
  setting('rule-rdma', 'linux.resources.rdma', { mlx5_1: {} }),
  setting('rule-unified', 'linux.resources.unified', { '../cgroup.procs': '1', memory: '1' }),
  setting('rule-device-rule', 'linux.resources.devices', [{ allow: true, type: 'char', access: 'rwx', major: -2 }]),
  setting('rule-device-hole', 'linux.resources.devices', [
    { allow: true, type: 'c', major: 7, access: 'rw' },
    { allow: false, type: 'c', major: 7, minor: 7, access: 'w' },
  ]),

  setting('rule-net-device-without-network', 'linux', {
    namespaces: [{ type: 'mount' }, { type: 'uts' }],
    netDevices: { eth0: {} },
  }),
  setting('rule-net-device-names', 'linux.netDevices', {
    'a-name-that-is-too-long': {},
    eth0: { name: 'a/b' },
    eth1: { name: 'eth%d%d' },
  }),
  setting('rule-net-devices-collide', 'linux.netDevices', { eth0: { name: 'lan' }, eth1: { name: 'lan' } }),
  setting('rule-rdt-class', 'linux.intelRdt', { closID: '../other' }),
  setting('rule-rdt-schemata', 'linux.intelRdt', { closID: 'one', schemata: ['L3'] }),

  seccomp('errno', { defaultErrnoRet: 1, syscalls: [{ names: ['open'], action: 'SCMP_ACT_ERRNO', errnoRet: 5000 }] }),
  seccomp('argument', {
    syscalls: [{ names: ['open'], action: 'SCMP_ACT_ERRNO', args: [{ index: 6, value: 0, op: 'SCMP_CMP_EQ' }] }],
  }),
  seccomp('notify-by-default', { defaultAction: 'SCMP_ACT_NOTIFY', listenerPath: '/run/agent.sock' }),
  seccomp('notify-without-a-listener', { syscalls: [asking] }),
  seccomp('metadata-without-a-listener', { listenerMetadata: 'x' }),

  setting('rule-version', 'ociVersion', '1.3'),
  setting('rule-scheduler-policy', 'process.scheduler', { policy: 'SCHED_ISO' }),
  setting('rule-scheduler-real-time', 'process.scheduler', { policy: 'SCHED_RR' }),
  setting('rule-scheduler-deadline-too-short', 'process.scheduler', {
    policy: 'SCHED_DEADLINE',
    runtime: 20000,
    deadline: 10000,
  }),
  setting('rule-exec-affinity', 'process.execCPUAffinity', { initial: '0,1', final: '3-2' }),
  setting('rule-memory-policy-flags', 'linux.memoryPolicy', {
    mode: 'MPOL_INTERLEAVE',
    nodes: '0',
    flags: ['MPOL_F_NUMA_BALANCING'],
  }),
  setting('rule-cgroup-path', 'linux.cgroupsPath', '/a/../../b'),
];
