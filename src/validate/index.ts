import type { Spec } from '../spec/types.ts';
import * as devices from './devices.ts';
import * as filesystem from './filesystem.ts';
import type { Refusal, Warning } from './finding.ts';
import * as hooks from './hooks.ts';
import * as idmaps from './idmaps.ts';
import * as mounts from './mounts.ts';
import * as namespaces from './namespaces.ts';
import * as support from './not-supported.ts';
import * as process from './process.ts';
import * as scheduling from './scheduling.ts';
import * as strings from './strings.ts';
import * as sysctl from './sysctl.ts';

/** Rules that a schema cannot say, in the order in which they are told. */
const refuse: readonly ((spec: Spec) => Refusal[])[] = [
  filesystem.rootIsThere,
  process.processIsThere,
  process.argsNameAProgram,
  process.cwdIsAbsolute,
  process.environmentIsNamed,
  process.rlimitsAreSound,
  scheduling.schedulerFitsPolicy,
  scheduling.ioPriorityIsInRange,
  scheduling.oomScoreAdjIsInRange,
  scheduling.personalityHasADomain,
  scheduling.memoryPolicyHasItsNodes,
  namespaces.namespacesAreUnique,
  namespaces.namespacePathsAreAbsolute,
  namespaces.namesNeedUtsNamespace,
  namespaces.mountsNeedMountNamespace,
  namespaces.timeOffsetsNeedNewTimeNamespace,
  idmaps.mappingsAreOfUserNamespace,
  idmaps.userIsMapped,
  sysctl.sysctlsAreNamespaced,
  hooks.hookPathsAreAbsolute,
  filesystem.hiddenPathsNeedMountNamespace,
  filesystem.hiddenPathsAreAbsolute,
  filesystem.rootIsNotMasked,
  filesystem.procIsProcfs,
  mounts.mountsAreSound,
  devices.devicesNeedMountNamespace,
  devices.devicesAreWhole,
  devices.devicesDoNotCollide,
  strings.annotationsAreNamed,
  support.fieldsAreSupported,
];

/** What does not keep a container from being made. Capabilities that cannot be given are a matter of the plan. */
const warn: readonly ((spec: Spec) => Warning[])[] = [
  filesystem.destinationsAreAbsolute,
  scheduling.personalityFlagsAreIgnored,
  support.deviceRulesAreNotEnforced,
];

/** What is wrong with a document. */
export interface Verdict {
  readonly errors: readonly Refusal[];
  readonly warnings: readonly Warning[];
}

/**
 * Check a document that fits the schema against every rule.
 * @param mayHaveNul false if it is known that no string has a NUL byte: loadSpec sees that in the text, for nothing
 * @param pivot false where the root is not changed with pivot_root(2)
 */
export function validate(spec: Spec, mayHaveNul = true, pivot = true): Verdict {
  const rules = pivot ? [...refuse] : [...refuse, mounts.privateRootIsPivoted];
  if (mayHaveNul) rules.push(strings.stringsHaveNoNul);
  return { errors: rules.flatMap((rule) => rule(spec)), warnings: warn.flatMap((rule) => rule(spec)) };
}
