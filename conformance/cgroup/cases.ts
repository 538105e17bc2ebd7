/** What a field of `linux.resources` makes of the control files, and of the properties of a unit of systemd. */
import { unknownTo } from '../lib/runtime.ts';

/** One container. */
export interface Case {
  readonly name: string;
  readonly resources: Readonly<Record<string, unknown>>;
  /** Control files, with what they say; a line of them where there are more. */
  readonly files: Readonly<Record<string, string>>;
  /** Properties, as `systemctl show` prints them. */
  readonly unit?: Readonly<Record<string, string>>;
  /** What systemd of Debian 12 forgets when it reads its units again: there is no property to tell it. */
  readonly forgotten?: readonly string[];
  /** Why a runtime cannot be asked. */
  readonly unless?: string | false;
}

const MiB = 1 << 20;

/** The disk of the guest, /dev/vda: conformance/vm/suite.sh asks for one. */
export const disk = { major: 254, minor: 0, path: '/dev/vda' } as const;

const memory: readonly Case[] = [
  {
    name: 'memory: limit, reservation and swap',
    resources: { memory: { limit: 64 * MiB, reservation: 32 * MiB, swap: 96 * MiB } },
    files: {
      'memory.max': `${64 * MiB}`,
      'memory.low': `${32 * MiB}`,
      'memory.swap.max': `${32 * MiB}`,
      'memory.high': 'max',
    },
    unit: {
      MemoryMax: `${64 * MiB}`,
      MemoryLow: `${32 * MiB}`,
      MemorySwapMax: `${32 * MiB}`,
      Delegate: 'yes',
      DevicePolicy: 'strict',
    },
  },
  {
    name: 'memory: no more with swap than without',
    resources: { memory: { limit: 64 * MiB, swap: 64 * MiB } },
    files: { 'memory.max': `${64 * MiB}`, 'memory.swap.max': '0' },
    unit: { MemoryMax: `${64 * MiB}`, MemorySwapMax: '0' },
  },
  {
    name: 'memory: -1 is no limit',
    resources: { memory: { limit: -1, swap: -1 } },
    files: { 'memory.max': 'max', 'memory.swap.max': 'max' },
    unit: { MemoryMax: 'infinity', MemorySwapMax: 'infinity' },
  },
];

const cpu: readonly Case[] = [
  {
    name: 'cpu: shares as a weight',
    resources: { cpu: { shares: 1024 } },
    files: { 'cpu.weight': '100' },
    unit: { CPUWeight: '100' },
  },
  {
    name: 'cpu: the least shares',
    resources: { cpu: { shares: 2 } },
    files: { 'cpu.weight': '1' },
    unit: { CPUWeight: '1' },
  },
  {
    name: 'cpu: the most shares',
    resources: { cpu: { shares: 262_144 } },
    files: { 'cpu.weight': '10000' },
    unit: { CPUWeight: '10000' },
  },
  {
    name: 'cpu: quota and period',
    resources: { cpu: { quota: 30_000, period: 50_000 } },
    files: { 'cpu.max': '30000 50000' },
    unit: { CPUQuotaPerSecUSec: '600ms', CPUQuotaPeriodUSec: '50ms' },
  },
  {
    name: 'cpu: a period without a quota',
    resources: { cpu: { period: 50_000 } },
    files: { 'cpu.max': 'max 50000' },
    unit: { CPUQuotaPerSecUSec: 'infinity' },
    // Where there is no quota, systemd always writes its own period, which then means nothing.
    forgotten: ['cpu.max'],
  },
  {
    name: 'cpu: burst',
    resources: { cpu: { quota: 50_000, period: 100_000, burst: 20_000 } },
    files: { 'cpu.max': '50000 100000', 'cpu.max.burst': '20000' },
    unless: unknownTo('runc', 'runc has it since 1.2'),
  },
  {
    name: 'cpu: idle',
    resources: { cpu: { idle: 1 } },
    files: { 'cpu.idle': '1' },
    unit: { CPUWeight: 'idle' },
    unless: unknownTo('runc', 'runc has it since 1.2'),
  },
  {
    name: 'cpu: processors and memory nodes',
    resources: { cpu: { cpus: '1', mems: '0' } },
    files: { 'cpuset.cpus': '1', 'cpuset.mems': '0', 'cpuset.cpus.effective': '1' },
    unit: { AllowedCPUs: '1', AllowedMemoryNodes: '0' },
  },
];

