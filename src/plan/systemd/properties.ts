import type { SystemdFacts } from '../../cgroup/systemd/access.ts';
import type { Variant } from '../../dbus/types.ts';
import type { Control } from '../cgroup/control.ts';
import { bitmapOf } from './cpu-list.ts';

/** A property of a unit (org.freedesktop.systemd1(5), "Properties of the Scope Object"). */
export type Property = readonly [name: string, value: Variant];

const property = (name: string, signature: string, value: Variant['value']): Property => [name, { signature, value }];

/** What control files are to have, by name: what is written last counts. */
type Files = ReadonlyMap<string, string>;

/** How a control file is called by systemd, which writes it, too: whenever it reads its units again, say. */
interface Conversion {
  /** The version of systemd that this came with. */
  readonly since?: number;
  /** Only while the unit is being made. */
  readonly atStart?: boolean;
  convert(value: string, files: Files, version: number): Property[];
}

/** "No limit", or "as if nobody had said anything", for a number of 64 bits. */
const infinity = 0xffff_ffff_ffff_ffffn;

/** Suffixes of memparse(), which the kernel reads sizes with: each is 1024 of the one before. */
const suffixes = ' KMGTPE';

/** The number in a control file; undefined for what is none: the kernel refuses it when it is written there. */
function numberOf(text: string): bigint | undefined {
  if (text === 'max') return infinity;
  const match = /^(\d{1,20})([KMGTPE]?)$/i.exec(text);
  if (!match) return undefined;
  const scale = suffixes.indexOf((match[2] || ' ').toUpperCase());
  const value = BigInt(match[1] ?? '') << BigInt(10 * scale);
  return value > infinity ? infinity : value;
}

const number = (name: string, since?: number): Conversion => ({
  ...(since === undefined ? {} : { since }),
  convert: (text) => {
    const value = numberOf(text);
    return value === undefined ? [] : [property(name, 't', value)];
  },
});

const bitmap = (name: string): Conversion => ({
  since: 244,
  convert: (text) => {
    // No list is no limit.
    const value = text === '' ? new Uint8Array() : bitmapOf(text);
    return value ? [property(name, 'ay', value)] : [];
  },
});

/** Since then a weight of 0 is cpu.idle. */
const idleSince = 252;

const isIdle = (files: Files, version: number): boolean => version >= idleSince && files.get('cpu.idle') === '1';

/** The kernel's own (cgroup-v2.rst, "cpu.max"). */
const usualPeriod = 100_000n;
const periodSince = 242;

const second = 1_000_000n;
/** One percent of a processor: systemd keeps no smaller part in the files of its units. */
const percent = second / 100n;

/** "max 100000", "50000": time and period in microseconds; a time of undefined is no limit. */
function cpuTime(text: string): { time: bigint | undefined; period: bigint } | undefined {
  const [first = '', second = `${usualPeriod}`, ...more] = text.split(/\s+/);
  if (more.length > 0 || !/^(?:max|\d{1,18})$/.test(first) || !/^[1-9]\d{0,17}$/.test(second)) return undefined;
  return { time: first === 'max' ? undefined : BigInt(first), period: BigInt(second) };
}

const perSecond = (time: bigint, period: bigint): bigint => {
  const exact = (time * second) / period;
  return ((exact + percent - 1n) / percent) * percent;
};

/** "cpu.max" as systemd will have it when it has read its own files again: whole percents, and never less. */
export function wholePercent(text: string): string {
  const parts = cpuTime(text.trim());
  if (parts?.time === undefined) return text;
  const { time, period } = parts;
  const rounded = (perSecond(time, period) * period) / second;
  return rounded > time ? `${rounded} ${period}` : text;
}

const bfqFile = 'io.bfq.weight';

/** IOWeight of a weight of BFQ: systemd makes that from it (up to 100 as it is, an eleventh of what is above). */
const weightOfBfq = (weight: bigint): bigint => (weight <= 100n ? weight : 100n + (weight - 100n) * 11n);

