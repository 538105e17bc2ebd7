import type { Architecture } from './architectures.ts';
import { numberOf } from './syscalls.ts';

/** Through which call, and as which number in its first argument. */
export interface Multiplexed {
  readonly through: 'socketcall' | 'ipc';
  readonly selector: number;
}

/** SYS_… of linux/net.h, in their order from 1. */
const sockets = [
  ...['socket', 'bind', 'connect', 'listen', 'accept', 'getsockname', 'getpeername', 'socketpair', 'send', 'recv'],
  ...['sendto', 'recvfrom', 'shutdown', 'setsockopt', 'getsockopt', 'sendmsg', 'recvmsg', 'accept4', 'recvmmsg'],
  'sendmmsg',
];

/** linux/ipc.h. */
const ipc: readonly (readonly [string, number])[] = [
  ['semop', 1],
  ['semget', 2],
  ['semctl', 3],
  ['semtimedop', 4],
  ['msgsnd', 11],
  ['msgrcv', 12],
  ['msgget', 13],
  ['msgctl', 14],
  ['shmat', 21],
  ['shmdt', 22],
  ['shmget', 23],
  ['shmctl', 24],
];

const ofSockets = sockets.map((name, at): [string, Multiplexed] => [name, { through: 'socketcall', selector: at + 1 }]);
const ofIpc = ipc.map(([name, selector]): [string, Multiplexed] => [name, { through: 'ipc', selector }]);

const either = [...ofSockets, ...ofIpc];

/** Calls that an architecture has behind another one, too, by name. */
export function multiplexed(architecture: Architecture): readonly [string, Multiplexed][] {
  const withSockets = numberOf(architecture, 'socketcall') >= 0;
  const withIpc = numberOf(architecture, 'ipc') >= 0;
  if (withSockets) return withIpc ? either : ofSockets;
  return withIpc ? ofIpc : [];
}
