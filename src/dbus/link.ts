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
  /**
   * What has to wait for the end of the handshake: what systemd's own server (sd-bus, as of 257) reads together with
   * that, it looks at only when something more comes.
   */
  private held: Uint8Array[] | undefined;
  private authenticated = false;
  /** Why nothing more will come. */
  private over: OcirunError | undefined;

  constructor(addresses: string, options: BusOptions, take: (message: Message) => void) {
    this.socket = connect(addresses, options);
    this.options = options;
    this.take = take;
    this.outgoing = [sys.encodeText(handshake)];
    this.held = options.peer ? [] : undefined;
  }

  /** Have this written with the next wait. */
  post(bytes: Uint8Array): void {
    (this.held ?? this.outgoing).push(bytes);
  }

  /** Write all, waiting for room. */
  flush(doing: string): void {
    this.until(() => (this.outgoing.length === 0 && !this.held?.length ? true : undefined), doing);
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
      if (this.over) throw fault(`${doing}: ${this.over.message}`, { cause: this.over });
      const left = Math.max(0, end - monotonic());
      if (isReady(this.socket, this.outgoing.length > 0, Math.ceil(left))) this.read();
      if (left === 0) return found();
    }
  }

  private write(): void {
    if (this.outgoing.length === 0) return;
    const bytes = joined(this.outgoing);
    const count = writeSome(this.socket, bytes);
    this.outgoing = count === bytes.length ? [] : [bytes.subarray(count)];
  }

  private read(): void {
    const bytes = readSome(this.socket);
    if (bytes === undefined) return;
    try {
      if (bytes.length === 0) throw fault('has closed the connection');
      this.incoming.append(bytes);
      this.takeAll();
    } catch (error) {
      if (!(error instanceof OcirunError)) throw error;
      this.over = error.details.busError === undefined ? fault(`${this.options.name} ${error.message}`) : error;
    }
  }

  private takeAll(): void {
    while (!this.authenticated) {
      const line = this.incoming.line();
      if (line === undefined) return;
      this.authenticated = isWelcome(line);
    }
    if (this.held) this.outgoing.push(...this.held);
    this.held = undefined;
    for (let message = this.incoming.message(); message; message = this.incoming.message()) this.take(message);
  }
}

/** A line of the other side's in the handshake: whether it lets us in. */
function isWelcome(line: string): boolean {
  if (line === 'DATA' || line.startsWith('DATA ')) return false;
  if (line === 'OK' || line.startsWith('OK ')) return true;
  throw fault(`does not let this user in: ${JSON.stringify(line)}`);
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
