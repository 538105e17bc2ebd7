// What can be seen of whoever lets us wait. Everything here may be gone while we look: then there is nothing to say.
import { cgroupProcesses } from '../cgroup/cgroupfs.ts';
import { At } from '../sys/constants.ts';
import { readFile, sys } from '../sys/index.ts';

/** The text of a file, or '' for whatever reason. */
function glance(path: string): string {
  try {
    return readFile(path, 1 << 20);
  } catch {
    return '';
  }
}

/** The process of a pidfd (proc(5), fdinfo). */
export function processOf(pidfd: number): number | undefined {
  const [, pid] = /^Pid:\s+(\d+)$/m.exec(glance(`/proc/self/fdinfo/${pidfd}`)) ?? [];
  return pid === undefined ? undefined : Number(pid);
}

/** The step that an init is at: it keeps its number in its arguments (addon/init/main.cc). */
export const progressOf = (pid: number): number | undefined => parseProgress(glance(`/proc/${pid}/cmdline`));

/** The same from /proc/PID/cmdline; undefined for another program. */
export function parseProgress(cmdline: string): number | undefined {
  const [name, , , step, ...more] = cmdline.split('\0');
  return name === 'ocirun-init' && step !== undefined && /^\d{10}$/.test(step) && more.join('') === ''
    ? Number(step)
    : undefined;
}

/** States of a process that explain why it does not go on (proc(5)). */
const states: Readonly<Record<string, string>> = {
  D: 'is in a wait of the kernel that nothing interrupts (state D)',
  T: 'was stopped by a signal (state T)',
  t: 'is being traced (state t)',
};

/** Why a process does not go on, as far as can be seen, behind a comma; '' where there is nothing strange. */
export function troubleOf(pid: number): string {
  const stat = glance(`/proc/${pid}/stat`);
  const state = stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3);
  const what = states[state];
  if (what === undefined) return '';
  const place = state === 'D' ? glance(`/proc/${pid}/wchan`).trim() : '';
  return `, which ${what}${place && place !== '0' ? ` in ${place}` : ''}`;
}

/** The cgroup that is frozen by its own cgroup.freeze, from `directory` upwards (cgroup-v2.rst). */
export function frozenCgroup(directory: string): string | undefined {
  for (let at = directory; at !== ''; at = at.slice(0, at.lastIndexOf('/'))) {
    const freeze = glance(`${at}/cgroup.freeze`).trim();
    // The root of the hierarchy has no such file.
    if (freeze === '') return undefined;
    if (freeze === '1') return at;
  }
  return undefined;
}

/** The name of a program and its arguments, as they are now. */
const commandOf = (pid: number): string => glance(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();

const named = (pid: number): string => {
  const command = commandOf(pid);
  return command === '' ? `process ${pid}` : `process ${pid} (${command.slice(0, 200)})`;
};

/** Who holds the flock(2) that `fd` waits for (proc(5), /proc/locks). */
export function lockHolder(fd: number): string {
  const [, , , , major = 0, minor = 0, , , inode = 0] = sys.statat(fd, '', At.EMPTY_PATH);
  const pid = parseLocks(glance('/proc/locks'), major, minor, inode);
  return pid === undefined ? 'another process' : named(pid);
}

/** The process that has the lock of that file; the kernel writes device numbers in hexadecimal. */
export function parseLocks(locks: string, major: number, minor: number, inode: number): number | undefined {
  const hex = (number: number): string => number.toString(16).padStart(2, '0');
  const file = `${hex(major)}:${hex(minor)}:${inode}`;
  for (const line of locks.split('\n')) {
    // "1: FLOCK  ADVISORY  WRITE 123 00:2a:567 0 EOF"; one that waits has "->" behind its number.
    const [, kind, , , pid, where] = line.split(/\s+/);
    if (kind === 'FLOCK' && where === file && Number(pid) > 0) return Number(pid);
  }
  return undefined;
}

/** Looking at more would take long itself. */
const mostLookedAt = 1000;

/** Some of the processes in a cgroup: those first that something is strange about. */
export function populators(directory: string): string {
  const pids = cgroupProcesses(directory);
  const looks = pids.slice(0, mostLookedAt).map((pid) => ({ pid, trouble: troubleOf(pid) }));
  const some = [...looks.filter(({ trouble }) => trouble), ...looks.filter(({ trouble }) => !trouble)].slice(0, 3);
  const more = pids.length > some.length ? ` and ${pids.length - some.length} more` : '';
  const told = some.map(({ pid, trouble }) => `${named(pid)}${trouble}`).join('; ');
  return pids.length === 0 ? 'no process shows' : `${told}${more}`;
}
