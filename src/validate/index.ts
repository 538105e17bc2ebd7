import type { Spec } from '../spec/types.ts';
import { devicesAreWhole, devicesDoNotCollide, devicesNeedMountNamespace } from './devices.ts';
import {
  destinationsAreAbsolute,
  hiddenPathsAreAbsolute,
  hiddenPathsNeedMountNamespace,
  procIsProcfs,
  rootIsNotMasked,
  rootIsThere,
} from './filesystem.ts';
import type { Finding, Refusal, Warning } from './finding.ts';
import { hookPathsAreAbsolute } from './hooks.ts';
import { mappingsAreOfUserNamespace, userIsMapped } from './idmaps.ts';
import { mountsAreSound, privateRootIsPivoted } from './mounts.ts';
import {
  mountsNeedMountNamespace,
  namesNeedUtsNamespace,
  namespacePathsAreAbsolute,
  namespacesAreUnique,
  timeOffsetsNeedNewTimeNamespace,
} from './namespaces.ts';
import { deviceRulesAreNotEnforced, fieldsAreSupported } from './not-supported.ts';
import { argsNameAProgram, cwdIsAbsolute, environmentIsNamed, processIsThere, rlimitsAreSound } from './process.ts';
import {
  ioPriorityIsInRange,
  memoryPolicyHasItsNodes,
  oomScoreAdjIsInRange,
  personalityFlagsAreIgnored,
  personalityHasADomain,
  schedulerFitsPolicy,
} from './scheduling.ts';
import { annotationsAreNamed, stringsHaveNoNul } from './strings.ts';
import { sysctlsAreNamespaced } from './sysctl.ts';

/** What is known besides the document. */
interface Circumstances {
  /** Whether a string may have a NUL byte: loadSpec sees in the text that none has, for nothing. */
  readonly mayHaveNul: boolean;
  /** Whether the root is changed with pivot_root(2). */
  readonly pivot: boolean;
}

/** Checks by name: it is told with what they find. */
type Checks<Found> = Readonly<Record<string, (spec: Spec) => readonly Found[]>>;

/** Checks that are made where the document has what they are about: most have little of all that can be said. */
interface Group<Found> {
  readonly isThere: (spec: Spec, circumstances: Circumstances) => unknown;
  readonly checks: Checks<Found>;
}

/** Rules that a schema cannot say, in the order in which they are told. */
export const refuse: readonly Group<Refusal>[] = [
  {
    isThere: () => true,
    checks: {
      rootIsThere,
      processIsThere,
      argsNameAProgram,
      cwdIsAbsolute,
      environmentIsNamed,
      rlimitsAreSound,
      schedulerFitsPolicy,
      ioPriorityIsInRange,
      oomScoreAdjIsInRange,
      personalityHasADomain,
      memoryPolicyHasItsNodes,
      namespacesAreUnique,
      namespacePathsAreAbsolute,
      namesNeedUtsNamespace,
      mountsNeedMountNamespace,
      timeOffsetsNeedNewTimeNamespace,
      mappingsAreOfUserNamespace,
      userIsMapped,
      sysctlsAreNamespaced,
      hookPathsAreAbsolute,
      hiddenPathsNeedMountNamespace,
      hiddenPathsAreAbsolute,
      rootIsNotMasked,
      procIsProcfs,
      mountsAreSound,
      devicesNeedMountNamespace,
      devicesAreWhole,
      devicesDoNotCollide,
      annotationsAreNamed,
      fieldsAreSupported,
    },
  },
  { isThere: (_, { pivot }) => !pivot, checks: { privateRootIsPivoted } },
  { isThere: (_, { mayHaveNul }) => mayHaveNul, checks: { stringsHaveNoNul } },
];

/** What does not keep a container from being made. */
export const warn: readonly Group<Warning>[] = [
  {
    isThere: () => true,
    checks: { destinationsAreAbsolute, personalityFlagsAreIgnored, deviceRulesAreNotEnforced },
  },
];

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
