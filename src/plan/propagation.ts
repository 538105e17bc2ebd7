import type { Spec } from '../spec/types.ts';
import { propagation } from './mount-flags.ts';
import { type Step, slots, stepOf } from './steps.ts';

const { recursive, unbindable, shared, slave } = propagation;
const recursively = { private: propagation.private | recursive, slave: slave | recursive } as const;

const values: Readonly<Record<string, number>> = {
  private: propagation.private,
  rprivate: recursively.private,
  rshared: shared | recursive,
  rslave: recursively.slave,
  runbindable: unbindable | recursive,
  shared,
  slave,
  unbindable,
};

/** `linux.rootfsPropagation` as MS_*, 0 for none. */
const asked = ({ linux }: Spec): number => values[linux?.rootfsPropagation ?? ''] ?? 0;

/**
 * What becomes of every mount of the host in the container's mount namespace: never a peer, whatever is asked for, so
 * that no mount made for the container shows on the host.
 */
export const copiedPropagation = (spec: Spec): number =>
  (asked(spec) & (propagation.private | unbindable)) === 0 ? recursively.slave : recursively.private;

/** What a bind mount is before its own options: that of the host's mounts, but a peer where the root is to be shared. */
export const bindPropagation = (spec: Spec): number => ((asked(spec) & shared) === 0 ? copiedPropagation(spec) : 0);

/** The root that was asked for, when it is one: before, it would be done to a mount of the host's. Private it is already. */
export function rootPropagationSteps(spec: Spec): Step[] {
  const flags = asked(spec);
  if (flags === 0 || (flags & propagation.private) !== 0) return [];
  return [stepOf('propagation', '/linux/rootfsPropagation', [flags], [], [slots.root])];
}
