import { OcirunError } from '../errors/error.ts';
import { connectTo } from '../sys/connect.ts';
import { Poll, SocketType } from '../sys/constants.ts';
import { attempt, monotonic, orElse, sys } from '../sys/index.ts';
import { patiently } from '../waiting.ts';
import { type SocketAddress, socketsOf } from './address.ts';
import type { BusOptions } from './client.ts';
import { fault } from './fault.ts';

/** How often a connection that is refused is tried again: a bus that is restarted has nobody listening for a moment. */
const mostRefusals = 7;
const longestPause = 100;
const readAtOnce = 32_768;

/** A connection with the first of these addresses that takes one; EAGAIN is a queue that is full, as on a busy machine. */
export function connect(addresses: string, options: BusOptions): number {
  const sockets = socketsOf(addresses);
  for (const [index, socket] of sockets.entries()) {
    try {
      return connectPatiently(socket, options);
    } catch (error) {
      if (index === sockets.length - 1 || !(error instanceof OcirunError) || error.code !== 'E_DBUS') throw error;
    }
  }
  throw fault(`no address: ${addresses}`);
}

function connectPatiently(socket: SocketAddress, { name, timeout }: BusOptions): number {
  const doing = `connect to ${name} at ${socket}`;
  let [refusals, pause] = [0, 1];
  const tryOnce = (): number =>
    orElse(refusals < mostRefusals ? 'EAGAIN ECONNREFUSED' : 'EAGAIN', -1, () =>
      connectTo(socket, SocketType.STREAM | SocketType.NONBLOCK),
    );
  const look = (milliseconds: number): number | undefined => {
    for (const end = monotonic() + milliseconds; ; pause = Math.min(pause * 2, longestPause), refusals += 1) {
      const fd = tryOnce();
      if (fd >= 0) return fd;
      const left = end - monotonic();
      if (left <= 0) return undefined;
      sys.poll([], [], Math.ceil(Math.min(pause, left)));
    }
  };
  const story = (): OcirunError => new OcirunError('E_TIMEOUT', `${name} at ${socket} to take a connection`);
  const fd = attempt('E_DBUS', doing, () => patiently(look, timeout, story), { path: socket });
  if (fd === undefined) throw fault(`${doing}: it has taken no connection for ${timeout / 1000} s`, { path: socket });
  return fd;
}

/** Write as much as there is room for; gives how many bytes. Whether the other side has gone is told by reading. */
export const writeSome = (fd: number, bytes: Uint8Array): number =>
  orElse('EPIPE ECONNRESET', bytes.length, () => orElse('EAGAIN', 0, () => sys.sendRecord(fd, bytes, [])));

/** What has come: undefined where nothing has, no bytes at the end of the connection. */
export function readSome(fd: number): Uint8Array | undefined {
  const [bytes, ...fds] = orElse('ECONNRESET', [new Uint8Array(0)] as const, () =>
    orElse('EAGAIN', [undefined] as const, () => sys.receiveRecord(fd, readAtOnce)),
  );
  // Nobody was told that descriptors are welcome.
  for (const one of fds) sys.close(one);
  return bytes;
}

/** Wait at most so long until something has come, or, where there is something to write, there is room for it. */
export const isReady = (fd: number, writing: boolean, milliseconds: number): boolean =>
  orElse('EINTR', [0], () => sys.poll([fd], [writing ? Poll.IN | Poll.OUT : Poll.IN], milliseconds))[0] !== 0;
