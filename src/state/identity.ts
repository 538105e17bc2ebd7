import { orElse, readFile, sys } from '../sys/index.ts';

/** A process: its pid alone may be another one's by now. */
export interface Identity {
  readonly pid: number;
  /** When it began, clock ticks since boot (proc(5), /proc/pid/stat field 22). */
  readonly startTime: number;
  /** Of an init in a unit of systemd: what tells its cgroup from all others that have had that name. */
  readonly cgroup?: number;
}

/** State letter and start time of a process, or undefined where there is none. */
function processStat(pid: number): { state: string; startTime: number } | undefined {
  const text = orElse('ENOENT ESRCH', '', () => readFile(`/proc/${pid}/stat`, 4096));
  if (text === '') return undefined;
  // The name in field 2 may contain anything, parentheses and spaces too.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '', startTime: Number(fields[19]) };
}

/** The identity of a process that is there. */
export function identify(pid: number): Identity | undefined {
  const stat = processStat(pid);
  return stat && { pid, startTime: stat.startTime };
}

/** Whether that very process is there and more than a zombie. */
export function isAlive({ pid, startTime }: Identity): boolean {
  const stat = processStat(pid);
  return stat !== undefined && stat.startTime === startTime && stat.state !== 'Z' && stat.state !== 'X';
}

/** A pidfd of that very process, or -1: opened first and compared then, so that no other process can slip in between. */
export function openProcess(identity: Identity): number {
  const pidfd = orElse('ESRCH EINVAL', -1, () => sys.pidfdOpen(identity.pid));
  if (pidfd < 0 || isAlive(identity)) return pidfd;
  sys.close(pidfd);
  return -1;
}
