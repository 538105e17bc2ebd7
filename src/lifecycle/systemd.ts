// With --systemd-cgroup the cgroup of a container is that of a unit of systemd. Loaded for such containers only.
import {
  type CgroupUnit,
  cgroupEvents,
  isTaken,
  killCgroup,
  removeCgroup,
  waitUntilEmpty,
} from '../cgroup/cgroupfs.ts';
import { setFrozen } from '../cgroup/freezer.ts';
import { Access } from '../cgroup/systemd/access.ts';
import { setUnitProperties, stopUnit } from '../cgroup/systemd/jobs.ts';
import type { Control } from '../plan/cgroup/index.ts';
import type { DeviceFilter } from '../plan/device-filter/rules.ts';
import { deviceProperties } from '../plan/systemd/devices.ts';
import { dependsOnVersion, resourceProperties } from '../plan/systemd/properties.ts';

export { asSystemdKeepsIt } from '../plan/systemd/properties.ts';
export { planUnit } from './planned-unit.ts';
export { unitRefusals } from './unit-refusals.ts';

/** Do something with the service manager that a unit is recorded with. */
function withAccess(access: Access, action: () => void): void {
  try {
    action();
  } finally {
    access.close();
  }
}

/**
 * Stop a container's unit. What is left in it is killed first: systemd would ask it to end, and wait for that (90 s,
 * TimeoutStopSec=).
 */
export function removeUnit(directory: string, unit: CgroupUnit, mayKill: boolean): boolean {
  // A scope goes with its last process; what is there now is another container's.
  if (isTaken(directory, mayKill)) return false;
  const { populated, frozen } = cgroupEvents(directory);
  if (populated) killCgroup(directory);
  if (frozen) setFrozen(directory, false, `stop unit ${unit.name}`);
  if (populated) waitUntilEmpty(directory);
  const access = new Access(unit.bus, false);
  withAccess(access, () => stopUnit(access.manager, unit.name));
  // systemd leaves the cgroups that somebody has made below its own.
  return removeCgroup({ directory, owned: true });
}

/**
 * Tell systemd the new limits of a container, so that it does not write the old ones again; the files are the caller's
 * to write, with the values of `asSystemdKeepsIt`.
 * @param mount where the hierarchy is mounted
 * @param filter the new device filter, where there is one
 */
export function updateUnit(mount: string, unit: CgroupUnit, controls: readonly Control[], filter?: DeviceFilter): void {
  const access = new Access(unit.bus, dependsOnVersion(controls));
  withAccess(access, () => {
    const properties = resourceProperties(controls, access.factsOf(mount), 'update');
    setUnitProperties(access.manager, unit.name, [...properties, ...(filter ? deviceProperties(filter) : [])]);
  });
}
