import type { MemoryPolicy } from '../spec/types.ts';
import { type Step, stepOf } from './steps.ts';

/** Modes of set_mempolicy(2) in the order of their numbers. */
export const memoryPolicyModes =
  'MPOL_DEFAULT MPOL_PREFERRED MPOL_BIND MPOL_INTERLEAVE MPOL_LOCAL MPOL_PREFERRED_MANY MPOL_WEIGHTED_INTERLEAVE';

/** Flags of the mode. */
export const memoryPolicyFlags = {
  MPOL_F_NUMA_BALANCING: 1 << 13,
  MPOL_F_RELATIVE_NODES: 1 << 14,
  MPOL_F_STATIC_NODES: 1 << 15,
} as const;

export function memoryPolicySteps({ mode, flags = [], nodes = '' }: MemoryPolicy): Step[] {
  if (!mode) return [];
  const bits = flags.reduce((sum, flag) => sum | memoryPolicyFlags[flag], memoryPolicyModes.split(' ').indexOf(mode));
  return [stepOf('memoryPolicy', '/linux/memoryPolicy', [bits, ...nodeMask(nodes)])];
}

/** The nodes of a list ("0-3,5") as bits, 64 a number. */
export function nodeMask(list: string): (number | bigint)[] {
  let mask = 0n;
  for (const range of list === '' ? [] : list.split(',')) {
    const [first = 0, last = first] = range.split('-').map(Number);
    for (let node = first; node <= last; node += 1) mask |= 1n << BigInt(node);
  }
  const words: bigint[] = [];
  for (; mask > 0n; mask >>= 64n) words.push(mask & 0xffff_ffff_ffff_ffffn);
  return words;
}
