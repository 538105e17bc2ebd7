import { OcirunError } from '../errors/error.ts';
import { deviceProgram } from '../plan/device-filter/program.ts';
import { deviceFilter } from '../plan/device-filter/rules.ts';
import { usualDeviceRules } from '../plan/device-filter/usual.ts';
import type { DeviceRule } from '../spec/types.ts';
import { deviceHole } from './device-holes.ts';

type Rules = readonly DeviceRule[];

/** What asks for the rules. */
const ofDocument = '/linux/resources/devices';

const keyOf = (rules: Rules): string => JSON.stringify(rules);

/** Made when the binary is built, with the heap image: most containers have one of these. */
const usual = new Map(usualDeviceRules.map((rules) => [keyOf(rules), compiled(rules, ofDocument)]));

/** The device program of a container whose document has these rules. */
export const deviceProgramOf = (rules: Rules = [], pointer = ofDocument): Uint8Array =>
  usual.get(keyOf(rules)) ?? compiled(rules, pointer);

function compiled(rules: Rules, pointer: string): Uint8Array {
  const filter = deviceFilter(rules);
  const hole = deviceHole(filter, pointer);
  if (hole) throw new OcirunError(hole.code, hole.message, hole.details);
  const program = deviceProgram(filter);
  if (program) return program;
  throw new OcirunError('E_CONFIG_RULE', `${rules.length} device rules are too many for a device program`, {
    pointer,
    expected: 'fewer exceptions, such as rules for whole ranges of devices',
  });
}
