import { OcirunError } from '../errors/error.ts';
import type { Plan } from '../plan/build.ts';
import { filterFlagNumbers } from '../plan/seccomp-flags.ts';
import { newListener } from '../plan/seccomp.ts';
import type { Step } from '../plan/steps.ts';
import { sys } from '../sys/index.ts';

/** Flags that this kernel does not take: WAIT_KILLABLE_RECV is from Linux 5.19. */
function unknownFlags(flags: number): string | undefined {
  const names = Object.entries(filterFlagNumbers)
    .filter(
      ([, flag]) => (flags & flag) !== 0 && !sys.seccompHasFlags(flag) && !sys.seccompHasFlags(flag | newListener),
    )
    .map(([name]) => name);
  return names.length > 0 ? `this kernel does not know ${names.join(', ')}` : undefined;
}

const hints: Readonly<Record<string, (flags: number) => string | undefined>> = {
  EINVAL: unknownFlags,
  EACCES: () => 'without process.noNewPrivileges, the runtime needs CAP_SYS_ADMIN for it',
  EBUSY: () => 'another filter with a listener is on already: the kernel has one for a process',
  ENOSYS: () => 'this kernel has no seccomp(2), or a filter that the runtime is under refuses it',
  EPERM: () => 'a filter that the runtime is under refuses seccomp(2)',
};

/** Why the kernel has not taken the filter of a step, where that can be told. */
export const filterHint = ({ op, nums: [flags = 0] }: Step, errnoName: string): string | undefined =>
  op === 'seccomp' ? hints[errnoName]?.(Number(flags)) : undefined;

/** What a filter of the container may do to init. */
const toInit =
  'linux.seccomp is in force for init by then, and may refuse what it calls: process.noNewPrivileges has it come last';

/** Which step is behind the one that loads the filter. */
const isBehindFilter = ({ stage1, stage2 }: Pick<Plan, 'stage1' | 'stage2'>, index: number): boolean => {
  const at = stage2.findIndex(({ op }) => op === 'seccomp');
  return at >= 0 && index > stage1.length + at;
};

/** The same error; where the container's own filter may be the reason, that is said. */
export function mindingFilter(error: OcirunError, plan: Pick<Plan, 'stage1' | 'stage2'>, index: number): OcirunError {
  const { hint, errnoName = '' } = error.details;
  if (!['EPERM', 'ENOSYS', 'EACCES'].includes(errnoName) || !isBehindFilter(plan, index)) return error;
  return new OcirunError(error.code, error.message, { ...error.details, hint: hint ? `${hint}; ${toInit}` : toInit });
}

const SIGSYS = 31;

/** What is known of the end of an init that its own filter may have killed. */
export const killedByFilter = (stage2: readonly Step[], signal: number | undefined): boolean =>
  signal === SIGSYS && stage2.some(({ op }) => op === 'seccomp');

/** What there is to say of that. */
export const deadlyFilter = {
  pointer: '/linux/seccomp',
  hint: 'linux.seccomp kills whoever makes a call that init still makes: process.noNewPrivileges has the filter come last',
};
