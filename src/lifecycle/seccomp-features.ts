import { filterFlagNumbers } from '../plan/seccomp-flags.ts';
import { newListener } from '../plan/seccomp.ts';
import { architectures } from '../seccomp-bpf-compiler/index.ts';
import type { Features } from '../spec/features-types.ts';
import type { SeccompAction, SeccompArch, SeccompFlag, SeccompOperator } from '../spec/types.ts';
import { sys } from '../sys/index.ts';

/** What features-linux.md has of seccomp. */
export type SeccompFeatures = NonNullable<NonNullable<Features['linux']>['seccomp']>;

const actions: Readonly<Record<SeccompAction, true>> = {
  SCMP_ACT_ALLOW: true,
  SCMP_ACT_ERRNO: true,
  SCMP_ACT_KILL: true,
  SCMP_ACT_KILL_PROCESS: true,
  SCMP_ACT_KILL_THREAD: true,
  SCMP_ACT_LOG: true,
  SCMP_ACT_NOTIFY: true,
  SCMP_ACT_TRACE: true,
  SCMP_ACT_TRAP: true,
};

const operators: Readonly<Record<SeccompOperator, true>> = {
  SCMP_CMP_EQ: true,
  SCMP_CMP_GE: true,
  SCMP_CMP_GT: true,
  SCMP_CMP_LE: true,
  SCMP_CMP_LT: true,
  SCMP_CMP_MASKED_EQ: true,
  SCMP_CMP_NE: true,
};

const namesOf = <Name extends string>(table: Readonly<Record<Name, unknown>>): Name[] =>
  (Object.keys(table) as Name[]).sort();

/** WAIT_KILLABLE_RECV is taken with a listener alone, and all of the others are, too. */
const isSupported = (flag: SeccompFlag): boolean => {
  const number = filterFlagNumbers[flag];
  return sys.seccompHasFlags(number) || sys.seccompHasFlags(number | newListener);
};

/** features-linux.md "Seccomp": what is known here, and which flags this kernel takes. */
export function seccompFeatures() {
  const knownFlags = namesOf(filterFlagNumbers);
  return {
    enabled: true,
    actions: namesOf(actions),
    operators: namesOf(operators),
    archs: namesOf<SeccompArch>(architectures),
    knownFlags,
    supportedFlags: knownFlags.filter(isSupported),
  } satisfies SeccompFeatures;
}
