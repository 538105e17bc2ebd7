import { O, Poll } from '../sys/constants.ts';
import { attempt, monotonic, orElse, part, readFile, sys, withFd, writeControl } from '../sys/index.ts';
import { patiently } from '../waiting.ts';

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

/**
 * Whether this cgroup itself has been told to stop, or to go on, however far it has come: where that takes long it is not
 * `frozen` yet.
 */
export const isTold = (directory: string, frozen: boolean): boolean =>
  orElse('ENOENT ENODEV', '', () => readFile(`${directory}/cgroup.freeze`, 64)).trim() === (frozen ? '1' : '0');

/**
 * Wait until the kernel says that it is so, at most `timeout` milliseconds (-1: for ever); false where it does not, or
 * somebody has asked for the opposite meanwhile. A cgroup that is gone is as one wants it.
 */
export function awaitFrozen(directory: string, frozen: boolean, timeout = -1): boolean {
  const deadline = monotonic() + timeout;
  for (let left = timeout; ; left = Math.max(0, Math.ceil(deadline - monotonic()))) {
    if (isSettled(directory, frozen, timeout < 0 ? timeout : left)) return true;
    if ((timeout >= 0 && left === 0) || isTold(directory, !frozen)) return false;
  }
}

/** Reading the events arms the wait, and POLLPRI announces the next one. */
function isSettled(directory: string, frozen: boolean, timeout: number): boolean {
  const fd = orElse('ENOENT', -1, () => sys.open(`${directory}/cgroup.events`, O.RDONLY, 0));
  if (fd < 0) return true;
  return withFd(fd, () => {
    const events = orElse('ENODEV', undefined, () => sys.readText(fd, 4096));
    if (events === undefined || events.includes('frozen 1') === frozen) return true;
    const look = (milliseconds: number): true | undefined => lookForChange(directory, fd, frozen, milliseconds);
    if (timeout !== 0) patiently(look, timeout, () => part('waits').ofFreezer(directory, frozen));
    return false;
  });
}

/** How often to look whether somebody has asked for the opposite, milliseconds: where nothing has come about yet, that is no event. */
const slice = 100;

/** Wait for an event, or until somebody has asked for the opposite; undefined where neither comes in that time. */
function lookForChange(directory: string, fd: number, frozen: boolean, milliseconds: number): true | undefined {
  for (let left = milliseconds; ; left -= slice) {
    if (sys.poll([fd], [Poll.PRI], Math.min(left, slice))[0] !== 0 || isTold(directory, !frozen)) return true;
    if (left <= slice) return undefined;
  }
}