const pids: readonly Case[] = [
  { name: 'pids: a limit', resources: { pids: { limit: 77 } }, files: { 'pids.max': '77' }, unit: { TasksMax: '77' } },
  {
    name: 'pids: -1 is no limit',
    resources: { pids: { limit: -1 } },
    files: { 'pids.max': 'max' },
    unit: { TasksMax: 'infinity' },
  },
  {
    name: 'pids: 0 is the least limit',
    resources: { pids: { limit: 0 } },
    files: { 'pids.max': '1' },
    unit: { TasksMax: '1' },
    unless:
      unknownTo('runc', 'it is so since runtime-spec 1.3') || unknownTo('crun', 'it is so since runtime-spec 1.3'),
  },
];

const { major, minor } = disk;
const rate = (rate: number) => [{ major, minor, rate }];

const others: readonly Case[] = [
  {
    name: 'blockIO: a weight, as io.weight where there is no BFQ',
    resources: { blockIO: { weight: 500 } },
    files: { 'io.weight': 'default 4950' },
    unit: { IOWeight: '4950' },
  },
  {
    name: 'blockIO: every throttle',
    resources: {
      blockIO: {
        throttleReadBpsDevice: rate(1 << 22),
        throttleWriteBpsDevice: rate(1 << 21),
        throttleReadIOPSDevice: rate(1000),
        throttleWriteIOPSDevice: rate(500),
      },
    },
    files: { 'io.max': `${major}:${minor} rbps=4194304 wbps=2097152 riops=1000 wiops=500` },
  },
  {
    name: 'hugepages: a limit for those of a size',
    resources: { hugepageLimits: [{ pageSize: '2MB', limit: 4 * MiB }] },
    files: { 'hugetlb.2MB.max': `${4 * MiB}`, 'hugetlb.1GB.max': 'max' },
  },
  {
    name: 'hugepages: no more can be reserved than be had',
    resources: { hugepageLimits: [{ pageSize: '2MB', limit: 4 * MiB }] },
    files: { 'hugetlb.2MB.rsvd.max': `${4 * MiB}` },
    unless: unknownTo('crun', 'crun sets no limit for reservations'),
  },
  {
    name: 'rdma: handles and objects of a device',
    resources: { rdma: { rxe0: { hcaHandles: 3, hcaObjects: 10000 } } },
    files: { 'rdma.max': 'rxe0 hca_handle=3 hca_object=10000' },
    unless: unknownTo('crun', 'crun has no rdma'),
  },
  {
    name: 'unified: files of any controller',
    resources: {
      unified: {
        'memory.high': `${48 * MiB}`,
        'memory.oom.group': '1',
        'memory.min': '4194304',
        'memory.zswap.max': '8388608',
        'pids.max': '55',
      },
    },
    files: {
      'memory.high': `${48 * MiB}`,
      'memory.oom.group': '1',
      'memory.min': '4194304',
      'memory.zswap.max': '8388608',
      'pids.max': '55',
    },
    unit: { MemoryHigh: `${48 * MiB}`, MemoryMin: '4194304', TasksMax: '55' },
    // Scopes have an OOMPolicy since systemd 253.
    forgotten: ['memory.oom.group'],
  },
  {
    name: 'unified: cpu and io',
    resources: { unified: { 'cpu.max': '20000 100000', 'cpu.weight': '42', 'io.weight': 'default 77' } },
    files: { 'cpu.max': '20000 100000', 'cpu.weight': '42', 'io.weight': 'default 77' },
    unit: { CPUQuotaPerSecUSec: '200ms', CPUWeight: '42' },
  },
];

/** Where BFQ is loaded. */
export const withBfq: readonly Case[] = [
  {
    name: 'blockIO: weights of BFQ',
    resources: { blockIO: { weight: 500, weightDevice: [{ major, minor, weight: 300 }] } },
    files: { 'io.bfq.weight': `default 500\n${major}:${minor} 300` },
  },
];

export const cases: readonly Case[] = [...memory, ...cpu, ...pids, ...others];

/** A limit of every kind for one container. */
export const everyLimit = {
  memory: { limit: 64 * MiB, reservation: 32 * MiB, swap: 96 * MiB },
  cpu: { shares: 1024, quota: 50_000, period: 100_000, cpus: '1', mems: '0' },
  pids: { limit: 77 },
  blockIO: { weight: 500, throttleReadBpsDevice: rate(1 << 22) },
  hugepageLimits: [{ pageSize: '2MB', limit: 4 * MiB }],
  unified: { 'memory.high': `${48 * MiB}` },
};
