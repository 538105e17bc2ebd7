import { fault } from './fault.ts';
import { limits, ranges } from './limits.ts';
import { isObjectPath } from './names.ts';
import { type Type, typeOf, typesOf } from './signature.ts';
import { utf8 } from './text.ts';
import type { Value, Variant } from './types.ts';

/** Bytes that grow as values are put behind. */
export class Writer {
  length = 0;
  private bytes = new Uint8Array(1024);
  private view = new DataView(this.bytes.buffer);
  readonly little: boolean;

  constructor(little: boolean) {
    this.little = little;
  }

  /** What has been written. */
  written(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  /** Room for so many bytes, which begins here. */
  private room(size: number): number {
    const at = this.length;
    const end = at + size;
    if (end > limits.message) throw fault(`a message on D-Bus has at most ${limits.message} bytes`);
    if (end > this.bytes.length) this.grow(end);
    this.length = end;
    return at;
  }

  private grow(least: number): void {
    const bytes = new Uint8Array(Math.max(least, this.bytes.length * 2));
    bytes.set(this.written());
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer);
  }

  /** Zeros up to the next multiple of a power of two. */
  align(alignment: number): void {
    this.room(-this.length & (alignment - 1));
  }

  byte(value: number): void {
    const at = this.room(1);
    this.view.setUint8(at, value);
  }

  half(value: number): void {
    this.align(2);
    const at = this.room(2);
    this.view.setUint16(at, value, this.little);
  }

  /** Signed ones, too: their bits are the same. */
  word(value: number): void {
    this.align(4);
    const at = this.room(4);
    this.view.setUint32(at, value, this.little);
  }

  long(value: bigint): void {
    this.align(8);
    const at = this.room(8);
    this.view.setBigInt64(at, value, this.little);
  }

  double(value: number): void {
    this.align(8);
    const at = this.room(8);
    this.view.setFloat64(at, value, this.little);
  }

  /** Change a word that was written. */
  wordAt(at: number, value: number): void {
    this.view.setUint32(at, value, this.little);
  }

  raw(bytes: ArrayLike<number>): void {
    const at = this.room(bytes.length);
    this.bytes.set(bytes, at);
  }
}

type Put = (writer: Writer, value: Value, type: Type, depth: number) => void;

const shown = (value: Value): string =>
  typeof value === 'object' ? (Array.isArray(value) ? 'a list' : 'an object') : String(value);

const unfit = (value: Value, type: Type, expected: string): Error =>
  fault(`D-Bus type ${type.text}: there is ${shown(value)} (${typeof value}), expected is ${expected}`);

/** A whole number in the range of its type. */
function whole(value: Value, type: Type): bigint {
  const [least, greatest] = ranges[type.code] as readonly [bigint, bigint];
  const fits = typeof value === 'bigint' || (typeof value === 'number' && Number.isSafeInteger(value));
  const number = fits ? BigInt(value) : undefined;
  if (number === undefined || number < least || number > greatest)
    throw unfit(value, type, `a whole number from ${least} to ${greatest}`);
  return number;
}

const text = (value: Value, type: Type): string => {
  if (typeof value !== 'string') throw unfit(value, type, 'a string');
  return value;
};

const putText: Put = (writer, value, type) => {
  const bytes = utf8(text(value, type));
  writer.word(bytes.length);
  writer.raw(bytes);
  writer.byte(0);
};

const putSignature = (writer: Writer, signature: string): void => {
  typesOf(signature);
  writer.byte(signature.length);
  writer.raw(utf8(signature));
  writer.byte(0);
};

const putWord: Put = (writer, value, type) => writer.word(Number(whole(value, type)));
const putHalf: Put = (writer, value, type) => writer.half(Number(whole(value, type)));
const putLong: Put = (writer, value, type) => writer.long(BigInt.asIntN(64, whole(value, type)));

const list = (value: Value, type: Type): readonly Value[] => {
  if (!Array.isArray(value)) throw unfit(value, type, 'a list');
  return value as readonly Value[];
};

const putArray: Put = (writer, value, type, depth) => {
  const element = type.parts[0] as Type;
  writer.word(0);
  const lengthAt = writer.length - 4;
  // The padding before the first element is there even if there is none, and is not counted.
  writer.align(element.alignment);
  const begin = writer.length;
  if (element.code === 'y' && value instanceof Uint8Array) writer.raw(value);
  else for (const one of list(value, type)) put(writer, one, element, depth + 1);
  const length = writer.length - begin;
  if (length > limits.array) throw fault(`an array on D-Bus has at most ${limits.array} bytes`);
  writer.wordAt(lengthAt, length);
};

/** A struct, or an entry of a dictionary. */
const putStruct: Put = (writer, value, type, depth) => {
  const members = list(value, type);
  if (members.length !== type.parts.length) throw unfit(value, type, `a list of ${type.parts.length}`);
  writer.align(8);
  for (const [index, part] of type.parts.entries()) put(writer, members[index] as Value, part, depth + 1);
};

const isVariant = (value: Value): value is Variant =>
  typeof value === 'object' && typeof (value as Partial<Variant> | null)?.signature === 'string';

const puts: Readonly<Record<string, Put>> = {
  y: (writer, value, type) => writer.byte(Number(whole(value, type))),
  b: (writer, value, type) => {
    if (typeof value !== 'boolean') throw unfit(value, type, 'true or false');
    writer.word(value ? 1 : 0);
  },
  n: putHalf,
  q: putHalf,
  i: putWord,
  u: putWord,
  h: putWord,
  x: putLong,
  t: putLong,
  d: (writer, value, type) => {
    if (typeof value !== 'number') throw unfit(value, type, 'a number');
    writer.double(value);
  },
  s: putText,
  o: (writer, value, type, depth) => {
    if (!isObjectPath(text(value, type))) throw unfit(value, type, 'the path of an object');
    putText(writer, value, type, depth);
  },
  g: (writer, value, type) => putSignature(writer, text(value, type)),
  v: (writer, value, type, depth) => {
    if (!isVariant(value)) throw unfit(value, type, 'a value with its signature');
    const inner = typeOf(value.signature);
    putSignature(writer, value.signature);
    put(writer, value.value, inner, depth + 1);
  },
  a: putArray,
  '(': putStruct,
  '{': putStruct,
};

/** Write a value as that type. */
export function put(writer: Writer, value: Value, type: Type, depth = 0): void {
  if (depth > limits.depth) throw fault(`values on D-Bus are at most ${limits.depth} containers deep`);
  (puts[type.code] as Put)(writer, value, type, depth);
}
