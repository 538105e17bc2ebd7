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
import { findUnit, setUnitProperties, stopUnit } from '../cgroup/systemd/jobs.ts';
import { OcirunError } from '../errors/error.ts';
import type { Control } from '../plan/cgroup/index.ts';
import type { DeviceFilter } from '../plan/device-filter/rules.ts';
import { deviceProperties } from '../plan/systemd/devices.ts';
import { dependsOnVersion, resourceProperties } from '../plan/systemd/properties.ts';
import { isSlice } from '../plan/systemd/unit.ts';
import { At } from '../sys/constants.ts';
import { sys } from '../sys/index.ts';

export { asSystemdKeepsIt } from '../plan/systemd/properties.ts';
export { planUnit } from './planned-unit.ts';
export { unitRefusals } from './unit-refusals.ts';

/** Do something with the service manager that a unit is recorded with. */
function withAccess<T>(access: Access, action: () => T): T {
  try {
    return action();
  } finally {
    access.close();
  }
}

/**
 * Stop a container's unit. What is left in it is killed first: systemd would ask it to end, and wait for that (90 s,
 * TimeoutStopSec=).
 * @returns false where the cgroup has to stay, as there are others in it
 */
export function removeUnit(directory: string, unit: CgroupUnit, mayKill: boolean): boolean {
  const access = new Access(unit.bus, false);
  return withAccess(access, () => {
    const found = findUnit(access.manager, unit.name);
    // A scope goes with its last process, and its name is free then; or ours has never come to be.
    if (found && found.description !== unit.description) return !sys.exists(At.FDCWD, directory);
    if (isTaken(directory, mayKill)) return false;
    const { populated, frozen } = cgroupEvents(directory);
    if (populated) killCgroup(directory);
    if (frozen) setFrozen(directory, false, `stop unit ${unit.name}`);
    if (populated) waitUntilEmpty(directory);
    if (found) stopUnit(access.manager, found);
    // systemd leaves the cgroups that somebody has made below its own. Who is in it by now has come after ours.
    return removeCgroup({ directory, owned: true }, false);
  });
}

/**
 * Remove the empty cgroup of a unit that systemd could not be asked to stop: a scope ends with its last process.
 * @param error what came of asking
 * @returns what there is to say
 */
export function removeWithoutSystemd(directory: string, { name, bus }: CgroupUnit, error: unknown): string {
  if (!(error instanceof OcirunError) || error.code !== 'E_DBUS' || !removeCgroup({ directory, owned: true }, false))
    throw error;
  const end = isSlice({ name }) ? `; to end it: systemctl ${bus === undefined ? '' : '--user '}stop ${name}` : '';
  return `unit ${name} is left to systemd, its processes have ended: ${error.message}${end}`;
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
