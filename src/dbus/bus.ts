import { OcirunError } from '../errors/error.ts';
import type { Bus, BusOptions, Call, Pending, Signal, SignalMatch, Watch } from './client.ts';
import { fault } from './fault.ts';
import { Link } from './link.ts';
import { fits, ruleOf } from './match.ts';
import { encodeMessage } from './message.ts';
import { type Message, MessageType, type Value } from './types.ts';

/** The bus itself. */
const daemon = {
  destination: 'org.freedesktop.DBus',
  path: '/org/freedesktop/DBus',
  interface: 'org.freedesktop.DBus',
};

/** A call that was sent: what for, to whom, and whether somebody will ask for the answer. */
interface Sent extends Pending {
  readonly destination: string | undefined;
  readonly asked: boolean;
}

class Connection implements Bus {
  private readonly link: Link;
  private readonly name: string;
  private readonly isPeer: boolean;
  private serial = 0;
  /** What the last call is for. */
  private doing = '';
  private readonly sent = new Map<number, Sent>();
  private readonly answers = new Map<number, Message>();
  private readonly watches: Watch[] = [];
  /** Who has answered in the name of a destination. */
  private readonly owners = new Map<string, string>();

  constructor(addresses: string, options: BusOptions) {
    this.link = new Link(addresses, options, (message) => this.sort(message));
    this.name = options.name;
    this.isPeer = options.peer === true;
    if (!this.isPeer) this.post({ ...daemon, member: 'Hello', doing: `register with ${this.name}` }, false);
  }

  call(call: Call): readonly Value[] {
    return this.answer(this.send(call));
  }

  send(call: Call): Pending {
    return this.post(call, true);
  }

  private post({ doing, ...call }: Call, asked: boolean): Pending {
    const serial = (this.serial += 1);
    this.doing = doing;
    this.link.post(encodeMessage({ type: MessageType.CALL, flags: 0, serial, body: [], ...call }));
    this.sent.set(serial, { serial, doing, destination: call.destination, asked });
    return { serial, doing };
  }

  answer({ serial, doing }: Pending): readonly Value[] {
    const message = this.link.until(() => this.answers.get(serial), doing);
    this.answers.delete(serial);
    if (message.type === MessageType.ERROR) throw refusal(doing, message);
    return message.body;
  }

  watch(match: SignalMatch): Watch {
    const watch: Watch = { match, kept: [] };
    this.watches.push(watch);
    if (this.isPeer) return watch;
    const doing = `ask ${this.name} for the signal ${match.member}`;
    this.post({ ...daemon, member: 'AddMatch', signature: 's', body: [ruleOf(match)], doing }, false);
    return watch;
  }

  signal({ match, kept }: Watch, accept: (signal: Signal) => boolean, doing: string): Signal {
    return this.link.until(() => {
      for (let signal = kept.shift(); signal; signal = kept.shift())
        if (this.isFrom(signal, match) && accept(signal)) return signal;
      return undefined;
    }, doing);
  }

  /** Anybody on a bus may send us a signal, whether we have asked for it or not. */
  private isFrom(signal: Signal, { sender }: SignalMatch): boolean {
    const owner = sender === undefined ? undefined : this.owners.get(sender);
    return owner === undefined || signal.sender === owner;
  }

  flush(): void {
    this.link.flush(this.doing || `write to ${this.name}`);
  }

  close(): void {
    this.link.close();
  }

  /** Calls of us, and answers that were not asked for, are passed over. */
  private sort(message: Message): void {
    const { type, replySerial, sender } = message;
    if (type === MessageType.SIGNAL) this.keep(message);
    if (replySerial === undefined || (type !== MessageType.RETURN && type !== MessageType.ERROR)) return;
    const sent = this.sent.get(replySerial);
    if (!sent) return;
    this.sent.delete(replySerial);
    if (sent.destination !== undefined && sender !== undefined) this.owners.set(sent.destination, sender);
    if (sent.asked) this.answers.set(replySerial, message);
    else if (type === MessageType.ERROR) throw refusal(sent.doing, message);
  }

  private keep({ sender, path = '', interface: of = '', member = '', body }: Message): void {
    const signal: Signal = { sender, path, interface: of, member, body };
    for (const { match, kept } of this.watches) if (fits(signal, match)) kept.push(signal);
  }
}

/** An error that was answered; its first argument is the text, where it is one. */
function refusal(doing: string, { errorName = '', body: [text] }: Message): OcirunError {
  const words = typeof text === 'string' && text !== '' ? text : 'refused';
  return fault(`${doing}: ${words} (${errorName})`, { busError: errorName });
}

/**
 * Connect to the first of these addresses (`unix:path=/run/dbus/system_bus_socket;unix:abstract=…`).
 * Nothing is sent before something is waited for.
 */
export const openBus = (addresses: string, options: BusOptions): Bus => new Connection(addresses, options);

/** Whether an error is that answer of the bus. */
export const isBusError = (error: unknown, name: string): boolean =>
  error instanceof OcirunError && error.details.busError === name;