/** By the file; the tests ask for each. */
export const conversions: Readonly<Record<string, Conversion>> = {
  'memory.min': number('MemoryMin'),
  'memory.low': number('MemoryLow'),
  'memory.high': number('MemoryHigh'),
  'memory.max': number('MemoryMax'),
  'memory.swap.max': number('MemorySwapMax'),
  'memory.zswap.max': number('MemoryZSwapMax', 253),
  'memory.oom.group': {
    since: 253,
    atStart: true,
    convert: (text) => {
      const policy = { '0': 'continue', '1': 'kill' }[text];
      return policy === undefined ? [] : [property('OOMPolicy', 's', policy)];
    },
  },
  'cpu.idle': {
    since: idleSince,
    convert: (text, files, version) => {
      if (isIdle(files, version)) return [property('CPUWeight', 't', 0n)];
      // There is no way back from idleness but a weight, and be it that of a cgroup that has been given none.
      return text === '0' && !files.has('cpu.weight') ? [property('CPUWeight', 't', infinity)] : [];
    },
  },
  'cpu.weight': {
    convert: (text, files, version) =>
      isIdle(files, version) ? [] : number('CPUWeight').convert(text, files, version),
  },
  'cpu.max': {
    convert: (text, _, version) => {
      const parts = cpuTime(text);
      if (!parts) return [];
      const { time, period } = parts;
      return [
        property('CPUQuotaPerSecUSec', 't', time === undefined ? infinity : perSecond(time, period)),
        ...(version >= periodSince ? [property('CPUQuotaPeriodUSec', 't', period)] : []),
      ];
    },
  },
  'cpuset.cpus': bitmap('AllowedCPUs'),
  'cpuset.mems': bitmap('AllowedMemoryNodes'),
  'io.weight': {
    convert: (text, files, version) => number('IOWeight').convert(text.replace(/^default\s+/, ''), files, version),
  },
  // It has no property of its own.
  [bfqFile]: {
    convert: (text) => {
      const value = numberOf(text);
      return value === undefined ? [] : [property('IOWeight', 't', weightOfBfq(value))];
    },
  },
  'pids.max': {
    // systemd takes no 0; with 1, too, nobody can start another task.
    convert: (text, files, version) => number('TasksMax').convert(text === '0' ? '1' : text, files, version),
  },
};

/** "8:0 100": a value for a device, of which a file has many. */
const forDevice = /^(\d+:\d+)\s+(\S+)/;

/** Weights of single devices, which systemd forgets with every weight that it writes. */
function deviceWeights(controls: readonly Control[], { bfq }: SystemdFacts): Property[] {
  const weights = controls.flatMap(({ file, value }) => {
    const [, device, text = ''] = forDevice.exec(value.trim()) ?? [];
    const weight = numberOf(text);
    if (device === undefined || weight === undefined || file !== (bfq ? bfqFile : 'io.weight')) return [];
    return [[`/dev/block/${device}`, bfq ? weightOfBfq(weight) : weight]];
  });
  return weights.length > 0 ? [property('IODeviceWeight', 'a(st)', weights)] : [];
}

/** What the files are to have, where only one value of each can be kept. */
function filesOf(controls: readonly Control[], host: SystemdFacts): Files {
  const files = new Map<string, string>();
  for (const { file, value, instead } of controls) {
    const written = instead && !host.bfq ? instead : { file, value };
    if (!forDevice.test(written.value.trim())) files.set(written.file, written.value.trim());
  }
  return files;
}

/** Whether what is to be said depends on the version of systemd. */
export const dependsOnVersion = (controls: readonly Control[]): boolean =>
  controls.some(({ file }) => file === 'cpu.max' || conversions[file]?.since !== undefined);

/**
 * Values for control files as properties of the unit. What systemd has no property for stays what it is in the file:
 * systemd does not write that.
 * @param moment `start`: the unit is being made; `update`: it is there
 */
export function resourceProperties(
  controls: readonly Control[],
  host: SystemdFacts,
  moment: 'start' | 'update',
): Property[] {
  const { version } = host;
  const files = filesOf(controls, host);
  const ofFiles = [...files].flatMap(([file, value]) => {
    const conversion = Object.hasOwn(conversions, file) ? conversions[file] : undefined;
    if (!conversion || version < (conversion.since ?? 0) || (conversion.atStart && moment !== 'start')) return [];
    return conversion.convert(value, files, version);
  });
  return [...ofFiles, ...deviceWeights(controls, host)];
}

/** What the files get: as it was asked for, but for what systemd would change later. */
export const asSystemdKeepsIt = (controls: readonly Control[]): readonly Control[] =>
  controls.map((control) =>
    control.file === 'cpu.max' ? { ...control, value: wholePercent(control.value) } : control,
  );
