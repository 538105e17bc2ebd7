/** The part that makes device programs, for every container, and replaces them. */
import { replaceDeviceProgram as replace } from '../cgroup/replace-device-program.ts';
import type { DeviceRule } from '../spec/types.ts';
import { deviceProgramOf } from './device-programs.ts';

export { replaceDeviceProgram } from '../cgroup/replace-device-program.ts';
export { deviceProgramOf } from './device-programs.ts';
export { refuseHoles, setDevices } from './devices.ts';

/**
 * Have these rules decide in a cgroup, in the place of those that do.
 * @param pointer to the rules, for messages
 */
export const replaceDeviceRules = (directory: string, rules: readonly DeviceRule[], pointer: string): void =>
  replace(directory, deviceProgramOf(rules, pointer));
