import { fault } from './fault.ts';
import { limits } from './limits.ts';
import { isBusName, isErrorName, isInterface, isMember, isObjectPath } from './names.ts';
import { get, Reader } from './reader.ts';
import { typeOf, typesOf } from './signature.ts';
import { type Header, type Message, MessageType, type Value, type Variant } from './types.ts';
import { put, Writer } from './writer.ts';

/** A header's field: which it is, its type, and what it may be. */
interface Field {
  readonly name: keyof Header;
  readonly type: string;
  readonly fits?: (value: never) => boolean;
}

/** By their numbers. */
const fields: readonly (Field | undefined)[] = [
  undefined,
  { name: 'path', type: 'o', fits: isObjectPath },
  { name: 'interface', type: 's', fits: isInterface },
  { name: 'member', type: 's', fits: isMember },
  { name: 'errorName', type: 's', fits: isErrorName },
  { name: 'replySerial', type: 'u', fits: (serial: number) => serial > 0 },
  { name: 'destination', type: 's', fits: isBusName },
  { name: 'sender', type: 's', fits: isBusName },
  { name: 'signature', type: 'g' },
  { name: 'unixFds', type: 'u' },
];

/** What a message of each type has to have. */
const needed: Readonly<Record<number, readonly (keyof Header)[]>> = {
  [MessageType.CALL]: ['path', 'member'],
  [MessageType.RETURN]: ['replySerial'],
  [MessageType.ERROR]: ['errorName', 'replySerial'],
  [MessageType.SIGNAL]: ['path', 'interface', 'member'],
};

const version = 1;
/** l or B: the order of bytes. */
const [littleMark, bigMark] = [0x6c, 0x42];
/** Byte order, type, flags, version, length of the body, serial, length of the fields. */
const fixedLength = 16;

const fieldsType = typeOf('a(yv)');

function missing(header: Header): string | undefined {
  return needed[header.type]?.find((name) => header[name] === undefined);
}

/** Bytes of a message. */
export function encodeMessage(message: Message, little = true): Uint8Array {
  const lacks = missing(message);
  if (lacks) throw fault(`a message of type ${message.type} lacks its ${lacks}`);
  const types = typesOf(message.signature ?? '');
  if (types.length !== message.body.length)
    throw fault(`the body is not of the signature ${JSON.stringify(message.signature ?? '')}`);
  const writer = new Writer(little);
  for (const byte of [little ? littleMark : bigMark, message.type, message.flags, version]) writer.byte(byte);
  writer.word(0);
  writer.word(message.serial);
  put(writer, fieldsOf(message), fieldsType);
  writer.align(8);
  const begin = writer.length;
  types.forEach((type, index) => put(writer, message.body[index] as Value, type));
  writer.wordAt(4, writer.length - begin);
  return writer.written();
}

function fieldsOf(message: Message): Value[] {
  const list: Value[] = [];
  for (const [code, field] of fields.entries()) {
    const value = field && message[field.name];
    if (field && value !== undefined && value !== '')
      list.push([code, { signature: field.type, value: fitting(field, value) }]);
  }
  return list;
}

function fitting<T extends Value>(field: Field, value: T): T {
  if (field.fits && !field.fits(value as never)) throw fault(`no ${field.name} on D-Bus: ${JSON.stringify(value)}`);
  return value;
}

/** How long the message is that begins here; undefined where its beginning has not come. */
export function messageLength(bytes: Uint8Array): number | undefined {
  if (bytes.length < fixedLength) return undefined;
  const reader = new Reader(bytes, isLittle(bytes), 4);
  const body = reader.word();
  reader.at = 12;
  const header = reader.word();
  const length = fixedLength + header + (-header & 7) + body;
  if (header > limits.array || length > limits.message) throw fault(`a message of ${length} bytes is too long`);
  return length;
}

function isLittle(bytes: Uint8Array): boolean {
  const mark = bytes[0];
  if (mark !== littleMark && mark !== bigMark) throw fault(`no message begins with the byte ${mark}`);
  return mark === littleMark;
}

/** A message, which is all of these bytes. */
export function decodeMessage(bytes: Uint8Array): Message {
  const length = messageLength(bytes);
  if (length !== bytes.length) throw fault(`a message of ${length} bytes in ${bytes.length}`);
  const reader = new Reader(bytes, isLittle(bytes), 1);
  const header = headerAt(reader);
  reader.align(8);
  const body = typesOf(header.signature ?? '').map((type) => get(reader, type));
  if (!reader.isAtEnd()) throw reader.wrong('the body is longer than its signature says');
  return { ...header, body };
}

function headerAt(reader: Reader): Header {
  const [type, flags, protocol] = [reader.byte(), reader.byte(), reader.byte()];
  if (protocol !== version) throw reader.wrong(`protocol version ${protocol} is not known`);
  if (type === 0) throw reader.wrong('a message of the invalid type 0');
  reader.word();
  const serial = reader.word();
  if (serial === 0) throw reader.wrong('the serial number is 0');
  const header: Record<string, Value> = { type, flags, serial };
  for (const [code, { signature, value }] of get(reader, fieldsType) as [number, Variant][]) {
    // Fields that are not known have to be passed over.
    const field = fields[code];
    if (code === 0) throw reader.wrong('a field of the header with the number 0');
    if (!field) continue;
    if (signature !== field.type) throw reader.wrong(`the ${field.name} is of type ${signature}`);
    if (field.name in header) throw reader.wrong(`there are two of ${field.name}`);
    header[field.name] = fitting(field, value);
  }
  const lacks = missing(header as unknown as Header);
  if (lacks) throw reader.wrong(`a message of type ${type} lacks its ${lacks}`);
  return header as unknown as Header;
}
