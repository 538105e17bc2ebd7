import { ioPriorityClasses } from '../io-priority.ts';
import { memoryPolicyFlags, memoryPolicyModes } from '../memory-policy.ts';
import { schedulerFlags, schedulerPolicies } from '../scheduler.ts';
import type { Step } from '../steps.ts';
import { bitNames, bytes, hexadecimal, listed, type Num, quoted } from './words.ts';

/** What a step is told to show as: one line, and lines below it. */
export type Told = string | readonly [string, ...string[]];

const infinity = 2n ** 64n - 1n;

/** Resources of getrlimit(2) that are counted in bytes. */
const inBytes = /^RLIMIT_(FSIZE|DATA|STACK|CORE|RSS|MEMLOCK|AS|MSGQUEUE)$/;

/** One resource after the other: its name, then soft and hard limit. */
export function limitsText({ nums, strs }: Step): string {
  const names = strs.map((name, index) => {
    const [resource, soft, hard] = nums.slice(index * 3, index * 3 + 3);
    const value = (num: Num = 0): string =>
      BigInt(num) === infinity ? 'unlimited' : inBytes.test(name) ? bytes(num) : `${num}`;
    return `${quoted(name)} (${resource}) soft ${value(soft)}, hard ${value(hard)}`;
  });
  return names.join('; ');
}

export function schedulerText({ nums }: Step): string {
  const [policy = 0, flags = 0, nice = 0, priority = 0, runtime = 0, deadline = 0, period = 0] = nums;
  const bits = schedulerFlags.split(' ').map((name, bit) => [1 << bit, name] as const);
  const words = [
    schedulerPolicies.split(' ')[Number(policy)] ?? `policy ${policy}`,
    // As 32 bits with a sign.
    ...(nice ? [`nice ${BigInt.asIntN(32, BigInt(nice))}`] : []),
    ...(priority ? [`priority ${priority}`] : []),
    ...(runtime ? [`runtime ${runtime} ns`] : []),
    ...(deadline ? [`deadline ${deadline} ns`] : []),
    ...(period ? [`period ${period} ns`] : []),
    ...bitNames(flags, bits),
  ];
  return words.join(', ');
}

const classShift = 13;

export function ioPriorityText({ nums: [value = 0] }: Step): string {
  const number = Number(value) >> classShift;
  const name = Object.entries(ioPriorityClasses).find(([, known]) => known === number)?.[0];
  return `${name ?? `class ${number}`}, priority ${Number(value) & ((1 << classShift) - 1)}`;
}

export function memoryPolicyText({ nums: [mode = 0, ...mask] }: Step): string {
  const flags = Object.entries(memoryPolicyFlags).map(([name, bit]) => [bit, name] as const);
  const flagBits = flags.reduce((sum, [bit]) => sum | bit, 0);
  const number = Number(mode) & ~flagBits;
  const words = [
    memoryPolicyModes.split(' ')[number] ?? `mode ${number}`,
    ...bitNames(Number(mode) & flagBits, flags),
    `nodes ${listed(nodeRanges(mask), 'none', ',')}`,
  ];
  return words.join(', ');
}

/** Bits of words of 64, as a list with ranges. */
function nodeRanges(words: readonly Num[]): string[] {
  let mask = words.reduceRight<bigint>((sum, word) => (sum << 64n) | BigInt(word), 0n);
  const ranges: string[] = [];
  for (let node = 0, first = -1; mask > 0n || first >= 0; node += 1, mask >>= 1n) {
    const isSet = (mask & 1n) === 1n;
    if (isSet && first < 0) first = node;
    if (isSet || first < 0) continue;
    ranges.push(first === node - 1 ? `${first}` : `${first}-${node - 1}`);
    first = -1;
  }
  return ranges;
}

const personalities: Readonly<Record<string, string>> = { 0: 'LINUX', 8: 'LINUX32' };

export const personalityText = ({ nums: [domain = 0] }: Step): string =>
  personalities[`${domain}`] ?? hexadecimal(domain);

/** A program with its arguments, and below it its environment. */
export const programText = (args: readonly string[], environment: readonly string[]): [string, ...string[]] => [
  args.map(quoted).join(' '),
  ...environment.map((entry) => `environment: ${quoted(entry)}`),
];
