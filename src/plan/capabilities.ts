import { capabilityNumbers } from '../capability-numbers.ts';

/** Every capability that we know. */
export const capabilityNames = (): string[] => [...capabilityNumbers.keys()];

/** A set of capabilities as two 32-bit halves: JavaScript's bit operations have no more. */
export interface CapabilitySet {
  readonly low: number;
  readonly high: number;
}

/** All that a kernel has; 31 to 62 may be the greatest number. */
export const everyCapability = (last: number): CapabilitySet => ({ low: -1, high: 2 ** (last - 31) - 1 });

/** Both halves as one exact number (there are fewer than 53 capabilities). */
export const maskOf = (set: CapabilitySet): number => (set.low >>> 0) + (set.high >>> 0) * 2 ** 32;

/**
 * The set that the names make; names for which `available` has no bit go to `missing` and are left out. Those that no
 * kernel has are left out, too: src/validate has warned of them.
 */
export function capabilitySet(
  wanted: readonly string[],
  available: CapabilitySet,
  missing: Set<string>,
): CapabilitySet {
  let low = 0;
  let high = 0;
  for (const name of wanted) {
    const number = capabilityNumbers.get(name);
    if (number === undefined) continue;
    const bit = 1 << (number & 31);
    if (((number < 32 ? available.low : available.high) & bit) === 0) missing.add(name);
    else if (number < 32) low |= bit;
    else high |= bit;
  }
  return { low, high };
}
