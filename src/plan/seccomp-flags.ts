import type { Seccomp, SeccompFlag } from '../spec/types.ts';
import { newListener, type SeccompAgent } from './seccomp.ts';

/** SECCOMP_FILTER_FLAG_* of linux/seccomp.h, by their names in the specification. */
export const filterFlagNumbers: Readonly<Record<SeccompFlag, number>> = {
  SECCOMP_FILTER_FLAG_TSYNC: 1,
  SECCOMP_FILTER_FLAG_LOG: 2,
  SECCOMP_FILTER_FLAG_SPEC_ALLOW: 4,
  SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV: 32,
};

const { SECCOMP_FILTER_FLAG_TSYNC: tsync, SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV: waitKillable } = filterFlagNumbers;

/** SECCOMP_FILTER_FLAG_TSYNC_ESRCH: without it, the kernel does not take TSYNC and NEW_LISTENER together. */
const tsyncEsrch = 16;

/** Whether somebody is to be asked about a system call. */
const asksSomebody = ({ syscalls = [] }: Seccomp): boolean =>
  syscalls.some(({ action }) => action === 'SCMP_ACT_NOTIFY');

/** What seccomp(2) is called with. A profile without `flags` is runc's: speculation stays as it is. */
export function filterFlags(seccomp: Seccomp): number {
  const { flags = ['SECCOMP_FILTER_FLAG_SPEC_ALLOW'] } = seccomp;
  let asked = 0;
  for (const flag of flags) asked |= filterFlagNumbers[flag];
  // Nobody waits where nobody is asked: the kernel refuses the flag there.
  if (!asksSomebody(seccomp)) return asked & ~waitKillable;
  return asked | newListener | ((asked & tsync) === 0 ? 0 : tsyncEsrch);
}

/**
 * Who is asked, if anybody is; NOTIFY without listenerPath is refused.
 * @param bundle where a relative listenerPath begins, as for runc
 */
export function agentOf(seccomp: Seccomp, bundle: string): SeccompAgent | undefined {
  if (!asksSomebody(seccomp)) return undefined;
  const { listenerPath = '', listenerMetadata } = seccomp;
  const path = /^[/@]/.test(listenerPath) ? listenerPath : `${bundle}/${listenerPath}`;
  return { path, metadata: listenerMetadata };
}
