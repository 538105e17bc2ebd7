import { attachDeviceProgram } from '../cgroup/device-program.ts';
import type { Log } from '../log.ts';
import { part } from '../sys/index.ts';

/** `return 1`: a cgroup allows everything without it. */
const allowsEverything = (program: Uint8Array): boolean => program.length === 16 && program[4] === 1;

/**
 * Have a program decide which devices the container may use (config-linux.md "Allowed Device list").
 * @param isNew whether the cgroup was made by us just now, so that it has no program
 */
export function limitDevices(directory: string, program: Uint8Array, isNew: boolean, log: Log): void {
  try {
    if (!isNew) part('devices').replaceDeviceProgram(directory, program);
    else if (!allowsEverything(program)) attachDeviceProgram(directory, program);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    part('devices').tellDeviceFailure(error, log);
  }
}
