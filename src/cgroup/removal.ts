import { At, O, Poll } from '../sys/constants.ts';
import { attempt, monotonic, orElse, part, sys, withFd } from '../sys/index.ts';
import { pollPatiently } from '../waiting.ts';
import { cgroupEvents, killCgroup } from './cgroupfs.ts';
import { killThreaded } from './threaded.ts';
import { removeTree } from './tree.ts';

/** Wait at most this long for a killed cgroup to become empty, milliseconds. */
const emptyTimeout = 10_000;

/** Wait at most this long for what has been killed to leave its cgroup, milliseconds. */
const leaveTimeout = 1000;

/** Why a cgroup stays. */
export const occupied = "there are processes in it that are not this container's";

/**
 * Remove a cgroup of ours that is not empty.
 * @param mayKill whether what is still in it is the container's; else it belongs to whoever has come after it
 * @returns why it has to stay; '' where it is gone
 */
export function removeBusy(directory: string, mayKill: boolean): string {
  if (isTaken(directory, mayKill)) return occupied;
  killCgroup(directory);
  if (cgroupEvents(directory).populated) waitUntilEmpty(directory);
  removeTree(directory);
  return '';
}

/** Whether there are processes in it that are not ours to kill; those that have just ended leave it first. */
export function isTaken(directory: string, mayKill: boolean): boolean {
  if (mayKill || !cgroupEvents(directory).populated) return false;
  waitUntilEmpty(directory, leaveTimeout);
  return cgroupEvents(directory).populated;
}

/** Wait until no process is left in the cgroup, at most `timeout` milliseconds. */
export function waitUntilEmpty(directory: string, timeout = emptyTimeout): void {
  const deadline = monotonic() + timeout;
  let left = timeout;
  while (left > 0 && waitForChange(directory, left)) left = Math.ceil(deadline - monotonic());
}

/** Whether a process was in the cgroup; if so, wait for the next event: reading arms it, POLLPRI announces it. */
function waitForChange(directory: string, timeout: number): boolean {
  const fd = orElse('ENOENT', -1, () => sys.open(`${directory}/cgroup.events`, O.RDONLY, 0));
  if (fd < 0) return false;
  return withFd(fd, () => {
    const populated = orElse('ENODEV', '', () => sys.readText(fd, 4096)).includes('populated 1');
    if (populated) pollPatiently([fd], [Poll.PRI], timeout, () => part('waits').ofCgroup(directory));
    return populated;
  });
}

/**
 * What tells the cgroup that has a name from every other that has ever had it: the kernel gives no inode number of its
 * cgroups twice (kernfs counts them in 64 bits). Undefined where there is none.
 */
export function cgroupId(directory: string): number | undefined {
  const id = orElse('ENOENT ENODEV', [], () => sys.statat(At.FDCWD, directory, At.SYMLINK_NOFOLLOW))[8];
  // Beyond 2^53.
  return Number.isNaN(id) ? undefined : id;
}

/** Open the directory of a cgroup, for as long as `action` takes: whoever gets its name meanwhile has another one. */
export function withCgroup<T>(directory: string, action: (cgroup: number) => T): T {
  const open = (): number => sys.open(directory, O.PATH | O.DIRECTORY | O.NOFOLLOW, 0);
  const cgroup = attempt('E_CGROUP', `open cgroup ${directory}`, () => orElse('ENOENT', -1, open), { path: directory });
  return cgroup < 0 ? action(cgroup) : withFd(cgroup, action);
}

/** Kill every process in the cgroup that is open, and below, and wait until they have gone; there is none in one that has gone. */
export function killOpened(cgroup: number, directory: string): void {
  if (cgroup < 0) return;
  const kill = (): boolean => {
    withFd(sys.openat(cgroup, 'cgroup.kill', O.WRONLY, 0), (fd) => sys.write(fd, '1'));
    return true;
  };
  attempt(
    'E_CGROUP',
    `kill the processes of cgroup ${directory}`,
    () => {
      // A threaded cgroup has threads, not processes.
      if (!orElse('ENOENT ENODEV', true, () => orElse('EOPNOTSUPP', false, kill)))
        killThreaded(`/proc/self/fd/${cgroup}/.`);
    },
    { path: directory },
  );
}
