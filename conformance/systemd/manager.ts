/** A systemd that does as it is told, in a thread of its own: the tests keep theirs waiting. */
import { randomBytes } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { Incoming } from '../../src/dbus/incoming.ts';
import { encodeMessage } from '../../src/dbus/message.ts';
import { type Message, MessageType, type Value, type Variant } from '../../src/dbus/types.ts';
import type { Behaviour, Played } from './played.ts';

const { socket: address, log, hierarchy, behaviours, onBus } = workerData as Played;

const object = '/org/freedesktop/systemd1';
const managerInterface = 'org.freedesktop.systemd1.Manager';
const note = (line: object): void => appendFileSync(log, `${JSON.stringify(line)}\n`);

/** What is done when it is asked for that; the last one again and again. */
function behave(what: string): Behaviour {
  const left = behaviours[what] ?? ['done'];
  return (left.length > 1 ? left.shift() : left[0]) ?? 'done';
}

/** A unit that was started. */
interface Unit {
  readonly directory: string;
  readonly Description: string;
  readonly InvocationID: Uint8Array;
}

const units = new Map<string, Unit>();

/** Make the cgroup of a unit with these processes. */
function startUnit(unit: string, properties: readonly [string, Variant][]): void {
  const { Slice, PIDs, Description } = Object.fromEntries(properties.map(([name, { value }]) => [name, value]));
  // The cgroups of a test are found by their names: no directory of another name is made.
  if (Slice !== '-.slice') throw new Error('another slice');
  const directory = `${hierarchy}/${unit}`;
  mkdirSync(directory);
  units.set(unit, { directory, Description: Description as string, InvocationID: randomBytes(16) });
  for (const pid of PIDs as number[]) writeFileSync(`${directory}/cgroup.procs`, String(pid));
}

function stopUnit(unit: string): void {
  const { directory = '' } = units.get(unit) ?? {};
  if (existsSync(directory)) rmdirSync(directory);
  units.delete(unit);
}

const unescaped = (label: string): string =>
  label.replace(/_(..)/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));

/** The unit that an object is: by its name, or by the id that it has since it was started. */
function unitAt(path = ''): string {
  const label = unescaped(path.slice(path.lastIndexOf('/') + 1));
  const invoked = [...units].find(([, { InvocationID }]) => Buffer.from(InvocationID).toString('hex') === label);
  return invoked?.[0] ?? label;
}

/** A property of a unit, which may be one that was never started; `says` is what a test has in its place. */
function property(path: string | undefined, name: string, says: string): Variant {
  const unit = units.get(unitAt(path));
  if (name === 'InvocationID') return { signature: 'ay', value: unit?.InvocationID ?? new Uint8Array() };
  return { signature: 's', value: says === 'done' ? (unit?.Description ?? unitAt(path)) : says };
}

let serial = 0;

/** On a bus, systemd has signals only for those who have subscribed. */
let subscribed = false;

/** One who has connected, or the bus that we are on. */
class Client {
  private readonly incoming = new Incoming();
  private begun = false;
  private readonly socket: Socket;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('error', () => undefined);
    socket.on('data', (bytes: Buffer) => this.take(bytes));
    if (onBus) socket.write('\0AUTH EXTERNAL\r\nDATA\r\n');
  }

  private take(bytes: Buffer): void {
    this.incoming.append(bytes[0] === 0 && !this.begun ? bytes.subarray(1) : bytes);
    while (!this.begun) {
      const line = this.incoming.line();
      if (line === undefined) return;
      if (onBus) this.enter(line);
      else this.letIn(line);
      // sd-bus waits for more, whatever it has read already.
      if (this.begun) return;
    }
    for (let next = this.incoming.message(); next; next = this.incoming.message())
      if (next.type === MessageType.CALL) this.answer(next);
      else if (next.type === MessageType.RETURN && next.replySerial === 2) parentPort?.postMessage('listening');
  }

  /** A line of somebody who wants to talk to us. */
  private letIn(line: string): void {
    this.begun = line === 'BEGIN';
    if (line === 'AUTH EXTERNAL') this.socket.write('DATA\r\n');
    if (line === 'DATA' && behave('handshake') === 'done') this.socket.write(`OK ${'0'.repeat(32)}\r\n`);
  }

  /** A line of the bus that we want to be on. */
  private enter(line: string): void {
    if (!line.startsWith('OK')) return;
    this.begun = true;
    this.socket.write('BEGIN\r\n');
    const daemon = { destination: 'org.freedesktop.DBus', path: '/', interface: 'org.freedesktop.DBus', flags: 0 };
    this.send({ ...daemon, type: MessageType.CALL, member: 'Hello' });
    const body = ['org.freedesktop.systemd1', 0];
    this.send({ ...daemon, type: MessageType.CALL, member: 'RequestName', signature: 'su', body });
  }

  private send(message: Partial<Message>): void {
    this.socket.write(
      encodeMessage({ type: MessageType.RETURN, flags: 1, serial: (serial += 1), body: [], ...message }),
    );
  }

  private answer({ serial: replySerial, sender, member = '', path, interface: of, destination, body }: Message): void {
    const name = member === 'Get' ? (body[1] as string) : member;
    const behaviour = behave(name);
    note({ member, path, interface: of, destination, arguments: body.map(shown) });
    if (behaviour === 'silent') return;
    if (behaviour === 'hang up') return void this.socket.destroy();
    const back = { replySerial, ...(sender === undefined ? {} : { destination: sender }) };
    subscribed ||= member === 'Subscribe';
    if (typeof behaviour === 'object') {
      const { error: errorName, text } = behaviour;
      this.send({ ...back, type: MessageType.ERROR, errorName, signature: 's', body: [text] });
    } else if (member === 'Get') this.send({ ...back, signature: 'v', body: [property(path, name, behaviour)] });
    else if (member === 'Stop') this.work(back, unitAt(path), stopUnit, behaviour);
    else if (member === 'StartTransientUnit') {
      const properties = body[2] as unknown as [string, Variant][];
      this.work(back, body[0] as string, (unit) => startUnit(unit, properties), behaviour);
    } else this.send(back);
  }

  private work(back: Partial<Message>, unit: string, action: (unit: string) => void, result: string): void {
    const job = `${object}/job/${back.replySerial}`;
    action(unit);
    const signal = { type: MessageType.SIGNAL, path: object, interface: managerInterface, member: 'JobRemoved' };
    const ended = (of: string, path: string, end: string): void => {
      if (subscribed || !onBus) this.send({ ...signal, signature: 'uoss', body: [1, path, of, end] });
    };
    ended('other.scope', `${object}/job/1`, 'failed');
    ended(unit, `${object}/job/0`, 'failed');
    this.send({ ...back, signature: 'o', body: [job] });
    if (result !== 'no end') ended(unit, job, result);
  }
}

/** As JSON has it. */
function shown(value: Value): unknown {
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Uint8Array) return [...value];
  if (Array.isArray(value)) return (value as Value[]).map(shown);
  return typeof value === 'object' ? shown((value as Variant).value) : value;
}

if (onBus) new Client(connect(address));
else createServer((socket) => void new Client(socket)).listen(address, () => parentPort?.postMessage('listening'));
