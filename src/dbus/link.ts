import { OcirunError } from '../errors/error.ts';
import { monotonic, sys } from '../sys/index.ts';
import { patiently } from '../waiting.ts';
import type { BusOptions } from './client.ts';
import { fault } from './fault.ts';
import { Incoming } from './incoming.ts';
import { connect, isReady, readSome, writeSome } from './socket.ts';
import type { Message } from './types.ts';

/**
 * The handshake, without waiting for an answer in between. No user is named: the other side takes the one that the
 * kernel tells it (SO_PEERCRED), which in a user namespace is another one than we see.
 */
const handshake = '\0AUTH EXTERNAL\r\nDATA\r\nBEGIN\r\n';

/** Messages to and from somebody; `take` gets those that come. */
export class Link {
  private readonly socket: number;
  private readonly options: BusOptions;
  private readonly take: (message: Message) => void;
  private readonly incoming = new Incoming();
  private outgoing: Uint8Array[];
  private authenticated = false;

  constructor(addresses: string, options: BusOptions, take: (message: Message) => void) {
    this.socket = connect(addresses, options);
    this.options = options;
    this.take = take;
    this.outgoing = [sys.encodeText(handshake)];
  }

  /** Have this written with the next wait. */
  post(bytes: Uint8Array): void {
    this.outgoing.push(bytes);
  }

  /** Write all, waiting for room. */
  flush(doing: string): void {
    this.until(() => (this.outgoing.length === 0 ? true : undefined), doing);
  }

  close(): void {
    sys.close(this.socket);
  }

  /** Write and read until `found` gives something. */
  until<T>(found: () => T | undefined, doing: string): T {
    const { name, timeout } = this.options;
    const story = (): OcirunError => new OcirunError('E_TIMEOUT', `the answer of ${name}: ${doing}`);
    const value = patiently((milliseconds) => this.look(found, milliseconds, doing), timeout, story);
    if (value === undefined) throw fault(`${doing}: ${name} has not answered for ${timeout / 1000} s`);
    return value;
  }

  /** At most so long, however much comes in that time. */
  private look<T>(found: () => T | undefined, milliseconds: number, doing: string): T | undefined {
    for (const end = monotonic() + milliseconds; ;) {
      this.write();
      const value = found();
      if (value !== undefined) return value;
      const left = Math.max(0, end - monotonic());
      if (isReady(this.socket, this.outgoing.length > 0, Math.ceil(left))) this.read(doing);
      if (left === 0) return found();
    }
  }

  private write(): void {
    if (this.outgoing.length === 0) return;
    const bytes = joined(this.outgoing);
    const count = writeSome(this.socket, bytes);
    this.outgoing = count === bytes.length ? [] : [bytes.subarray(count)];
  }

  private read(doing: string): void {
    const bytes = readSome(this.socket);
    if (bytes === undefined) return;
    if (bytes.length === 0) throw fault(`${doing}: ${this.options.name} has closed the connection`);
    this.incoming.append(bytes);
    while (!this.authenticated) {
      const line = this.next(doing, () => this.incoming.line());
      if (line === undefined) return;
      this.authenticated = this.isWelcome(line);
    }
    const next = (): Message | undefined => this.next(doing, () => this.incoming.message());
    for (let message = next(); message; message = next()) this.take(message);
  }

  /** A part of what has come; what cannot be one is the other side's fault. */
  private next<T>(doing: string, parse: () => T): T {
    try {
      return parse();
    } catch (error) {
      if (!(error instanceof OcirunError)) throw error;
      throw fault(`${doing}: ${this.options.name} does not keep to D-Bus: ${error.message}`, { cause: error });
    }
  }

  /** A line of the other side's in the handshake: whether it lets us in. */
  private isWelcome(line: string): boolean {
    if (line === 'DATA' || line.startsWith('DATA ')) return false;
    if (line === 'OK' || line.startsWith('OK ')) return true;
    throw fault(`connect to ${this.options.name}: it does not let this user in: ${JSON.stringify(line)}`);
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const [first] = parts;
  if (first && parts.length === 1) return first;
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
