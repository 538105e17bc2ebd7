import { O, Poll } from '../sys/constants.ts';
import { attempt, monotonic, orElse, part, readFile, sys, withFd, writeControl } from '../sys/index.ts';
import { pollPatiently } from '../waiting.ts';

/**
 * Have the processes of a cgroup and below stop where they are, or go on (cgroup-v2.rst, cgroup.freeze). In one that is
 * gone nobody is held.
 */
export function setFrozen(directory: string, frozen: boolean, doing: string): void {
  const path = `${directory}/cgroup.freeze` as const;
  const write = (): void => writeControl(path, frozen ? '1' : '0');
  const gone = frozen ? '' : 'ENOENT ENODEV';
  attempt('E_CGROUP', `${doing}: write ${path}`, () => orElse(gone, undefined, write), { path });
}

/** Whether this cgroup itself has been told to stop, as far as it has come: where that takes long it is not `frozen` yet. */
export const isToBeFrozen = (directory: string): boolean =>
  orElse('ENOENT ENODEV', '', () => readFile(`${directory}/cgroup.freeze`, 64)).trim() === '1';

/**
 * Wait until the kernel says that it is so, at most `timeout` milliseconds (-1: for ever); false where it does not. A
 * cgroup that is gone is as one wants it.
 */
export function awaitFrozen(directory: string, frozen: boolean, timeout = -1): boolean {
  const deadline = monotonic() + timeout;
  for (let left = timeout; ; left = Math.max(0, Math.ceil(deadline - monotonic()))) {
    if (isSettled(directory, frozen, timeout < 0 ? timeout : left)) return true;
    if (timeout >= 0 && left === 0) return false;
  }
}

/** Reading the events arms the wait, and POLLPRI announces the next one. */
function isSettled(directory: string, frozen: boolean, timeout: number): boolean {
  const fd = orElse('ENOENT', -1, () => sys.open(`${directory}/cgroup.events`, O.RDONLY, 0));
  if (fd < 0) return true;
  return withFd(fd, () => {
    const events = orElse('ENODEV', undefined, () => sys.readText(fd, 4096));
    if (events === undefined || events.includes('frozen 1') === frozen) return true;
    if (timeout !== 0) pollPatiently([fd], [Poll.PRI], timeout, () => part('waits').ofFreezer(directory, frozen));
    return false;
  });
}
