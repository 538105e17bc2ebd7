import type { Spec } from '../spec/types.ts';
import { type Refusal, type Warning, broken, noEffect } from './finding.ts';
import { escaped, isAmong, isNumberList } from './words.ts';

const root = '/linux/resources';

/** Whether there are limits besides the rules for devices, which every document has. */
export function limitsAreThere({ linux }: Spec): unknown {
  const { memory, cpu, blockIO, pids, unified, hugepageLimits, rdma } = linux?.resources ?? {};
  return memory ?? cpu ?? blockIO ?? pids ?? unified ?? hugepageLimits ?? rdma;
}

const memoryLimits = ['limit', 'reservation', 'swap', 'kernel', 'kernelTCP'] as const;

/** "limit in bytes, or -1 for unlimited memory" (config-linux.md "Memory"). */
export const memoryLimitsAreLimits = ({ linux }: Spec): Refusal[] =>
  memoryLimits.flatMap((name) => {
    const value = linux?.resources?.memory?.[name] ?? 0;
    if (value >= -1) return [];
    return [
      broken(`${root}/memory/${name}`, `invalid memory ${name}: ${value}`, { expected: 'bytes, or -1 for no limit' }),
    ];
  });

/** `swap` is memory and swap together (config-linux.md "Memory"); the texts are runc's. 0 is "not given". */
export function swapHoldsMemory({ linux }: Spec): Refusal[] {
  const { limit = 0, swap = 0 } = linux?.resources?.memory ?? {};
  if (swap <= 0) return [];
  const pointer = `${root}/memory/swap`;
  if (limit === 0 || limit === -1)
    return [
      broken(pointer, 'unable to set swap limit without memory limit', { hint: 'give linux.resources.memory.limit' }),
    ];
  if (swap >= limit) return [];
  return [
    broken(pointer, 'memory+swap limit should be >= memory limit', {
      expected: `${limit} or more: it counts memory and swap together`,
    }),
  ];
}

/** "The values are from 0 to 100" (config-linux.md "Memory"). */
export function swappinessIsAPercentage({ linux }: Spec): Refusal[] {
  const value = linux?.resources?.memory?.swappiness ?? 0;
  if (value <= 100) return [];
  return [broken(`${root}/memory/swappiness`, `invalid memory swappiness: ${value}`, { expected: '0 to 100' })];
}

/** What the kernel takes in cpu.max: tg_set_cfs_bandwidth() has a least quota and both limits of a period. */
const [leastTime, mostPeriod] = [1000, 1_000_000];

/** Microseconds that the kernel takes; 0 is "not given", and a quota below that is none. */
export function cpuTimesFitTheKernel({ linux }: Spec): Refusal[] {
  const { quota = 0, period = 0 } = linux?.resources?.cpu ?? {};
  return [
    ...(quota > 0 && quota < leastTime
      ? [broken(`${root}/cpu/quota`, `invalid cpu quota: ${quota}`, { expected: `${leastTime} (µs) or more, or -1` })]
      : []),
    ...(period !== 0 && (period < leastTime || period > mostPeriod)
      ? [
          broken(`${root}/cpu/period`, `invalid cpu period: ${period}`, {
            expected: `${leastTime} to ${mostPeriod} (µs)`,
          }),
        ]
      : []),
  ];
}

/** "this value MUST be no larger than any positive `quota`" (config-linux.md "CPU"). */
export function burstFitsQuota({ linux }: Spec): Refusal[] {
  const { quota = 0, burst = 0 } = linux?.resources?.cpu ?? {};
  if (quota <= 0 || burst <= quota) return [];
  return [
    broken(`${root}/cpu/burst`, `cpu burst ${burst} is larger than the quota ${quota}`, {
      expected: `${quota} at most`,
    }),
  ];
}

/** "0: default behavior, 1: SCHED_IDLE" (config-linux.md "CPU"). */
export function cpuIdleIsASwitch({ linux }: Spec): Refusal[] {
  const idle = linux?.resources?.cpu?.idle ?? 0;
  return idle === 0 || idle === 1
    ? []
    : [broken(`${root}/cpu/idle`, `invalid cpu idle: ${idle}`, { expected: '0 or 1' })];
}

/** A real-time budget has to fit its period (sched_rt_global_constraints() refuses it). */
export function realTimeFitsPeriod({ linux }: Spec): Refusal[] {
  const { realtimeRuntime = 0, realtimePeriod = 0 } = linux?.resources?.cpu ?? {};
  if (realtimePeriod === 0 || realtimeRuntime <= realtimePeriod) return [];
  return [
    broken(
      `${root}/cpu/realtimeRuntime`,
      `cpu realtimeRuntime ${realtimeRuntime} is larger than realtimePeriod ${realtimePeriod}`,
      { expected: `${realtimePeriod} at most` },
    ),
  ];
}

/** cpuset.cpus and cpuset.mems (cpuset(7), "List format"). */
export const cpuListsAreLists = ({ linux }: Spec): Refusal[] =>
  (['cpus', 'mems'] as const).flatMap((name) => {
    const list = linux?.resources?.cpu?.[name] ?? '';
    if (isNumberList(list)) return [];
    return [
      broken(`${root}/cpu/${name}`, `invalid cpu ${name} "${list}"`, { expected: 'numbers and ranges, such as 0-3,5' }),
    ];
  });

