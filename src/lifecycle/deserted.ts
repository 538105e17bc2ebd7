import { cgroupId } from '../cgroup/removal.ts';
import type { Container } from '../state/store.ts';

/**
 * Whether none of the processes of a container that has stopped can be in its cgroup: who is there has come after it.
 * With init its pid namespace has ended, and a unit that has no process left leaves its name to others.
 */
export function isDeserted({ record: { cgroup, privatePids }, init }: Container): boolean {
  if (privatePids || !cgroup) return true;
  return cgroup.unit !== undefined && init?.cgroup !== undefined && cgroupId(cgroup.directory) !== init.cgroup;
}
