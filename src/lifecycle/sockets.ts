import { connectTo } from '../sys/connect.ts';
import { SocketType } from '../sys/constants.ts';
import { attempt, sys } from '../sys/index.ts';

/** Reach whoever wants a pidfd (`--pidfd-socket`), before anything is made for nothing. */
export const connectPidfdSocket = (path: string): number =>
  attempt('E_SYSTEM', `connect to the pidfd socket ${path}`, () => connectTo(path, SocketType.STREAM), { path });

/** Send it, in the words of runc: it is the one of a container's first process. */
export function sendPidfd(socket: number, pidfd: number): void {
  const data = sys.encodeText('standard');
  attempt('E_SYSTEM', 'send the pidfd to the pidfd socket', () => sys.sendRecord(socket, data, [pidfd]));
  sys.close(socket);
}
