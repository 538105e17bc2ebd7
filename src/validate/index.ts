import type { Spec } from '../spec/types.ts';
import * as filesystem from './filesystem.ts';
import type { Refusal, Warning } from './finding.ts';
import * as namespaces from './namespaces.ts';
import * as support from './not-supported.ts';
import * as process from './process.ts';
import * as strings from './strings.ts';

/** Rules that a schema cannot say, in the order in which they are told. */
const refuse: readonly ((spec: Spec) => Refusal[])[] = [
  filesystem.rootIsThere,
  process.processIsThere,
  process.argsNameAProgram,
  process.cwdIsAbsolute,
  process.environmentIsNamed,
  process.rlimitsAreSound,
  namespaces.namespacesAreUnique,
  namespaces.namesNeedUtsNamespace,
  filesystem.hiddenPathsNeedMountNamespace,
  filesystem.hiddenPathsAreAbsolute,
  filesystem.procIsProcfs,
  strings.stringsHaveNoNul,
  strings.annotationsAreNamed,
  support.fieldsAreSupported,
  support.mountsAreSupported,
  support.namespacesAreSupported,
];

/** What does not keep a container from being made. Capabilities that cannot be given are a matter of the plan. */
const warn: readonly ((spec: Spec) => Warning[])[] = [
  filesystem.destinationsAreAbsolute,
  support.deviceRulesAreNotEnforced,
];

/** What is wrong with a document. */
export interface Verdict {
  readonly errors: readonly Refusal[];
  readonly warnings: readonly Warning[];
}

/** Check a document that fits the schema against every rule. */
export const validate = (spec: Spec): Verdict => ({
  errors: refuse.flatMap((rule) => rule(spec)),
  warnings: warn.flatMap((rule) => rule(spec)),
});
