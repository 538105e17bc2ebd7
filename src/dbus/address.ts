import { fault } from './fault.ts';
import { textOf } from './text.ts';

/** Where a bus listens: the path of a socket, or @ and a name in the abstract namespace. */
export type SocketAddress = string;

const example = 'unix:path=/run/dbus/system_bus_socket';

/**
 * The Unix sockets of a list of addresses as in DBUS_SESSION_BUS_ADDRESS, in their order; those of other transports
 * are passed over.
 */
export function socketsOf(addresses: string): SocketAddress[] {
  const sockets: SocketAddress[] = [];
  for (const address of addresses.split(';')) {
    const socket = address === '' ? undefined : socketOf(address);
    if (socket !== undefined) sockets.push(socket);
  }
  if (sockets.length === 0)
    throw fault(
      `the D-Bus address ${JSON.stringify(addresses)} names no Unix socket; expected is one as in ${example}`,
    );
  return sockets;
}

function socketOf(address: string): SocketAddress | undefined {
  const colon = address.indexOf(':');
  if (colon < 0) throw wrong(address, 'there is no transport before a colon');
  if (address.slice(0, colon) !== 'unix') return undefined;
  const { path, abstract } = keysOf(address, address.slice(colon + 1));
  if (path !== undefined && abstract !== undefined) throw wrong(address, 'it has both a path and an abstract name');
  if (abstract !== undefined) return `@${abstract}`;
  if (path !== undefined && !path.startsWith('/')) throw wrong(address, 'the path is not absolute');
  return path;
}

function keysOf(address: string, list: string): Partial<Record<string, string>> {
  const keys: Record<string, string> = {};
  for (const pair of list === '' ? [] : list.split(',')) {
    const equals = pair.indexOf('=');
    const key = pair.slice(0, Math.max(equals, 0));
    if (key === '') throw wrong(address, `${JSON.stringify(pair)} is no KEY=VALUE`);
    if (Object.hasOwn(keys, key)) throw wrong(address, `${key} is there twice`);
    keys[key] = unescaped(address, pair.slice(equals + 1));
  }
  return keys;
}

/** %2f stands for a byte; anything may be written in this way. */
function unescaped(address: string, value: string): string {
  if (!value.includes('%')) return value;
  return value.replace(/(?:%[0-9a-fA-F]{2})+|%/g, (run) => {
    if (run === '%') throw wrong(address, 'two hexadecimal digits have to come after %');
    const bytes = run.slice(1).split('%');
    const text = textOf(Uint8Array.from(bytes, (byte) => parseInt(byte, 16)));
    if (text === undefined) throw wrong(address, `${run} is not UTF-8`);
    return text;
  });
}

const wrong = (address: string, why: string): Error => fault(`the D-Bus address ${JSON.stringify(address)}: ${why}`);
