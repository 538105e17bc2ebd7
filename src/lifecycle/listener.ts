import { OcirunError } from '../errors/error.ts';
import type { Plan } from '../plan/build.ts';
import type { SeccompAgent } from '../plan/seccomp.ts';
import type { ContainerRecord } from '../state/store.ts';
import { connectTo } from '../sys/connect.ts';
import { At, Poll, SocketType } from '../sys/constants.ts';
import { attempt, monotonic, orElse, sys, withFd } from '../sys/index.ts';
import { specVersion } from '../version.ts';
import { firstWait, patience, silence } from '../waiting.ts';
import type { Attempt } from './create.ts';

/** The container that the agent is told of. */
type Told = Pick<ContainerRecord, 'id' | 'bundle' | 'annotations'> & { readonly pid: number };

const pointer = '/linux/seccomp/listenerPath';

/** An agent that does nothing for so long is none, milliseconds. */
const longest = 10_000;

/**
 * Give the agent the listener of a container that is being made: nobody else can answer for it.
 * @param listener its descriptor in the process that has loaded the filter
 */
export function handOverListener(
  { agent }: Pick<Plan, 'agent'>,
  { pidfd = -1, record, launched }: Pick<Attempt, 'pidfd' | 'record' | 'launched'>,
  pid: number | undefined,
  listener: number,
): void {
  if (!agent || pid === undefined) return;
  const { path } = agent;
  const ours = attempt('E_SECCOMP_AGENT', 'take the seccomp listener of init', () => sys.pidfdGetfd(pidfd, listener), {
    pointer: '/linux/seccomp',
    hint: 'pidfd_getfd(2) needs CAP_SYS_PTRACE, and a kernel.yama.ptrace_scope below 3',
  });
  const about = { path, pointer };
  withFd(ours, () => {
    const socket = attempt(
      'E_SECCOMP_AGENT',
      `connect to the seccomp agent at ${path}`,
      () => connectInTime(path),
      about,
    );
    const text = sys.encodeText(processState(agent, { ...record, pid }));
    withFd(socket, () =>
      attempt(
        'E_SECCOMP_AGENT',
        `send the seccomp listener to the agent at ${path}`,
        () => sendAll(socket, text, ours),
        about,
      ),
    );
  });
  if (launched) patience.mind = () => mindAgent(agent, pidfd, launched.socket, listener);
}

/** An agent whose queue of connections is full may yet accept one (EAGAIN). */
function connectInTime(path: string): number {
  const connect = (): number => connectTo(path, SocketType.STREAM | SocketType.NONBLOCK);
  for (const end = monotonic() + longest; monotonic() < end; sys.poll([], [], 20)) {
    const socket = orElse('EAGAIN', -1, connect);
    if (socket >= 0) return socket;
  }
  return connect();
}

/** The descriptor goes with the first byte. What does not fit into the socket waits until the agent has read. */
function sendAll(socket: number, text: Uint8Array, listener: number): void {
  const end = monotonic() + longest;
  for (let sent = 0; sent < text.length;) {
    const send = (): number => sys.sendRecord(socket, text.subarray(sent), sent === 0 ? [listener] : []);
    const left = Math.ceil(end - monotonic());
    // At the end of the time, EAGAIN is what there is to tell.
    const more = left > 0 ? orElse('EAGAIN', 0, send) : send();
    if (more === 0) sys.poll([socket], [Poll.OUT], left);
    sent += more;
  }
}

/**
 * Init has said nothing for a while. As long as it has the listener itself, the kernel does not tell it that the agent
 * has ended: what it calls, and the agent is asked about, would never be answered.
 * @param socket what init speaks through
 * @param listener the descriptor in init
 */
function mindAgent({ path }: SeccompAgent, pidfd: number, socket: number, listener: number): void {
  const ours = orElse('EBADF ESRCH EPERM', -1, () => sys.pidfdGetfd(pidfd, listener));
  if (ours < 0) return;
  withFd(ours, () => {
    const left = longest - silence;
    // Init may have closed it, and opened something else.
    if (!sys.readlinkat(At.FDCWD, `/proc/self/fd/${ours}`).includes('seccomp notify')) return;
    // The end of --timeout comes before that.
    if (firstWait(left, left) < left || sys.poll([socket], [Poll.IN], left)[0] !== 0) return;
    if (sys.poll([ours], [Poll.IN | Poll.OUT], 0)[0] === 0) return;
    throw new OcirunError(
      'E_SECCOMP_AGENT',
      `the seccomp agent at ${path} has not answered for ${longest / 1000} s what init asks it`,
      { path, pointer, hint: 'has the agent ended? It has to answer for init, too, until that is done' },
    );
  });
}

/** config-linux.md "The Container Process State". */
const processState = ({ metadata }: SeccompAgent, { id, pid, bundle, annotations }: Told): string =>
  JSON.stringify({
    ociVersion: specVersion,
    fds: ['seccompFd'],
    pid,
    metadata,
    state: { ociVersion: specVersion, id, status: 'creating', pid, bundle, annotations },
  });
