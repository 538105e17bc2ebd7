import { removeCgroup, removeLevels } from '../cgroup/cgroupfs.ts';
import { OcirunError } from '../errors/error.ts';
import { discard } from '../state/store.ts';
import { Poll, Signal, Wait } from '../sys/constants.ts';
import { orElse, part, sys } from '../sys/index.ts';
import { extendTimeLimit, grace, pollPatiently } from '../waiting.ts';
import type { Attempt } from './create.ts';

/** Take back a create that failed. The first error is the one to report; what went wrong here is added to it. */
export function abandon(work: Attempt, error: unknown): unknown {
  const trouble: string[] = [];
  const tried = (action: () => void): void => {
    try {
      action();
    } catch (cause) {
      trouble.push(cause instanceof Error ? cause.message : String(cause));
    }
  };
  extendTimeLimit(grace);
  const { cgroup } = work.record;
  for (const pidfd of [work.pidfd, work.launched?.pidfd])
    if (pidfd !== undefined) tried(() => end(pidfd, cgroup?.directory));
  if (cgroup && work.cgroupMade)
    tried(() => {
      const reason = removeCgroup(cgroup);
      if (reason) trouble.push(`cgroup ${cgroup.directory} stays: ${reason}`);
    });
  tried(() => removeLevels(work.cgroupsAbove));
  tried(() => discard(work.directory));
  if (trouble.length === 0 || !(error instanceof OcirunError)) return error;
  return new OcirunError(error.code, `${error.message} (and while undoing it: ${trouble.join('; ')})`, error.details);
}

/** Kill a process and wait until it has gone; one that is no child of ours is only waited for. */
function end(pidfd: number, cgroup: string | undefined): void {
  orElse('ESRCH', undefined, () => sys.pidfdSendSignal(pidfd, Signal.KILL));
  pollPatiently([pidfd], [Poll.IN], -1, () => part('waits').ofEnd(pidfd, cgroup));
  orElse('ECHILD', [], () => sys.waitPidfd(pidfd, Wait.EXITED | Wait.NOHANG));
}
