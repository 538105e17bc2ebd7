import { SeccompError } from './error.ts';
import type { Condition, Profile, Rule } from './profile.ts';

const fields = ['value', 'valueTwo'] as const;

/** What may be a list, of a profile that nobody has checked yet. */
const listOf = <Element>(value: readonly Element[] | undefined): readonly (Element | null | undefined)[] =>
  Array.isArray(value) ? (value as readonly Element[]) : [];

/** JSON.parse makes another integer of many that are beyond 2^53-1. */
const isRounded = (value: unknown): boolean =>
  typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value);

const hasRounded = (arg: Condition | null | undefined): boolean => fields.some((field) => isRounded(arg?.[field]));

/**
 * A profile from JSON with the values of arguments that were written there, and not what a number makes of them.
 * @param written the integers of the document that are beyond 2^53-1 and written as digits, by pointer
 * @param root pointer to the profile in the document
 * @throws SeccompError where it is not known what was written
 */
export function withWrittenValues(profile: Profile, written: ReadonlyMap<string, bigint>, root: string): Profile {
  const rules = listOf((profile as Profile | null)?.syscalls);
  if (!rules.some((rule) => listOf(rule?.args).some(hasRounded))) return profile;
  const asWritten = (arg: Condition, pointer: string): Condition => {
    const result = { ...arg };
    for (const field of fields.filter((each) => isRounded(arg[each])))
      result[field] = written.get(`${root}${pointer}/${field}`) ?? refuse(`${pointer}/${field}`);
    return result;
  };
  const syscalls = rules.map((rule, at) => {
    const args = listOf(rule?.args);
    if (!args.some(hasRounded)) return rule;
    const place = `/syscalls/${at}/args`;
    return { ...rule, args: args.map((arg, which) => (arg ? asWritten(arg, `${place}/${which}`) : arg)) };
  });
  return { ...profile, syscalls: syscalls as readonly Rule[] };
}

function refuse(pointer: string): never {
  throw new SeccompError(
    'a value beyond 2^53-1 has to be written with all its digits and without exponent: what it is would be uncertain',
    pointer,
  );
}
