import type { CgroupOrder, Plan } from '../plan/build.ts';
import { asks } from '../plan/protocol.ts';
import { Memfd, O } from '../sys/constants.ts';
import { attempt, isSystemError, orElse, part, sys } from '../sys/index.ts';
import { mark, trace } from '../trace.ts';
import { firstWait, silence } from '../waiting.ts';
import type { Attempt } from './create.ts';
import type { Prepared } from './prepare.ts';
import { encodeRecord } from './record.ts';

/** Stage 1 of init, running, and our end of the protocol socket. */
export interface Launched {
  readonly socket: number;
  readonly pid: number;
  readonly pidfd: number;
  /** The directory of its cgroup. */
  readonly cgroup: string;
}

const contentSeals = Memfd.SEAL_SEAL | Memfd.SEAL_SHRINK | Memfd.SEAL_GROW | Memfd.SEAL_WRITE;

/**
 * The init program in a sealed memfd: nobody can change what a container's /proc/1/exe leads to (CVE-2019-5736).
 * EINVAL: a kernel before 6.3 has no MFD_EXEC. EACCES: vm.memfd_noexec=2 forbids executable memfds; then an unlinked
 * file in the state directory, reopened for reading only, has to do.
 */
function initImage(stateDirectory: number): number {
  try {
    return sealed(Memfd.CLOEXEC | Memfd.ALLOW_SEALING | Memfd.EXEC, contentSeals | Memfd.SEAL_EXEC);
  } catch (error) {
    if (isSystemError(error) && error.code === 'EINVAL')
      return sealed(Memfd.CLOEXEC | Memfd.ALLOW_SEALING, contentSeals);
    if (isSystemError(error) && error.code === 'EACCES') return unlinked(stateDirectory);
    throw error;
  }
}

function sealed(flags: number, seals: number): number {
  const fd = sys.memfdCreate('ocirun-init', flags);
  sys.writeInitImage(fd);
  sys.addSeals(fd, seals);
  return fd;
}

function unlinked(stateDirectory: number): number {
  const writable = sys.openat(stateDirectory, '.', O.RDWR | O.TMPFILE, 0o500);
  sys.writeInitImage(writable);
  const image = sys.open(`/proc/self/fd/${writable}`, O.RDONLY, 0);
  sys.close(writable);
  return image;
}

/**
 * Start stage 1.
 * @param cgroup descriptor of the cgroup to be born in, -1 for the caller's own
 * @param keep number of descriptors from 3 on that the container gets
 * @param directory of the cgroup that it gets, for messages
 */
function launchInit(stateDirectory: number, cgroup: number, keep: number, directory: string): Launched {
  return attempt('E_SYSTEM', 'start the init program', () => {
    const image = initImage(stateDirectory);
    const [socket, theirs] = sys.socketPair();
    sys.receiveTimeout(socket, silence);
    const [pid, pidfd] = spawn(image, theirs, cgroup, keep, directory);
    // Only init may hold its end: its death has to end the socket.
    sys.close(theirs);
    sys.close(image);
    return { socket, pid, pidfd, cgroup: directory };
  });
}

/**
 * Nobody can be executed in a frozen cgroup; who was tried in one is gone, and the next has more time: the machine may
 * just be busy.
 */
function spawn(image: number, socket: number, cgroup: number, keep: number, directory: string): [number, number] {
  for (let most = silence; ; most *= 8) {
    const start = (): [number, number] =>
      sys.spawnInit(image, socket, cgroup, 'ocirun-init', keep, firstWait(-1, most));
    const started = orElse('ETIMEDOUT', undefined, start);
    if (started) return started;
    part('waits').awaitThaw(directory);
  }
}

/** Start init in its cgroup, or, where the kernel refuses that, beside us, to be moved there before it goes on. */
export function launch(prepared: Prepared, work: Attempt): { plan: Plan; launched: Launched } {
  const keep = prepared.request.listenFds + prepared.request.preserveFds;
  const start = (
    order: CgroupOrder,
    cgroup: number,
    born?: (pid: number) => void,
  ): { plan: Plan; launched: Launched } => {
    const launched = launchInit(work.lock, cgroup, keep, prepared.cgroup);
    work.launched = launched;
    born?.(launched.pid);
    // Namespaces take longest; a process that is moved later must not have its cgroup namespace before, but these it may.
    sendAhead(launched.socket, prepared.ahead);
    mark('spawn');
    const plan = prepared.planFor(order);
    mark('plan');
    return { plan, launched };
  };
  // systemd moves it before it gets the plan: as one that was born there.
  if (prepared.unit) return prepared.unit.launch(work, (born) => start('clone', -1, born));
  const cgroup = attempt('E_CGROUP', `open cgroup ${prepared.cgroup}`, () =>
    sys.open(prepared.cgroup, O.PATH | O.DIRECTORY, 0),
  );
  try {
    return start('clone', cgroup);
  } catch (error) {
    if (!refusesClone(error)) throw error;
    part('resources').admitProcesses(prepared.cgroup, prepared.controls ?? []);
    return start('move', -1);
  } finally {
    sys.close(cgroup);
  }
}

/** clone3(2) into a cgroup: no right to write its parent's cgroup.procs, or a cgroup that may hold no processes. */
const refusesClone = (error: unknown): boolean => {
  const cause = error instanceof Error ? error.cause : undefined;
  return isSystemError(cause) && cause.syscall === 'clone3' && ['EACCES', 'EBUSY', 'EOPNOTSUPP'].includes(cause.code);
};

/** Have init begin with these namespaces. */
function sendAhead(socket: number, namespaces: number): void {
  if (namespaces !== 0) send(socket, encodeRecord('ahead', namespaces), []);
}

/** How many descriptors go with one record: the kernel takes 253 (SCM_MAX_FD), and one is the plan's. */
const mostSlots = 200;

/** Give init its plan and the descriptors of the slots: with the plan, and ahead of it where they are too many. */
export function sendPlan(socket: number, plan: Uint8Array, filled: ReadonlyMap<number, number>, digest: boolean): void {
  attempt('E_SYSTEM', 'send the plan to init', () => {
    const memfd = sys.memfdCreate('ocirun-plan', Memfd.CLOEXEC | Memfd.ALLOW_SEALING);
    sys.write(memfd, plan);
    sys.addSeals(memfd, contentSeals);
    let numbers = new Uint32Array(filled.keys());
    let fds = [...filled.values()];
    while (fds.length > mostSlots) {
      send(socket, encodeRecord('slots', mostSlots, 0, numbers.subarray(0, mostSlots)), fds.slice(0, mostSlots));
      numbers = numbers.subarray(mostSlots);
      fds = fds.slice(mostSlots);
    }
    send(socket, encodeRecord('plan', fds.length, (digest ? asks.digest : 0) + (trace.on ? asks.times : 0), numbers), [
      memfd,
      ...fds,
    ]);
    sys.close(memfd);
  });
}

/** One that has died by now shows when it is listened to: what it has said last is still to be read. */
function send(socket: number, record: Uint8Array, fds: number[]): void {
  orElse('EPIPE ECONNRESET', undefined, () => sys.sendRecord(socket, record, fds));
}
