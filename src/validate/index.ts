import type { Spec } from '../spec/types.ts';
import type { Finding, Refusal, Warning } from './finding.ts';
import { type Circumstances, type Group, refuse, warn } from './rules.ts';

/** Groups with their checks and the names of these as lists: to walk an object takes as long as the checks. */
type Listed = ReturnType<typeof listed>;

const listed = ({ isThere, checks }: Group<Refusal>) => ({
  isThere,
  names: Object.keys(checks),
  checks: Object.values(checks),
});

const refusing = refuse.map(listed);
const warning = warn.map(listed);

/** What is wrong with a document. */
export interface Verdict {
  readonly errors: readonly Refusal[];
  readonly warnings: readonly Warning[];
}

/**
 * Check a document that fits the schema against every rule.
 * @param mayHaveNul false if it is known that no string has a NUL byte
 * @param pivot false where the root is not changed with pivot_root(2)
 */
export function validate(spec: Spec, mayHaveNul = true, pivot = true): Verdict {
  const circumstances = { mayHaveNul, pivot };
  return { errors: findings(refusing, spec, circumstances), warnings: findings(warning, spec, circumstances) };
}

function findings(groups: readonly Listed[], spec: Spec, circumstances: Circumstances): Refusal[] {
  const found: Refusal[] = [];
  const look = (group: Listed): void => {
    if (!group.isThere(spec, circumstances)) return;
    group.checks.forEach((check, index) => {
      // One by one: a call takes so many arguments, and there may be more findings.
      for (const refusal of check(spec)) found.push(named(refusal, group.names[index] ?? ''));
    });
  };
  groups.forEach(look);
  return found;
}

const named = (refusal: Refusal, rule: string): Refusal => ({ ...refusal, details: { ...refusal.details, rule } });

/** Errors and warnings in one list, for whoever prints both. */
export const findingsOf = ({ errors, warnings }: Verdict): Finding[] => [
  ...errors.map((error): Finding => ({ severity: 'error', ...error })),
  ...warnings.map((warning): Finding => ({ severity: 'warning', ...warning })),
];
