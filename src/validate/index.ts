import type { Spec } from '../spec/types.ts';
import type { Finding, Refusal, Warning } from './finding.ts';
import { type Circumstances, type Group, refuse, warn } from './rules.ts';

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
  return { errors: findings(refuse, spec, circumstances), warnings: findings(warn, spec, circumstances) };
}

function findings(groups: readonly Group<Refusal>[], spec: Spec, circumstances: Circumstances): Refusal[] {
  const found: Refusal[] = [];
  for (const { isThere, checks } of groups) {
    if (!isThere(spec, circumstances)) continue;
    for (const rule in checks) {
      const refusals = checks[rule]?.(spec) ?? [];
      for (const refusal of refusals) found.push({ ...refusal, details: { ...refusal.details, rule } });
    }
  }
  return found;
}

/** Errors and warnings in one list, for whoever prints both. */
export const findingsOf = ({ errors, warnings }: Verdict): Finding[] => [
  ...errors.map((error): Finding => ({ severity: 'error', ...error })),
  ...warnings.map((warning): Finding => ({ severity: 'warning', ...warning })),
];
