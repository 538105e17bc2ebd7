import type { Json } from '../cgroup/json-text.ts';
import { OcirunError } from '../errors/error.ts';
import type { OptionValues } from './parse.ts';

/** What an option says of the resources, in the form of linux.resources. */
export interface UpdateFlags {
  readonly update: Json;
  /** The options, by the pointer of what they say. */
  readonly flags: ReadonlyMap<string, string>;
  /** Those that are accepted and ignored. */
  readonly ignored: readonly string[];
}

type Kind = 'unsigned' | 'signed' | 'bytes' | 'text';

const rows: readonly (readonly [flag: string, holder: string, member: string, kind: Kind])[] = [
  ['blkio-weight', 'blockIO', 'weight', 'unsigned'],
  ['cpu-period', 'cpu', 'period', 'unsigned'],
  ['cpu-quota', 'cpu', 'quota', 'signed'],
  ['cpu-burst', 'cpu', 'burst', 'unsigned'],
  ['cpu-share', 'cpu', 'shares', 'unsigned'],
  ['cpu-rt-period', 'cpu', 'realtimePeriod', 'unsigned'],
  ['cpu-rt-runtime', 'cpu', 'realtimeRuntime', 'signed'],
  ['cpu-idle', 'cpu', 'idle', 'signed'],
  ['cpuset-cpus', 'cpu', 'cpus', 'text'],
  ['cpuset-mems', 'cpu', 'mems', 'text'],
  ['memory', 'memory', 'limit', 'bytes'],
  ['memory-reservation', 'memory', 'reservation', 'bytes'],
  ['memory-swap', 'memory', 'swap', 'bytes'],
  ['pids-limit', 'pids', 'limit', 'signed'],
];

const notYet = ['l3-cache-schema', 'mem-bw-schema'];
const obsolete = ['kernel-memory', 'kernel-memory-tcp'];

/** Powers of 1024, as Docker's units have them. */
const prefixes = 'kmgtp';

/** Bytes from "512m", "1.5GiB", "4096" or "-1"; undefined for what is no size. */
export function parseBytes(text: string): bigint | undefined {
  if (text === '-1') return -1n;
  const [, whole, fraction = '', prefix = ''] = /^(\d+)(?:\.(\d+))? ?(?:([kmgtp])(?:ib?|b)?|b)?$/i.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const unit = 1024n ** BigInt(prefix === '' ? 0 : prefixes.indexOf(prefix.toLowerCase()) + 1);
  return (BigInt(whole + fraction) * unit) / 10n ** BigInt(fraction.length);
}

const integer = (pattern: RegExp) => (text: string) => (pattern.test(text) ? BigInt(text) : undefined);

const kinds: Readonly<Record<Kind, readonly [read: (text: string) => Json, what: string]>> = {
  unsigned: [integer(/^\d+$/), 'a whole number'],
  signed: [integer(/^-?\d+$/), 'a whole number'],
  bytes: [parseBytes, 'bytes, such as 1048576, 512m or 1.5g, or -1'],
  text: [(text) => text, 'a list'],
};

/** A number as JSON has it; those that JavaScript rounds stay as they are. */
const number = (value: Json): Json =>
  typeof value === 'bigint' && Number.isSafeInteger(Number(value)) ? Number(value) : value;

/** What the options of `update` ask for. Those that are empty ask for nothing. */
export function updateFlags(options: OptionValues): UpdateFlags {
  const given = (name: string): boolean => (options[name] ?? '') !== '';
  for (const flag of notYet.filter(given))
    throw new OcirunError('E_NOT_SUPPORTED_YET', `--${flag}: Intel RDT is not supported yet`);
  const update: Record<string, Record<string, Json>> = {};
  const flags = new Map<string, string>();
  for (const [flag, holder, member, kind] of rows.filter(([name]) => given(name))) {
    const text = String(options[flag]);
    const [read, what] = kinds[kind];
    const value = read(text);
    if (value === undefined)
      throw new OcirunError('E_USAGE', `invalid value for ${flag}: ${JSON.stringify(text)} is not ${what}`);
    update[holder] = { ...update[holder], [member]: number(value) };
    flags.set(`/${holder}/${member}`, `--${flag}`);
  }
  return { update, flags, ignored: obsolete.filter(given) };
}
