import { type Cgroup, enterCgroup } from '../cgroup/cgroupfs.ts';
import { Access, type SystemdFacts } from '../cgroup/systemd/access.ts';
import type { Annotated } from '../cgroup/systemd/annotations.ts';
import { findUnit, setUnitProperties, startUnit } from '../cgroup/systemd/jobs.ts';
import { askManager, isSystemUser, isUnitExists, type Manager } from '../cgroup/systemd/manager.ts';
import { systemRoot } from '../cgroup/systemd/place.ts';
import { type Unit, unitOf } from '../cgroup/systemd/unit.ts';
import { OcirunError } from '../errors/error.ts';
import type { HostFacts } from '../host/facts.ts';
import type { Control } from '../plan/cgroup/index.ts';
import { deviceFilter } from '../plan/device-filter/rules.ts';
import { deviceProperties } from '../plan/systemd/devices.ts';
import { asSystemdKeepsIt, dependsOnVersion, type Property, resourceProperties } from '../plan/systemd/properties.ts';
import { isSlice, processProperties, unitProperties } from '../plan/systemd/unit.ts';
import type { Spec } from '../spec/types.ts';
import type { Identity } from '../state/identity.ts';
import { At } from '../sys/constants.ts';
import { part, sys } from '../sys/index.ts';
import type { Attempt } from './create.ts';
import { annotatedProperties } from './unit-annotations.ts';

/** What a unit is planned from. */
export interface UnitRequest {
  readonly id: string;
  readonly spec: Spec;
  readonly host: HostFacts;
  readonly controls: readonly Control[] | undefined;
}

/** The unit of a container that is planned. */
export interface PlannedUnit extends Unit {
  /** Its cgroup. */
  readonly directory: string;
  /**
   * What is recorded of it before it is asked for.
   * @param created when that is: nobody else's unit has the same description then, whatever its name
   */
  recorded(created: string): Cgroup;
  /** The limits of its cgroup, as systemd keeps them. */
  readonly controls: readonly Control[] | undefined;
  /** Its properties, but the process in it, as the newest systemd gets them: nobody is asked. */
  described(): readonly Property[];
  /** Have a connection, before there is anything to take back. */
  connect(): void;
  /**
   * Start init beside us, then the unit with init in it; what is left to plan is planned meanwhile.
   * @param spawn starts init, says its pid once it is there, and goes on
   */
  launch<T>(work: Attempt, spawn: (born: (pid: number) => void) => T): T;
  /** Init, with what tells its cgroup from others that get the name of the unit. */
  marked(init: Identity): Identity;
  /** Once stage 1 of init has gone: what is left to set. There is nothing more to ask then. */
  finish(): void;
}

/** Plan the unit of a container. A user's service manager is asked where its cgroups are; that of the system is at the top. */
export function planUnit({ id, spec, host, controls }: UnitRequest): PlannedUnit {
  const isSystem = isSystemUser();
  const unit = unitOf(spec.linux?.cgroupsPath, id, !isSystem);
  const given = annotatedProperties(spec.annotations);
  const { early, late } = byTime(controls ?? []);
  const access = new Access(isSystem ? undefined : '', dependsOnVersion(controls ?? []));
  const root = isSystem ? systemRoot() : askManager(access.manager, 'ControlGroup')();
  const directory = host.cgroupMount + root + unit.path;
  const described = (created: string): string => `ocirun container ${id}, created ${created}`;
  const { value: description } = given.find(({ name }) => name === 'Description')?.value ?? {};
  const properties = (facts: SystemdFacts, created: string): Property[] => [
    ...unitProperties(unit, described(created)),
    ...deviceProperties(deviceFilter(spec.linux?.resources?.devices)),
    ...resourceProperties(early, facts, 'start'),
    ...given.map(({ name, value }): Property => [name, value]),
  ];
  return {
    ...unit,
    directory,
    recorded: (created) => ({
      directory,
      owned: true,
      unit: {
        name: unit.name,
        // systemd describes what has no description by its name.
        description: typeof description === 'string' ? description || unit.name : described(created),
        ...(isSystem ? {} : { bus: access.manager.address }),
      },
    }),
    controls: controls && asSystemdKeepsIt(controls),
    described: () => properties({ version: Infinity, bfq: false }, '…'),
    connect: () => void access.manager,
    launch: (work, spawn) => {
      const all = properties(access.factsOf(host.cgroupMount), work.record.created);
      const launched = blaming(given, () => startAround(access.manager, unit, directory, all, work, spawn));
      refuseElsewhere(unit, directory);
      if (controls) part('resources').enableControllers(host.cgroupMount, directory, controls);
      if (isSlice(unit)) enterCgroup(directory, work.launched?.pid ?? 0);
      return launched;
    },
    marked: (init) => {
      const id = part('resources').cgroupId(directory);
      return { ...init, ...(id === undefined ? {} : { cgroup: id }) };
    },
    finish: () => {
      const left = resourceProperties(late, access.factsOf(host.cgroupMount), 'update');
      setUnitProperties(access.manager, unit.name, left);
      access.close();
    },
  };
}

