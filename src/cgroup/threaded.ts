import { OcirunError } from '../errors/error.ts';
import type { Control } from '../plan/cgroup/index.ts';
import { Signal } from '../sys/constants.ts';
import { attempt, orElse, sys, withFd, writeControl } from '../sys/index.ts';
import { isThreadAware } from './controllers.ts';
import { processesOf } from './tree.ts';
import { cgroupType } from './why-not-enabled.ts';

/**
 * A cgroup below one with threaded children can have processes only if it is threaded, too ("domain invalid",
 * cgroup-v2.rst "Threads"): make it so, unless a limit needs a domain. In such a cgroup nobody can be born, but moved.
 */
export function admitProcesses(directory: string, controls: readonly Control[]): void {
  if (cgroupType(directory) !== 'domain invalid') return;
  const path = `${directory}/cgroup.type` as const;
  const domain = controls.find(({ controller }) => controller !== 'cgroup' && !isThreadAware(controller));
  if (domain)
    throw new OcirunError(
      'E_CGROUP',
      `cannot enter cgroupv2 "${directory}" with domain controllers -- it is in an invalid state`,
      { path, pointer: domain.pointer, hint: 'the cgroup above is threaded: give linux.cgroupsPath another parent' },
    );
  attempt('E_CGROUP', `make cgroup ${directory} threaded`, () => writeControl(path, 'threaded'), { path });
}

/** What cgroup.kill does for others: frozen, none of them makes new ones meanwhile, nor goes and leaves its number. */
export function killThreaded(directory: string): void {
  const freeze = (on: number): void =>
    orElse('ENOENT ENODEV', undefined, () => writeControl(`${directory}/cgroup.freeze`, `${on}`));
  freeze(1);
  try {
    signalProcesses(directory, Signal.KILL);
  } finally {
    freeze(0);
  }
}

/** Send a signal to each process in a cgroup and below; one that has gone is passed over. */
export function signalProcesses(directory: string, signal: number): void {
  for (const pid of processesOf(directory)) {
    const pidfd = orElse('ESRCH EINVAL', -1, () => sys.pidfdOpen(pid));
    if (pidfd >= 0) withFd(pidfd, () => orElse('ESRCH', undefined, () => sys.pidfdSendSignal(pidfd, signal)));
  }
}
