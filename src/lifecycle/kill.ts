import { killCgroup } from '../cgroup/cgroupfs.ts';
import { openProcess } from '../state/identity.ts';
import { requireStatus, statusOf } from '../state/status.ts';
import { type Container, load } from '../state/store.ts';
import { Signal } from '../sys/constants.ts';
import { attempt, part, sys, withFd } from '../sys/index.ts';

/**
 * Send a signal to the container's init, or (`all`) to each of its processes.
 * SIGKILL without a pid namespace of its own goes to the whole cgroup: killing init would leave the others (runc does so).
 */
export function kill(root: string, id: string, signal: number, all: boolean): void {
  const container = load(root, id);
  const { cgroup, privatePids } = container.record;
  const status = statusOf(container);
  if (!all) requireStatus('kill', id, status);
  if (!cgroup || !(all || (signal === Signal.KILL && !privatePids))) signalInit(container, signal);
  else if (status === 'stopped' && part('resources').isDeserted(container)) return;
  else if (cgroup.owned && signal === Signal.KILL) killCgroup(cgroup.directory);
  else part('resources').signalProcesses(cgroup.directory, signal);
}

function signalInit({ record, init }: Container, signal: number): void {
  const pidfd = init ? openProcess(init) : -1;
  if (pidfd < 0) return requireStatus('kill', record.id, 'stopped');
  attempt('E_SIGNAL', `send signal ${signal} to process ${init?.pid}`, () =>
    withFd(pidfd, () => sys.pidfdSendSignal(pidfd, signal)),
  );
}
