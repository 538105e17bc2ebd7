import { type Details, OcirunError } from '../errors/error.ts';
import type { Step } from '../plan/steps.ts';
import { ChildEnd } from '../sys/constants.ts';
import { hookReason } from './exec-failure.ts';
import type { Facts } from './facts.ts';

/** What Go calls the signals from 1 on, and so runc: how a hook has ended may be read by a program. */
const signals =
  'hangup,interrupt,quit,illegal instruction,trace/breakpoint trap,aborted,bus error,floating point exception,killed,' +
  'user defined signal 1,segmentation fault,user defined signal 2,broken pipe,alarm clock,terminated';

/** How a program ended, in Go's words; si_code and si_status of waitid(2). */
export function endOf(code: number, status: number): string {
  if (code === ChildEnd.EXITED) return `exit status ${status}`;
  const name = signals.split(',')[status - 1] ?? `signal ${status}`;
  return `signal: ${name}${code === ChildEnd.DUMPED ? ' (core dumped)' : ''}`;
}

/** @param timeout milliseconds */
export const pastTimeout = (timeout: number): string =>
  `hook ran past specified timeout of ${(timeout / 1000).toFixed(1)}s`;

/** The error of the hook that `pointer` names (/hooks/KIND/INDEX), as runc words it. */
export function hookFailure(pointer: string, why: string, details: Details = {}): OcirunError {
  const [, , kind, index] = pointer.split('/');
  return new OcirunError('E_HOOK', `error running ${kind} hook #${index}: ${why}`, { ...details, pointer });
}

/**
 * The same of one that init has run.
 * @param told what init says of it: how it ended and what it wrote, which may be anything; or, as `facts`, why it could
 * not be executed
 */
export function initHookFailure(
  { pointer, nums, strs: [path = ''] }: Step,
  told: string,
  facts: Facts,
  errnoName: string,
  words: string,
): OcirunError {
  const step = 'runProgram';
  if (errnoName === 'ETIME') return hookFailure(pointer, pastTimeout(Number(nums[1])), { path, step });
  // Its end is told with the number of a signal: the names are ours.
  const end = told.replace(/^signal: (\d+)/, (_, number: string) => endOf(ChildEnd.KILLED, Number(number)));
  if (errnoName === 'ECANCELED') return hookFailure(pointer, end, { path, step });
  const { why, ...advice } = hookReason(pointer, facts, errnoName);
  const about = facts.about === path ? path : `${path}: ${facts.about}`;
  return hookFailure(pointer, `fork/exec ${about}: ${words}${why}`, { path, errnoName, step, ...advice });
}
