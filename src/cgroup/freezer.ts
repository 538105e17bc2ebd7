import { O, Poll } from '../sys/constants.ts';
import { attempt, orElse, part, sys, withFd, writeControl } from '../sys/index.ts';
import { pollPatiently } from '../waiting.ts';

/** Have the processes of a cgroup and below stop where they are, or go on (cgroup-v2.rst, cgroup.freeze). */
export function setFrozen(directory: string, frozen: boolean, doing: string): void {
  const path = `${directory}/cgroup.freeze` as const;
  attempt('E_CGROUP', `${doing}: write ${path}`, () => writeControl(path, frozen ? '1' : '0'), { path });
}

/** Wait until the kernel says that it is so; a cgroup that is gone is as one wants it. */
export function awaitFrozen(directory: string, frozen: boolean): void {
  while (!isSettled(directory, frozen));
}

/** Reading the events arms the wait, and POLLPRI announces the next one. */
function isSettled(directory: string, frozen: boolean): boolean {
  const fd = orElse('ENOENT', -1, () => sys.open(`${directory}/cgroup.events`, O.RDONLY, 0));
  if (fd < 0) return true;
  return withFd(fd, () => {
    const events = orElse('ENODEV', undefined, () => sys.readText(fd, 4096));
    if (events === undefined || events.includes('frozen 1') === frozen) return true;
    pollPatiently([fd], [Poll.PRI], -1, () => part('waits').ofFreezer(directory, frozen));
    return false;
  });
}
