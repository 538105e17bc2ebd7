import { type Cgroup, killCgroup, removeCgroup } from '../cgroup/cgroupfs.ts';
import { OcirunError } from '../errors/error.ts';
import type { Log } from '../log.ts';
import { openProcess } from '../state/identity.ts';
import { requireStatus, statusOf } from '../state/status.ts';
import { checkId, type Container, discard, load, lock, readInit } from '../state/store.ts';
import { Poll, Signal } from '../sys/constants.ts';
import { isSystemError, orElse, part, sys, withFd } from '../sys/index.ts';
import { mark } from '../trace.ts';
import { pollPatiently } from '../waiting.ts';

/** Wait at most this long for a killed init, milliseconds. */
const killTimeout = 10_000;

/** Remove a container that has stopped or was never started: its cgroup, then its state. */
export function remove(root: string, id: string, log: Log): void {
  const { directory } = load(root, id);
  withLock(directory, () => {
    const container = load(root, id);
    requireStatus('delete', id, statusOf(container));
    destroy(container, log);
  });
}

/**
 * Remove a container in any status, also one whose create was cut off: kill, then remove.
 * One that does not exist is what was asked for.
 */
export function forceRemove(root: string, id: string, log: Log): void {
  checkId(id);
  const directory = `${root}/${id}`;
  // Before the lock: a `start` that waits for its container holds the lock, and ends by this.
  killInit(loadAny(root, id));
  withLock(directory, () => {
    const container = loadAny(root, id);
    if (container) destroy(container, log, true);
    else discard(directory);
  });
}

/** Hold the lock; a directory that another `delete` has removed meanwhile leaves nothing to do. */
function withLock(directory: string, action: () => void): void {
  let fd: number;
  try {
    fd = lock(directory);
  } catch (error) {
    const cause = error instanceof OcirunError ? error.cause : undefined;
    if (isSystemError(cause) && cause.code === 'ENOENT') return;
    throw error;
  }
  withFd(fd, action);
}

/** The container, or undefined for one that does not exist or whose record was never written (it is made whole). */
function loadAny(root: string, id: string): Container | undefined {
  try {
    return load(root, id);
  } catch (error) {
    if (error instanceof OcirunError && error.code === 'E_NOT_FOUND') return undefined;
    throw error;
  }
}

/**
 * Remove a container that we have made, once its init has ended. Somebody may have deleted it meanwhile, and made
 * another one of that name.
 */
export function removeOwn(container: Container, log: Log): void {
  const { directory, init } = container;
  withLock(directory, () => {
    const now = readInit(directory);
    if (now?.pid === init?.pid && now?.startTime === init?.startTime) clear(container, log);
  });
}

/** The same of one that may be running: one of its hooks has failed (runtime.md "Lifecycle"). */
export function endOwn(container: Container, log: Log): void {
  killInit(container);
  removeOwn(container, log);
}

function destroy(container: Container, log: Log, force = false): void {
  killInit(container);
  clear(container, log, force);
}

/**
 * What is left of the container goes, in the order that leaves the record until the end; then its hooks are told.
 * @param force whether it goes without systemd, too, where that has nothing left to do
 */
function clear(container: Container, log: Log, force = false): void {
  const { directory, record } = container;
  const tell = record.laterHooks?.includes('poststop') ? part('hooks').poststopOf(container, log) : undefined;
  mark('read state');
  // With init, its pid namespace has ended: who is in the cgroup now has come later.
  const mayKill = !container.init || !record.privatePids;
  if (record.cgroup) clearCgroup(record.cgroup, mayKill, container.init?.cgroup, force, log);
  mark('remove cgroup');
  discard(directory);
  mark('remove state');
  if (!tell) return;
  tell();
  mark('poststop');
}

function clearCgroup(cgroup: Cgroup, mayKill: boolean, id: number | undefined, force: boolean, log: Log): void {
  try {
    const reason = removeCgroup(cgroup, mayKill, id);
    if (reason) log.warn(`cgroup ${cgroup.directory} stays: ${reason}`);
  } catch (error) {
    if (!force || !cgroup.unit) throw error;
    log.warn(part('systemd').removeWithoutSystemd(cgroup.directory, cgroup.unit, mayKill, id, error));
  }
}

function killInit(container: Container | undefined): void {
  if (!container) return;
  const { init } = container;
  const { cgroup, privatePids } = container.record;
  const pidfd = init ? openProcess(init) : -1;
  if (pidfd < 0) return;
  withFd(pidfd, () => {
    if (cgroup?.owned && !privatePids) killCgroup(cgroup.directory);
    orElse('ESRCH', undefined, () => sys.pidfdSendSignal(pidfd, Signal.KILL));
    pollPatiently([pidfd], [Poll.IN], killTimeout, () => part('waits').ofEnd(pidfd, cgroup?.directory));
  });
}
