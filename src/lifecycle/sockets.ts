import { O } from '../sys/constants.ts';
import { attempt, sys, withFd } from '../sys/index.ts';

/** socket(2) */
export const enum SocketType {
  STREAM = 1,
  DATAGRAM = 2,
}

const longestAddress = 107;

/**
 * A socket that is connected to the one at `path`, or at a name in the abstract namespace that begins with @.
 * An address has room for 107 bytes (unix(7)): a longer path goes by a descriptor of its directory.
 */
export function connectTo(path: string, type: SocketType): number {
  if (path.startsWith('@') || sys.encodeText(path).length <= longestAddress) return sys.connectUnix(path, type);
  const slash = path.lastIndexOf('/');
  const directory = sys.open(path.slice(0, slash + 1) || '.', O.PATH | O.DIRECTORY, 0);
  return withFd(directory, (fd) => sys.connectUnix(`/proc/self/fd/${fd}/${path.slice(slash + 1)}`, type));
}

/** Reach whoever wants a pidfd (`--pidfd-socket`), before anything is made for nothing. */
export const connectPidfdSocket = (path: string): number =>
  attempt('E_SYSTEM', `connect to the pidfd socket ${path}`, () => connectTo(path, SocketType.STREAM), { path });

/** Send it, in the words of runc: it is the one of a container's first process. */
export function sendPidfd(socket: number, pidfd: number): void {
  const data = sys.encodeText('standard');
  attempt('E_SYSTEM', 'send the pidfd to the pidfd socket', () => sys.sendRecord(socket, data, [pidfd]));
  sys.close(socket);
}