/** A limit of a single process would let in stage 1 of init, and not stage 2 beside it. */
function byTime(controls: readonly Control[]): { early: Control[]; late: Control[] } {
  const isLate = ({ late = false, value }: Control): boolean => late && Number(value) < 2;
  return { early: controls.filter((control) => !isLate(control)), late: controls.filter(isLate) };
}

function startAround<T>(
  manager: Manager,
  unit: Unit,
  directory: string,
  properties: readonly Property[],
  work: Attempt,
  spawn: (born: (pid: number) => void) => T,
): T {
  let started = (): void => undefined;
  const launched = spawn((pid) => {
    if (isSlice(unit)) refuseSlice(manager, unit, directory);
    // What has been asked for may come about, whatever happens here.
    work.cgroupMade = true;
    started = startUnit(manager, unit.name, [...properties, ...processProperties(unit, pid)]);
  });
  try {
    started();
    return launched;
  } catch (error) {
    // It is somebody else's.
    if (isUnitExists(error)) work.cgroupMade = false;
    throw error;
  }
}

/**
 * A slice that is there may have others in it, or get them. Where it has no file systemd would not say that it exists,
 * and give it to us.
 */
function refuseSlice(manager: Manager, { name }: Unit, directory: string): void {
  if (!sys.exists(At.FDCWD, directory)) return;
  const isUnit = findUnit(manager, name) !== undefined;
  const what = isUnit
    ? `systemd has a slice ${name} already`
    : `${directory} is there already, and is no slice of systemd's`;
  const otherwise = isUnit
    ? `a scope in that slice (${name}:ocirun:NAME), or end it: systemctl ${manager.option}stop ${name}`
    : `or remove it: rmdir ${directory}`;
  throw new OcirunError('E_CGROUP', `container's cgroup is not empty: ${what}`, {
    pointer: '/linux/cgroupsPath',
    path: directory,
    hint: `choose another name, ${otherwise}`,
  });
}

/** The service manager decides where its cgroups are: in a container, or where it was started by hand, that may be anywhere. */
function refuseElsewhere({ name }: Unit, directory: string): void {
  if (sys.exists(At.FDCWD, directory)) return;
  throw new OcirunError('E_CGROUP', `systemd has started unit ${name}, but not with the cgroup ${directory}`, {
    path: directory,
    hint: `systemctl show -p ControlGroup ${name} tells where it is; is /proc/1 the systemd that was asked?`,
  });
}

/** systemd names the property that it does not know or take: the annotation is to blame. */
function blaming<T>(given: readonly Annotated[], action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof OcirunError) || error.details.busError === undefined) throw error;
    const guilty = given.find(({ name }) => new RegExp(`\\b${name}\\b`).test(error.message));
    if (!guilty) throw error;
    const { pointer } = guilty;
    throw new OcirunError(error.code, error.message, {
      ...error.details,
      pointer,
      hint: 'properties of scopes are in systemd.scope(5), systemd.kill(5) and systemd.resource-control(5)',
    });
  }
}
