import type { Plan } from '../plan/build.ts';
import type { SeccompAgent } from '../plan/seccomp.ts';
import type { ContainerRecord } from '../state/store.ts';
import { connectTo } from '../sys/connect.ts';
import { SocketType } from '../sys/constants.ts';
import { attempt, sys, withFd } from '../sys/index.ts';
import { specVersion } from '../version.ts';
import type { Attempt } from './create.ts';

/** The container that the agent is told of. */
type Told = Pick<ContainerRecord, 'id' | 'bundle' | 'annotations'> & { readonly pid: number };

const pointer = '/linux/seccomp/listenerPath';

/**
 * Give the agent the listener of a container that is being made: nobody else can answer for it.
 * @param listener its descriptor in the process that has loaded the filter
 */
export function handOverListener(
  { agent }: Pick<Plan, 'agent'>,
  { pidfd = -1, record }: Pick<Attempt, 'pidfd' | 'record'>,
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
      () => connectTo(path, SocketType.STREAM),
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
}

/** The descriptor goes with the first byte. */
function sendAll(socket: number, text: Uint8Array, listener: number): void {
  for (let sent = sys.sendRecord(socket, text, [listener]); sent < text.length;)
    sent += sys.sendRecord(socket, text.subarray(sent), []);
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
