import type { Plan } from '../plan/build.ts';
import type { Control } from '../plan/cgroup/index.ts';
import { newIdMaps } from '../plan/idmaps.ts';
import { part } from '../sys/index.ts';
import type { Prepared } from './prepare.ts';
import { joinsUserNamespace, ownerOutside } from './user-namespace.ts';

/** What the container may use (config-linux.md "Control groups"): set once its cgroup is there, before init goes on. */
export function setResources({ spec, cgroup }: Prepared, { controls, delegated }: Plan): void {
  if (controls) write(cgroup, controls, false);
  // The ids of a user namespace that is joined show later.
  if (delegated && !joinsUserNamespace(spec))
    part('resources').giveCgroup(cgroup, ownerOutside(spec, newIdMaps(spec))[0]);
}

/** What can be set only once stage 1 has gone. */
export function setLateResources({ cgroup, unit }: Prepared, { controls }: Plan): void {
  unit?.finish();
  if (controls) write(cgroup, controls, true);
}

const write = (cgroup: string, controls: readonly Control[], late: boolean): void =>
  part('resources').writeControls(
    cgroup,
    controls.filter((control) => (control.late ?? false) === late),
  );
