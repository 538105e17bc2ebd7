import type { Log } from '../log.ts';
import type { Plan } from '../plan/build.ts';
import type { Control } from '../plan/cgroup/index.ts';
import { newIdMaps } from '../plan/idmaps.ts';
import type { Spec } from '../spec/types.ts';
import { part } from '../sys/index.ts';
import { limitDevices } from './devices.ts';
import type { Prepared } from './prepare.ts';
import { joinsUserNamespace, ownerOutside } from './user-namespace.ts';

/** What the container may use (config-linux.md "Control groups"): set once its cgroup is there, before init goes on. */
export function setResources({ spec, cgroup }: Prepared, { controls, delegated }: Plan): void {
  if (controls) write(cgroup, controls, false);
  // The ids of a user namespace that is joined show later.
  if (delegated && !joinsUserNamespace(spec))
    part('resources').giveCgroup(cgroup, ownerOutside(spec, newIdMaps(spec))[0]);
}

/**
 * Which devices it may use. To load a program takes the kernel a while: init may make its mounts meanwhile, and its nodes
 * where every node may be made; rules that begin with everything may forbid that, and come first.
 * @param isOurs whether we have made the cgroup
 * @param before whether init has yet to begin
 */
export function setDevices(
  { spec, cgroup, unit }: Prepared,
  { deviceProgram }: Plan,
  isOurs: boolean,
  before: boolean,
  log: Log,
): void {
  // systemd has its own program in a unit.
  if (deviceProgram && beginsOpen(spec) === before) limitDevices(cgroup, deviceProgram, isOurs && !unit, log);
}

const beginsOpen = ({ linux }: Spec): boolean =>
  linux?.resources?.devices?.findLast(({ type }) => type !== 'b' && type !== 'c')?.allow ?? false;

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
