import { OcirunError } from '../errors/error.ts';
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
const toInit = 'linux.seccomp is in force for init by then, and may refuse what it calls';
const earlier = `${toInit}: process.noNewPrivileges has it come last`;
const toExecution = 'linux.seccomp is in force by then: `ocirun seccomp explain` tells what it says of execve';

function adviceBehind({ nums: [, withoutNoNewPrivileges = 0] }: Step, op: string | undefined): string {
  if (op === 'execute') return toExecution;
  return Number(withoutNoNewPrivileges) === 0 ? toInit : earlier;
}

/**
 * The same error; where the container's own filter may be the reason, that is said.
 * @param stepAt the plan
 * @param index of the step that failed
 */
export function mindingFilter(
  error: OcirunError,
  stepAt: (index: number) => Step | undefined,
  index: number,
): OcirunError {
  const { hint, errnoName = '', step: op } = error.details;
  // Where init failed before the first step, its number means none.
  if (!['EPERM', 'ENOSYS', 'EACCES'].includes(errnoName) || !stepAt(index)) return error;
  for (let at = 0; at < index; at += 1) {
    const step = stepAt(at);
    if (step?.op !== 'seccomp') continue;
    const advice = adviceBehind(step, op);
    return new OcirunError(error.code, error.message, { ...error.details, hint: hint ? `${hint}; ${advice}` : advice });
  }
  return error;
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
