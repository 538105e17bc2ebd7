import { OcirunError } from '../errors/error.ts';
import { At } from '../sys/constants.ts';
import { attempt, orElse, part, readFile, sys, writeControl } from '../sys/index.ts';

/** A cgroup of a container. */
export interface Cgroup {
  readonly directory: string;
  /** Whether we made it: only then may everything in it be killed. */
  readonly owned: boolean;
  /** The unit of systemd that it belongs to (--systemd-cgroup). */
  readonly unit?: CgroupUnit;
}

export interface CgroupUnit {
  readonly name: string;
  /** How systemd has it described: tells it from another container's of that name until its cgroup is known. */
  readonly description: string;
  /** Where the service manager of a user listens; missing for that of the system. */
  readonly bus?: string;
}

/** What making the cgroup is going to find: recorded before anything is made. */
export const intendedCgroup = (directory: string): Cgroup => ({ directory, owned: !sys.exists(At.FDCWD, directory) });

/**
 * Make the cgroup with its parents. One that is there must be empty and not frozen (runc refuses it too), and the root
 * of the hierarchy is nobody's container. When this returns for an owned one, it is ours alone. Gives those that were
 * made above it.
 */
export function makeCgroup(mount: string, { directory, owned }: Cgroup): string[] {
  if (directory === mount) throw new OcirunError('E_CGROUP', `container's cgroup is not empty: ${directory}`);
  if (!owned) {
    refuseBusy(directory);
    return [];
  }
  // The parents are there nearly always: try the last directory first.
  if (attemptLevel(directory, 'ENOENT')) return [];
  const made: string[] = [];
  try {
    // Whoever has just failed may remove what it has made above.
    for (let left = 3; ; left -= 1) {
      const gone = left > 0 ? 'ENOENT' : '';
      for (let at = directory.indexOf('/', mount.length + 1); at >= 0; at = directory.indexOf('/', at + 1)) {
        const level = directory.slice(0, at);
        if (attemptLevel(level, `EEXIST ${gone}`)) made.push(level);
      }
      // Not "is there already" for the last one: it was not a moment ago, so it is another container's.
      if (attemptLevel(directory, gone)) return made;
    }
  } catch (error) {
    removeLevels(made);
    throw error;
  }
}

/** Remove cgroups again, each below the one before it; what others have in them by now stays. */
export function removeLevels(levels: readonly string[]): void {
  for (const level of [...levels].reverse())
    orElse('ENOENT EBUSY', undefined, () => sys.unlinkat(At.FDCWD, level, At.REMOVEDIR));
}

/** Make one directory; false where it fails with one of the errors in `expected`. */
const attemptLevel = (directory: string, expected: string): boolean =>
  attempt(
    'E_CGROUP',
    `create cgroup ${directory}`,
    () =>
      orElse(expected, false, () => {
        sys.mkdirat(At.FDCWD, directory, 0o755);
        return true;
      }),
    { path: directory },
  );

/** Refuse a cgroup that somebody is in, or that is frozen; one that is not there is fine. */
export function refuseBusy(directory: string): void {
  const events = cgroupEvents(directory);
  if (events.frozen)
    throw new OcirunError('E_CGROUP', `container's cgroup unexpectedly frozen: ${directory}`, { path: directory });
  if (events.populated)
    throw new OcirunError('E_CGROUP', `container's cgroup is not empty: ${directory}`, { path: directory });
}

/** cgroup.events of a cgroup; one that is gone is empty. */
export function cgroupEvents(directory: string): { populated: boolean; frozen: boolean } {
  const text = orElse('ENOENT ENODEV', '', () => readFile(`${directory}/cgroup.events`, 4096));
  return { populated: text.includes('populated 1'), frozen: text.includes('frozen 1') };
}

/** Kill every process in the cgroup and below (cgroup-v2.rst, cgroup.kill); one that is gone is no failure. */
export function killCgroup(directory: string): void {
  const path = `${directory}/cgroup.kill` as const;
  attempt(
    'E_CGROUP',
    `kill the processes of cgroup ${directory}`,
    () => {
      const kill = (): true => (writeControl(path, '1'), true);
      // A threaded cgroup has threads, not processes.
      if (!orElse('ENOENT ENODEV', true, () => orElse('EOPNOTSUPP', false, kill)))
        part('resources').killThreaded(directory);
    },
    { path },
  );
}

/** Move a process into the cgroup. */
export function enterCgroup(directory: string, pid: number): void {
  const path = `${directory}/cgroup.procs` as const;
  attempt('E_CGROUP', `move process ${pid} into cgroup ${directory}`, () => writeControl(path, `${pid}`), { path });
}

/** The processes in the cgroup and below. */
export const cgroupProcesses = (directory: string): number[] => part('resources').processesOf(directory);

/**
 * Remove the cgroup and what the container made below it.
 * @param mayKill whether what is still in it is the container's; else it belongs to whoever has come after it
 * @param id what tells the cgroup of a unit from others of its name, where it is known
 * @returns why it has to stay; '' where it is gone
 */
export function removeCgroup({ directory, owned, unit }: Cgroup, mayKill = true, id?: number): string {
  if (unit) return part('systemd').removeUnit(directory, unit, mayKill, id);
  const path = directory;
  return attempt(
    'E_CGROUP',
    `remove cgroup ${directory}`,
    // Where it was there before us, only what we put into it is ours to remove, and that has ended.
    () => (removed(directory) || !owned ? '' : part('resources').removeBusy(directory, mayKill)),
    { path },
  );
}

const removed = (directory: string): boolean =>
  orElse('EBUSY', false, () => {
    orElse('ENOENT ENODEV', undefined, () => sys.unlinkat(At.FDCWD, directory, At.REMOVEDIR));
    return true;
  });
