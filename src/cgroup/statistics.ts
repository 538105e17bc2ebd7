// What the files of a cgroup v2 say (cgroup-v2.rst), under the names that runc's `events` has for it, which are those of
// cgroup v1. All numbers are 64 bits wide.
import type { Json } from './json-text.ts';
import { pressure } from './pressure.ts';

/** The text of a file of the cgroup; undefined where it is not there: its controller is not enabled, or unknown. */
export type FileOf = (name: string) => string | undefined;

/** How "no limit" is written. */
const unlimited = 2n ** 64n - 1n;

/** Documents of Go leave out what is 0. */
const unlessZero = (value: bigint): bigint | undefined => (value === 0n ? undefined : value);

const isNumber = (text: string | undefined): text is string => text !== undefined && /^\d+$/.test(text);

/** The number of a file with one; 0 where there is none. */
function numberIn(text: string | undefined): bigint {
  const word = text?.trim();
  return word === 'max' ? unlimited : isNumber(word) ? BigInt(word) : 0n;
}

/** The numbers of a file with a name and a number in each line. */
function namedIn(text: string | undefined): Map<string, bigint> {
  const named = new Map<string, bigint>();
  for (const line of text?.split('\n') ?? []) {
    const [name, value] = line.split(' ');
    if (name && isNumber(value)) named.set(name, BigInt(value));
  }
  return named;
}

function cpu(file: FileOf): Json {
  const stat = namedIn(file('cpu.stat'));
  const nanoseconds = (name: string): bigint => (stat.get(name) ?? 0n) * 1000n;
  return {
    usage: {
      total: unlessZero(nanoseconds('usage_usec')),
      kernel: nanoseconds('system_usec'),
      user: nanoseconds('user_usec'),
    },
    throttling: {
      periods: unlessZero(stat.get('nr_periods') ?? 0n),
      throttledPeriods: unlessZero(stat.get('nr_throttled') ?? 0n),
      throttledTime: unlessZero(nanoseconds('throttled_usec')),
    },
    psi: pressure(file('cpu.pressure')),
  };
}

/** Cgroup v2 has none of these flags; the keys are there all the same. */
const cpuset: Json = {
  cpu_exclusive: 0,
  mem_hardwall: 0,
  mem_exclusive: 0,
  memory_migrate: 0,
  memory_spread_page: 0,
  memory_spread_slab: 0,
  memory_pressure: 0,
  sched_load_balance: 0,
  sched_relax_domain_level: 0,
};

const memoryEntry = (limit: bigint, usage: bigint, peak: bigint, failures: bigint): Json => ({
  limit,
  usage: unlessZero(usage),
  max: unlessZero(peak),
  failcnt: failures,
});

const noMemory = memoryEntry(0n, 0n, 0n, 0n);

/** Swap is told together with memory, as cgroup v1 counted it; where memory has no limit, neither has their sum. */
function swap(file: FileOf, limit: bigint, usage: bigint): Json {
  const swapped = file('memory.swap.current');
  if (swapped === undefined) return memoryEntry(limit, usage, 0n, 0n);
  const more = numberIn(file('memory.swap.max'));
  const sum = limit + more;
  return memoryEntry(sum > unlimited ? unlimited : sum, usage + numberIn(swapped), 0n, 0n);
}

function memory(file: FileOf): Json {
  const stat = namedIn(file('memory.stat'));
  const current = file('memory.current');
  const usage = numberIn(current);
  const limit = numberIn(file('memory.max'));
  const hits = namedIn(file('memory.events')).get('max') ?? 0n;
  return {
    cache: unlessZero(stat.get('file') ?? 0n),
    usage: memoryEntry(limit, usage, numberIn(file('memory.peak')), hits),
    swap: current === undefined ? noMemory : swap(file, limit, usage),
    kernel: noMemory,
    kernelTCP: noMemory,
    raw: stat.size > 0 ? Object.fromEntries([...stat].sort(([a], [b]) => (a < b ? -1 : 1))) : undefined,
    psi: pressure(file('memory.pressure')),
  };
}

