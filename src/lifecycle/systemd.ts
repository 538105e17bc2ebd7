// With --systemd-cgroup the cgroup of a container is that of a unit of systemd. Loaded for such containers only.
import { type CgroupUnit, cgroupEvents, removeCgroup } from '../cgroup/cgroupfs.ts';
import { setFrozen } from '../cgroup/freezer.ts';
import { Access } from '../cgroup/systemd/access.ts';
import { findUnit, setUnitProperties, type StartedUnit, stopUnit } from '../cgroup/systemd/jobs.ts';
import { OcirunError } from '../errors/error.ts';
import type { Control } from '../plan/cgroup/index.ts';
import type { DeviceFilter } from '../plan/device-filter/rules.ts';
import { deviceProperties } from '../plan/systemd/devices.ts';
import { dependsOnVersion, resourceProperties } from '../plan/systemd/properties.ts';
import { isSlice } from '../plan/systemd/unit.ts';
import { At } from '../sys/constants.ts';
import { part, sys } from '../sys/index.ts';
import { populators } from './look.ts';

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
 * Whether the cgroup of a unit is the container's: by what is recorded of it, or by what systemd says of the unit.
 * Undefined where neither tells.
 */
function isOurs(directory: string, unit: CgroupUnit, id: number | undefined, found: StartedUnit | undefined) {
  const now = part('resources').cgroupId(directory);
  if (id !== undefined && now !== undefined) return now === id;
  return found && found.description === unit.description;
}

/**
 * Stop a container's unit. What is left in it is killed first: systemd would ask it to end, and wait for that (90 s,
 * TimeoutStopSec=). A scope goes with its last process, and its name is free then: what is done is done to the cgroup
 * that was opened before systemd was asked whose it is, and to the unit that it has told then.
 * @param id what tells its cgroup from others of its name; undefined before that is known
 * @returns why the cgroup has to stay; '' where it is gone
 */
export function removeUnit(directory: string, unit: CgroupUnit, mayKill: boolean, id: number | undefined): string {
  const access = new Access(unit.bus, false);
  const { isTaken, killOpened, occupied, waitUntilEmpty, withCgroup } = part('resources');
  const remove = (cgroup: number): string => {
    const found = findUnit(access.manager, unit.name);
    const ours = isOurs(directory, unit, id, found);
    if (ours === false) return sys.exists(At.FDCWD, directory) ? othersUnit(unit, found) : '';
    // That systemd does not know the unit leaves open whose processes they are.
    if (isTaken(directory, mayKill && ours === true)) return occupied;
    const { populated, frozen } = cgroupEvents(directory);
    if (populated) killOpened(cgroup, directory);
    if (frozen) setFrozen(directory, false, `stop unit ${unit.name}`);
    if (populated) waitUntilEmpty(directory);
    if (found) stopUnit(access.manager, found);
    // systemd leaves the cgroups that somebody has made below its own. Who is in it by now has come after ours.
    return removeCgroup({ directory, owned: true }, false);
  };
  return withAccess(access, () => withCgroup(directory, remove));
}

const othersUnit = ({ name }: CgroupUnit, found: StartedUnit | undefined): string =>
  `unit ${name} is another's by now${found ? `, which systemd describes as ${JSON.stringify(found.description)}` : ''}`;

/**
 * Remove the cgroup of a unit that systemd could not be asked to stop: a scope ends with its last process.
 * @param error what came of asking
 * @returns what there is to say
 */
export function removeWithoutSystemd(
  directory: string,
  { name, bus }: CgroupUnit,
  mayKill: boolean,
  id: number | undefined,
  error: unknown,
): string {
  if (!(error instanceof OcirunError) || error.code !== 'E_DBUS') throw error;
  const { cgroupId, killOpened, waitUntilEmpty, withCgroup } = part('resources');
  withCgroup(directory, (cgroup) => {
    if (!mayKill || id === undefined || cgroupId(directory) !== id) return;
    killOpened(cgroup, directory);
    waitUntilEmpty(directory);
  });
  if (removeCgroup({ directory, owned: true }, false))
    throw new OcirunError(error.code, `${error.message}; and there are processes in cgroup ${directory}`, {
      ...error.details,
      path: directory,
      hint: `only systemd can tell whose they are: ${populators(directory)}; to end them: echo 1 >${directory}/cgroup.kill`,
    });
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
