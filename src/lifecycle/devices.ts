import { attachDeviceProgram } from '../cgroup/device-program.ts';
import type { Log } from '../log.ts';
import type { Plan } from '../plan/build.ts';
import type { DeviceRule, Spec } from '../spec/types.ts';
import { replaceDeviceProgram } from '../cgroup/replace-device-program.ts';
import { tellDeviceFailure } from './device-failure.ts';
import { deviceProgramOf } from './device-programs.ts';
import type { Prepared } from './prepare.ts';

/** `return 1`: a cgroup allows everything without it. */
const allowsEverything = (program: Uint8Array): boolean => program.length === 16 && program[4] === 1;

/**
 * Have a program decide which devices the container may use (config-linux.md "Allowed Device list").
 * @param isNew whether the cgroup was made by us just now, so that it has no program
 */
function limitDevices(directory: string, program: Uint8Array, isNew: boolean, log: Log): void {
  try {
    if (!isNew) replaceDeviceProgram(directory, program);
    else if (!allowsEverything(program)) attachDeviceProgram(directory, program);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    tellDeviceFailure(error, log);
  }
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
  if (deviceProgram && comesFirst(spec, isOurs) === before) limitDevices(cgroup, deviceProgram(), isOurs && !unit, log);
}

/** A cgroup that was there may have a program that forbids init its nodes; createContainer hooks wait for nobody. */
const comesFirst = (spec: Spec, isOurs: boolean): boolean =>
  !isOurs || beginsOpen(spec) || (spec.hooks?.createContainer ?? []).length > 0;

const beginsOpen = ({ linux }: Spec): boolean =>
  linux?.resources?.devices?.findLast(({ type }) => type !== 'b' && type !== 'c')?.allow ?? false;

/** What cannot be shows before anything is made: it takes rules for many devices, which hardly any document has. */
export function refuseHoles(rules: readonly DeviceRule[]): void {
  if (rules.some(isWide)) deviceProgramOf(rules);
}

const isWide = ({ type, major = -1, minor = -1 }: DeviceRule): boolean =>
  (major === -1 || minor === -1) && (type === 'b' || type === 'c');
