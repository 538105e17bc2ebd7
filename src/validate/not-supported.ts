import type { Spec } from '../spec/types.ts';
import { type Refusal, notSupported } from './finding.ts';
import { isAmong } from './words.ts';

/**
 * Fields that this version does nothing with, by the object they are in: to ignore one would make a container that
 * is not what was asked for.
 */
export const refusedFields = {
  '/process': ['terminal', 'apparmorProfile', 'selinuxLabel'],
  '/linux': ['netDevices', 'intelRdt', 'mountLabel'],
} as const;

/** Maps from names, where a name with nothing to it asks for something, too. */
const maps = ' netDevices ';

/** A field that nothing is done with is not ignored. */
export const fieldsAreSupported = ({ process, linux }: Spec): Refusal[] => [
  ...fieldRefusals('/process', process),
  ...fieldRefusals('/linux', linux),
];

function fieldRefusals(parent: keyof typeof refusedFields, members: object | undefined): Refusal[] {
  const refusals: Refusal[] = [];
  if (!members) return refusals;
  for (const name of refusedFields[parent]) {
    const value: unknown = members[name as never];
    if (value === undefined || !asksForSomething(isAmong(maps, name) ? Object.keys(value ?? {}) : value)) continue;
    refusals.push(notSupported(`${parent}/${name}`, 'not supported yet'));
  }
  return refusals;
}

/** Nothing is asked for by false, '', an empty list, or an object of such; 0 is a value. */
export function asksForSomething(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (typeof value !== 'object') return value !== undefined && value !== false && value !== '';
  return value !== null && Object.values(value).some(asksForSomething);
}