const units: Readonly<Record<string, number>> = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 };

/** "must match the <hugepagesize> of the corresponding control file" (config-linux.md "Huge page limits"). */
export function hugepageSizesAreSizes({ linux }: Spec): Refusal[] {
  const seen = new Set<string>();
  return (linux?.resources?.hugepageLimits ?? []).flatMap(({ pageSize }, index) => {
    const pointer = `${root}/hugepageLimits/${index}/pageSize`;
    if (seen.has(pageSize)) return [broken(pointer, `huge pages of ${pageSize} are limited twice`)];
    seen.add(pageSize);
    const bytes = Number.parseInt(pageSize, 10) * (units[pageSize.slice(-2, -1)] ?? NaN);
    if (Number.isInteger(Math.log2(bytes))) return [];
    return [
      broken(pointer, `there are no huge pages of ${pageSize}`, { expected: 'a power of two, such as 2MB or 1GB' }),
    ];
  });
}

/** "You MUST specify at least one of the `hcaHandles` or `hcaObjects`" (config-linux.md "RDMA"). */
export const rdmaLimitsSomething = ({ linux }: Spec): Refusal[] =>
  Object.entries(linux?.resources?.rdma ?? {}).flatMap(([name, { hcaHandles, hcaObjects }]) =>
    hcaHandles === undefined && hcaObjects === undefined
      ? [
          broken(`${root}/rdma/${escaped(name)}`, `RDMA device ${name} has no limit`, {
            expected: 'hcaHandles or hcaObjects',
          }),
        ]
      : [],
  );

/** "Each key in the map refers to a file in the cgroup unified hierarchy" (config-linux.md "Unified"); texts of runc. */
export const unifiedNamesFiles = ({ linux }: Spec): Refusal[] =>
  Object.keys(linux?.resources?.unified ?? {}).flatMap((name) => {
    const reason = name.includes('/')
      ? 'must be a file name (no slashes)'
      : /^[^.]+\../.test(name)
        ? undefined
        : 'must be in the form CONTROLLER.PARAMETER';
    return reason === undefined
      ? []
      : [
          broken(`${root}/unified/${escaped(name)}`, `unified resource "${name}" ${reason}`, {
            expected: 'such as memory.high',
          }),
        ];
  });

/** What engines write. */
const usualAccess = ' r w m rw rm rwm ';

/** Of a device, in 32 bits, or -1 for every one. */
const isNumber = (number = -1): boolean => number >= -1 && number < 2 ** 32;

/** "type of device: a, c or b", "A composition of r, w and m" (config-linux.md "Allowed Device list"). */
export const deviceRulesAreSound = ({ linux }: Spec): Refusal[] =>
  (linux?.resources?.devices ?? []).flatMap(({ type = 'a', access = '', major, minor }, index) => {
    if (isAmong(' a b c ', type) && isAmong(usualAccess, access) && isNumber(major) && isNumber(minor)) return [];
    const pointer = `${root}/devices/${index}`;
    return [
      ...(type === '' || type === 'a' || type === 'c' || type === 'b'
        ? []
        : [broken(`${pointer}/type`, `invalid cgroup device type "${type}"`, { expected: 'a, b or c' })]),
      ...(access === 'rwm' || !/[^rwm]/.test(access)
        ? []
        : [
            broken(`${pointer}/access`, `invalid device access "${access}"`, { expected: 'letters out of r, w and m' }),
          ]),
      ...(isNumber(major) ? [] : [broken(`${pointer}/major`, `invalid major number ${major}`)]),
      ...(isNumber(minor) ? [] : [broken(`${pointer}/minor`, `invalid minor number ${minor}`)]),
    ];
  });

/** What cgroup v2 has no file for (the same as runc leaves out). */
const onlyInVersion1 = {
  memory: ['kernel', 'kernelTCP', 'swappiness', 'disableOOMKiller'],
  cpu: ['realtimeRuntime', 'realtimePeriod'],
  blockIO: ['leafWeight'],
} as const;

const onlyVersion1 = (pointer: string): Warning =>
  noEffect(pointer, `${pointer.slice(1).replaceAll('/', '.')} has no effect on cgroup v2`);

/** Limits that cgroup v2 has no file for. */
export const version1LimitsDoNothing = ({ linux }: Spec): Warning[] => [
  ...(['memory', 'cpu', 'blockIO'] as const).flatMap((holder) => {
    const members: object = linux?.resources?.[holder] ?? {};
    return onlyInVersion1[holder]
      .filter((name) => Boolean(members[name as never]))
      .map((name) => onlyVersion1(`${root}/${holder}/${name}`));
  }),
  ...(linux?.resources?.blockIO?.weightDevice ?? []).flatMap(({ leafWeight }, index) =>
    leafWeight ? [onlyVersion1(`${root}/blockIO/weightDevice/${index}/leafWeight`)] : [],
  ),
  // What is below counts there always.
  ...(linux?.resources?.memory?.useHierarchy === false ? [onlyVersion1(`${root}/memory/useHierarchy`)] : []),
];
