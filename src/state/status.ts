import { cgroupEvents } from '../cgroup/cgroupfs.ts';
import { type Details, OcirunError } from '../errors/error.ts';
import { At } from '../sys/constants.ts';
import { orElse, sys } from '../sys/index.ts';
import { isAlive } from './identity.ts';
import type { Container } from './store.ts';

/** runtime.md "State", and `paused` as runc and crun say it. */
export type Status = 'creating' | 'created' | 'running' | 'paused' | 'stopped';

type Verb = 'start' | 'kill' | 'delete' | 'pause' | 'resume' | 'update';

/** Which status each operation asks for (runtime.md "Operations"; what is not there as runc does it). */
const may: Readonly<Record<Verb, readonly Status[]>> = {
  start: ['created'],
  kill: ['created', 'running', 'paused'],
  delete: ['created', 'stopped'],
  pause: ['created', 'running'],
  resume: ['paused'],
  update: ['created', 'running', 'paused'],
};

/** What runc says when an operation does not fit. */
const refusals: Readonly<Record<Verb, (id: string, status: Status) => string>> = {
  start: (_id, status) =>
    status === 'stopped'
      ? 'cannot start a container that has stopped'
      : status === 'running'
        ? 'cannot start an already running container'
        : `cannot start a container in the ${status} state`,
  kill: () => 'container not running',
  delete: (id, status) => `cannot delete container ${id} that is not stopped: ${status}`,
  pause: (_id, status) => `container not running: it is ${status}`,
  resume: (_id, status) => `container not paused: it is ${status}`,
  update: (_id, status) => `container not running: it is ${status}`,
};

/** Refuse an operation that does not fit the status. */
export function requireStatus(verb: Verb, id: string, status: Status, details: Details = {}): void {
  if (!may[verb].includes(status)) throw new OcirunError('E_STATUS', refusals[verb](id, status), details);
}

/**
 * Whether a process is still our init program: a `start` that was killed leaves the fifo of a program that runs.
 * Its image is the memfd, or the unlinked file, of lifecycle/launch.ts.
 */
function isInitProgram(pid: number): boolean {
  const image = orElse('ENOENT ESRCH', '', () => sys.readlinkat(At.FDCWD, `/proc/${pid}/exe`));
  return image.startsWith('/memfd:ocirun-init') || /\/#\d+ \(deleted\)$/.test(image);
}

/** What the container is now: the record, its process, the fifo that `start` removes, its cgroup. */
export function statusOf(container: Container): Status {
  const { record, directory, init } = container;
  if (!init) return 'creating';
  if (!isAlive(init)) return 'stopped';
  if (record.cgroup && cgroupEvents(record.cgroup.directory).frozen) return 'paused';
  return sys.exists(At.FDCWD, `${directory}/exec.fifo`) && isInitProgram(init.pid) ? 'created' : 'running';
}
