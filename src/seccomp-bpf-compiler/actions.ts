import { SeccompError } from './error.ts';
import type { Action } from './profile.ts';

/** SECCOMP_RET_… of linux/seccomp.h. */
const values: { readonly [action in Action]: number } = {
  SCMP_ACT_KILL: 0,
  SCMP_ACT_KILL_THREAD: 0,
  SCMP_ACT_KILL_PROCESS: 0x80000000,
  SCMP_ACT_TRAP: 0x00030000,
  SCMP_ACT_ERRNO: 0x00050000,
  SCMP_ACT_NOTIFY: 0x7fc00000,
  SCMP_ACT_TRACE: 0x7ff00000,
  SCMP_ACT_LOG: 0x7ffc0000,
  SCMP_ACT_ALLOW: 0x7fff0000,
};

/** Greatest value that goes with an action: MAX_ERRNO of the kernel, SECCOMP_RET_DATA. */
const greatest: { readonly [action: string]: number } = { SCMP_ACT_ERRNO: 4095, SCMP_ACT_TRACE: 65535 };

const EPERM = 1;

/** What a filter returns to a call of an architecture that it does not know: libseccomp's SCMP_FLTATR_ACT_BADARCH. */
export const killThread = 0;

/** What calls get that are newer than the profile: ERRNO with ENOSYS. */
export const noSuchCall = 0x00050000 | 38;

/** What a filter returns for an action. `errno` counts for ERRNO and TRACE, where it is EPERM if absent. */
export function returnValue(action: Action, errno: number | undefined, pointer: string, errnoField: string): number {
  if (typeof action !== 'string' || !Object.hasOwn(values, action))
    throw new SeccompError(`there is no seccomp action ${shown(action)}`, pointer);
  const most = greatest[action];
  if (most === undefined) {
    // 0, too: "the runtime MUST print and error and fail" (config-linux.md "Seccomp"). null is absent.
    if ((errno ?? undefined) !== undefined) throw new SeccompError(`${action} cannot return an errno`, errnoField);
    return values[action];
  }
  const data = errno ?? EPERM;
  if (!Number.isInteger(data) || data < 0 || data > most)
    throw new SeccompError(`${action} cannot return errno ${shown(data)}, only 0 to ${most}`, errnoField);
  return values[action] + data;
}

/** A value for a message: short, and never an error of its own. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return `'${value.slice(0, 60)}'`;
  return typeof value === 'number' || typeof value === 'bigint' ? `${value}` : typeof value;
}

/** Actions that let calls through: with them as default, newer calls need no answer of their own. */
export const letsThrough = (action: Action): boolean =>
  action === 'SCMP_ACT_ALLOW' || action === 'SCMP_ACT_LOG' || action === 'SCMP_ACT_TRACE';

/** What a return value says, for people. */
export function describeReturn(value: number): string {
  const action = (value & 0xffff0000) >>> 0;
  const data = value & 0xffff;
  const name = Object.entries(values).find(([, of]) => of === action)?.[0];
  if (name === undefined) return `0x${value.toString(16)}`;
  const short = name === 'SCMP_ACT_KILL' ? 'KILL_THREAD' : name.slice('SCMP_ACT_'.length);
  return name in greatest ? `${short}(${data})` : short;
}
