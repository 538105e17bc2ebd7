import { type Step, stepOf } from './steps.ts';

/** Who answers for SCMP_ACT_NOTIFY. */
export interface SeccompAgent {
  /** Its socket: an absolute path, or a name in the abstract namespace that begins with @. */
  readonly path: string;
  /** `listenerMetadata`, for it alone. */
  readonly metadata: string | undefined;
}

/** What was made of `linux.seccomp`. */
export interface SystemCallFilter {
  /** SECCOMP_FILTER_FLAG_* of seccomp(2). */
  readonly flags: number;
  /** Its instructions (struct sock_filter), two words each. */
  readonly program: Uint32Array;
  /** Whoever gets the listener, with SECCOMP_FILTER_FLAG_NEW_LISTENER. */
  readonly agent: SeccompAgent | undefined;
}

/** SECCOMP_FILTER_FLAG_NEW_LISTENER: somebody is asked. */
export const newListener = 8;

/** Whether the runtime gets a listener from this step. */
export const hasListener = ({ op, nums }: Step): boolean => op === 'seccomp' && (Number(nums[0]) & newListener) !== 0;

/** The filter's step at the one of these places where it belongs. */
export interface FilterPlaces {
  /** With the user's ids, before capabilities are given up. */
  readonly beforeCapabilities: readonly Step[];
  /** When everything but the start is done. */
  readonly beforeReady: readonly Step[];
  /** When nothing is left to be done but execve(2). */
  readonly last: readonly Step[];
}

/**
 * As late as can be: what init calls afterwards, the filter decides about. The kernel takes one from whoever has
 * no_new_privs, or CAP_SYS_ADMIN; and a listener has to be handed over while the runtime that makes the container is
 * there.
 * @param programsBefore whether init runs programs of the container (startContainer hooks): as with runc, the filter is
 * for them, too
 */
export function filterPlaces(
  filter: SystemCallFilter | undefined,
  noNewPrivileges: boolean,
  programsBefore: boolean,
): FilterPlaces {
  if (!filter) return nowhere;
  const nums = [filter.flags, noNewPrivileges ? 0 : 1];
  const steps = [{ ...stepOf('seccomp', '/linux/seccomp', nums), words: filter.program }];
  if (!noNewPrivileges) return { ...nowhere, beforeCapabilities: steps };
  const early = programsBefore || (filter.flags & newListener) !== 0;
  return early ? { ...nowhere, beforeReady: steps } : { ...nowhere, last: steps };
}

const nowhere: FilterPlaces = { beforeCapabilities: [], beforeReady: [], last: [] };
