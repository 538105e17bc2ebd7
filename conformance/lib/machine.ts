import { readdirSync, readFileSync, readlinkSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { until } from './wait.ts';

/** A look at what a runtime can leave behind on the machine. */
export interface Machine {
  /** How the names of cgroups begin that are looked at: other tests may run on this machine. */
  readonly prefix: string;
  readonly mounts: readonly string[];
  readonly cgroups: readonly string[];
  /** `pid:start time` of every process that is not a zombie. */
  readonly processes: ReadonlySet<string>;
}

const gone = <T>(read: () => T): T | undefined => {
  try {
    return read();
  } catch {
    return undefined; // it ended while we looked
  }
};

/** The mount table as this process sees it. */
export const mounts = (): string[] => readFileSync('/proc/self/mountinfo', 'utf8').trim().split('\n');

const below = (directory: string, wanted: (name: string) => boolean, found: string[]): string[] => {
  for (const entry of gone(() => readdirSync(directory, { withFileTypes: true })) ?? []) {
    if (!entry.isDirectory()) continue;
    const path = join(directory, entry.name);
    below(path, wanted, found);
    if (wanted(entry.name)) found.push(path);
  }
  return found;
};

/** Cgroups that a test made: every name it gives starts so. Children come before their parents. */
export const cgroups = (prefix: string): string[] => below('/sys/fs/cgroup', (name) => name.startsWith(prefix), []);

/** Its flag of a kernel thread, linux/sched.h: none of ours, and they come and go. */
const PF_KTHREAD = 0x20_0000;

/** State letter, parent and start time of a process; undefined once it is gone, and for what is none. */
export const stat = (pid: number): { state: string; parent: number; start: string } | undefined => {
  const text = gone(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  if (text === undefined) return undefined;
  const [state = '', parent = '', ...rest] = text.slice(text.lastIndexOf(')') + 2).split(' ');
  if (Number(rest[4]) & PF_KTHREAD) return undefined;
  return { state, parent: Number(parent), start: rest[17] ?? '' };
};

/** Whether a process is there and is no zombie. */
export const alive = (pid: number): boolean => !['Z', 'X', undefined].includes(stat(pid)?.state);

/** Every process but zombies, kernel threads being none of ours. */
export const processes = (): Set<string> => {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const seen = all.map((name) => ({ name, stat: stat(Number(name)) }));
  return new Set(seen.filter((p) => p.stat && p.stat.state !== 'Z').map((p) => `${p.name}:${p.stat?.start}`));
};

/** The machine now. */
export const look = (prefix: string): Machine => ({
  prefix,
  mounts: mounts(),
  cgroups: cgroups(prefix),
  processes: processes(),
});

const describe = (key: string): string => {
  const pid = key.split(':')[0];
  const words = gone(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' '));
  return `process ${pid} ${words ?? ''} (${gone(() => readlinkSync(`/proc/${pid}/exe`)) ?? 'no exe'})`;
};

const identity = (mount: string): string => mount.split(' ').slice(2).join(' ');

/** What is there now and was not before; for mounts also what is missing. */
export const leftovers = (before: Machine): string[] => {
  const now = look(before.prefix);
  const was = before.mounts.map(identity);
  const is = now.mounts.map(identity);
  return [
    ...is.filter((mount) => !was.includes(mount)).map((mount) => `mount ${mount}`),
    ...was.filter((mount) => !is.includes(mount)).map((mount) => `missing mount ${mount}`),
    ...now.cgroups.filter((path) => !before.cgroups.includes(path)).map((path) => `cgroup ${path}`),
    ...[...now.processes].filter((key) => !before.processes.has(key)).map(describe),
  ];
};

/** Cgroups that are there since then. */
const newCgroups = (before: Machine): string[] =>
  cgroups(before.prefix).filter((path) => !before.cgroups.includes(path));

/** Remove those in which nobody is any more: runc tries for 0.3 s, which on a busy machine is not enough. */
export const removeEmptyCgroups = (before: Machine): void =>
  newCgroups(before).forEach((path) => void gone(() => rmdirSync(path)));

/** A cgroup can be removed only once its last process is gone, which takes the kernel a moment after the kill. */
const removeCgroups = (before: Machine): void =>
  void until(() => {
    const made = newCgroups(before);
    for (const path of made) {
      // cgroup2 only.
      gone(() => writeFileSync(join(path, 'cgroup.kill'), '1', { flag: 'r+' }));
      gone(() => rmdirSync(path));
    }
    return made.length === 0;
  });

/** Remove by force what `leftovers` would list, after a failure. */
export const restore = (before: Machine): void => {
  for (const key of processes()) if (!before.processes.has(key)) gone(() => process.kill(Number(key.split(':')[0]), 9));
  for (const mount of mounts().reverse())
    if (!before.mounts.map(identity).includes(identity(mount)))
      spawnSync('umount', ['-l', mount.split(' ')[4] ?? ''], { stdio: 'ignore' });
  removeCgroups(before);
};
