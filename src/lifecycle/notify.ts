import type { Log } from '../log.ts';
import { connectTo } from '../sys/connect.ts';
import { Poll, SocketType } from '../sys/constants.ts';
import { attempt, orElse, part, reason, isSystemError, sys } from '../sys/index.ts';
import { pollPatiently, type Story } from '../waiting.ts';

/** The way of what a container says of itself to our own service manager (sd_notify(3)). */
export interface Relay {
  /** Where the container says it. */
  readonly socket: number;
  /** The address of the service manager. */
  readonly manager: string;
  /** The process that the service manager is to watch from now on. */
  readonly mainPid: number;
  /** Whether the service manager has been told that the container is ready. */
  told: boolean;
  /** Ends when the service manager has read everything. */
  barrier: number;
}

const barrierTimeout = 30_000;
const longestMessage = 65_536;

/** Make the directory that the container gets, for any user of it. */
export function makeDirectory(state: number): void {
  attempt('E_STATE', 'create the notify directory', () => withUmask(0, () => sys.mkdirat(state, 'notify', 0o755)));
}

/** Make the socket in it; one of a `start` that was cut off makes way. */
export const bind = (state: number): number =>
  attempt('E_STATE', 'create the notify socket', () => {
    orElse('ENOENT', undefined, () => sys.unlinkat(state, 'notify/notify.sock', 0));
    return withUmask(0, () => sys.bindDatagram(`/proc/self/fd/${state}/notify/notify.sock`));
  });

function withUmask<T>(mask: number, action: () => T): T {
  const before = sys.umask(mask);
  try {
    return action();
  } finally {
    sys.umask(before);
  }
}

export const relayTo = (manager: string, socket: number, mainPid: number): Relay => ({
  socket,
  manager,
  mainPid,
  told: false,
  barrier: -1,
});

/** Take what has come on the socket, so that nobody in the container waits; the first word of being ready goes on. */
export function pass(relay: Relay, log: Log): void {
  const ready = readyLine(receive(relay.socket));
  if (ready === undefined || relay.told) return;
  relay.told = true;
  try {
    tell(relay, ready);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    log.warn(`tell the service manager at ${relay.manager} that the container is ready: ${reason(error)}`);
  }
}

/** The bytes of one message; descriptors in it are of no use. */
function receive(socket: number): Uint8Array {
  const [bytes, ...fds] = orElse('EMSGSIZE', nothing, () => sys.receiveRecord(socket, longestMessage));
  for (const fd of fds) sys.close(fd);
  return bytes;
}

const nothing: [Uint8Array, ...number[]] = [new Uint8Array(0)];

/** The line that says that the container is ready; other lines may be any bytes. */
export function readyLine(message: Uint8Array): string | undefined {
  const text = Array.from(message, (byte) => String.fromCharCode(byte)).join('');
  return text.split('\n').find((line) => /^READY=[ -~]*$/.test(line));
}

function tell(relay: Relay, ready: string): void {
  const manager = connectTo(relay.manager, SocketType.DATAGRAM);
  const say = (text: string, fds: number[] = []): number => sys.sendRecord(manager, sys.encodeText(text), fds);
  try {
    say(`${ready}\n`);
    say(`MAINPID=${relay.mainPid}\n`);
    const [ours, theirs] = sys.socketPair();
    relay.barrier = ours;
    try {
      say('BARRIER=1', [theirs]);
    } finally {
      sys.close(theirs);
    }
  } finally {
    sys.close(manager);
  }
}

/** Wait until the container has said that it is ready, or has ended; then until the service manager has read that. */
export function relayUntilReady(relay: Relay, pidfd: number, log: Log): void {
  while (!relay.told) {
    const fds = [relay.socket, pidfd];
    const [said = 0, ended = 0] = pollPatiently(fds, [Poll.IN, Poll.IN], -1, () => part('waits').ofReadiness());
    if (said !== 0) pass(relay, log);
    else if (ended !== 0) break;
  }
  settle(relay, log);
}

/** A service manager that reads from us when we have gone can no longer tell whose words they were. */
export function settle(relay: Relay, log: Log): void {
  sys.close(relay.socket);
  if (relay.barrier < 0) return;
  const story: Story = () => part('waits').ofManager(relay.manager);
  const [over = 0] = pollPatiently([relay.barrier], [Poll.IN], barrierTimeout, story);
  if (over === 0) log.warn(`the service manager at ${relay.manager} has not answered in ${barrierTimeout / 1000} s`);
  sys.close(relay.barrier);
}
