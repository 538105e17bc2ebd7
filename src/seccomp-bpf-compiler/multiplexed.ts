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

/** Every call that others are behind, and these with their numbers in its first argument. */
const multiplexers: readonly (readonly [Multiplexed['through'], readonly (readonly [string, number])[]])[] = [
  ['socketcall', sockets.map((name, at) => [name, at + 1] as const)],
  ['ipc', ipc],
];

/** The calls of an architecture that others are behind, and these with their numbers in its first argument. */
export const multiplexersOf = (architecture: Architecture): typeof multiplexers =>
  multiplexers.filter(([through]) => numberOf(architecture, through) >= 0);

/** Calls that an architecture has behind another one, too, by name. */
export const multiplexed = (architecture: Architecture): (readonly [string, Multiplexed])[] =>
  multiplexersOf(architecture).flatMap(([through, calls]) =>
    calls.map(([name, selector]) => [name, { through, selector }] as const),
  );