/** Without the controller, processes are counted; no limit is 0 here. */
function pids(file: FileOf): Json {
  const current = file('pids.current');
  if (current === undefined)
    return { current: unlessZero(BigInt(file('cgroup.procs')?.match(/\n/g)?.length ?? 0)), limit: undefined };
  const limit = numberIn(file('pids.max'));
  return { current: unlessZero(numberIn(current)), limit: limit === unlimited ? undefined : unlessZero(limit) };
}

/** The keys of io.stat, by the tables of cgroup v1. */
const transfers: Readonly<Record<string, readonly [table: 'bytes' | 'operations', operation: string]>> = {
  rbytes: ['bytes', 'Read'],
  wbytes: ['bytes', 'Write'],
  dbytes: ['bytes', 'Discard'],
  rios: ['operations', 'Read'],
  wios: ['operations', 'Write'],
  dios: ['operations', 'Discard'],
};

/** "8:0 rbytes=1 wbytes=2 rios=3 …" in each line. */
function blockIo(file: FileOf): Json {
  const tables: Record<'bytes' | 'operations', Json[]> = { bytes: [], operations: [] };
  for (const line of file('io.stat')?.split('\n') ?? []) {
    const [, major, minor, items = ''] = /^(\d+):(\d+) (.*)$/.exec(line) ?? [];
    if (major === undefined || minor === undefined) continue;
    const device = { major: unlessZero(BigInt(major)), minor: unlessZero(BigInt(minor)) };
    for (const item of items.split(' ')) {
      const [key = '', value] = item.split('=');
      const transfer = Object.hasOwn(transfers, key) ? transfers[key] : undefined;
      if (!transfer || !isNumber(value)) continue;
      tables[transfer[0]].push({ ...device, op: transfer[1], value: unlessZero(BigInt(value)) });
    }
  }
  const unlessEmpty = (table: readonly Json[]): Json => (table.length > 0 ? table : undefined);
  return {
    ioServiceBytesRecursive: unlessEmpty(tables.bytes),
    ioServicedRecursive: unlessEmpty(tables.operations),
    psi: pressure(file('io.pressure')),
  };
}

/** By the size of the pages, as the kernel writes it in the names of the files. */
function hugePages(file: FileOf, names: readonly string[]): Json {
  const sizes = names.flatMap((name) => /^hugetlb\.([0-9]+[KMG]B)\.current$/.exec(name)?.[1] ?? []).sort();
  return Object.fromEntries(
    sizes.map((size) => {
      const usage = unlessZero(numberIn(file(`hugetlb.${size}.current`)));
      return [size, { usage, failcnt: namedIn(file(`hugetlb.${size}.events`)).get('max') ?? 0n }];
    }),
  );
}

/** "mlx4_0 hca_handle=2 hca_object=2000" in each line. */
const rdmaEntries = (text: string | undefined): Json[] =>
  (text?.split('\n') ?? []).filter(Boolean).map((line) => {
    const [device = '', ...items] = line.split(' ');
    const values = new Map(items.map((item) => item.split('=') as [string, string | undefined]));
    return { device, hca_handles: numberIn(values.get('hca_handle')), hca_objects: numberIn(values.get('hca_object')) };
  });

/** runc counts it and does not tell; here it is told where there is such a device. */
function rdma(file: FileOf): Json {
  const [current, limit] = [rdmaEntries(file('rdma.current')), rdmaEntries(file('rdma.max'))];
  return current.length > 0 || limit.length > 0 ? { current, limit } : undefined;
}

/**
 * The `data` of an event of the type stats.
 * @param file the files of the cgroup
 * @param names the names in its directory
 */
export const statistics = (file: FileOf, names: readonly string[]): Json => ({
  cpu: cpu(file),
  cpuset,
  memory: memory(file),
  pids: pids(file),
  blkio: blockIo(file),
  hugetlb: hugePages(file, names),
  rdma: rdma(file),
  intel_rdt: {},
  network_interfaces: null,
});

/** How many processes of the cgroup and below the OOM killer has killed, by its memory.events. */
export const oomKills = (events: string | undefined): bigint => namedIn(events).get('oom_kill') ?? 0n;
