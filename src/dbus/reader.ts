import { fault } from './fault.ts';
import { limits } from './limits.ts';
import { isObjectPath } from './names.ts';
import { type Type, typeOf, typesOf } from './signature.ts';
import { textOf } from './text.ts';
import type { Value } from './types.ts';

/** Reads values out of bytes of somebody else's; whatever they are, it ends, with values or a fault. */
export class Reader {
  at: number;
  private readonly view: DataView;
  readonly bytes: Uint8Array;
  readonly little: boolean;
  private end: number;

  constructor(bytes: Uint8Array, little: boolean, at = 0) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.little = little;
    this.at = at;
    this.end = bytes.length;
  }

  wrong(why: string): Error {
    return fault(`byte ${this.at}: ${why}`);
  }

  isAtEnd(): boolean {
    return this.at === this.end;
  }

  /** Go over so many bytes; gives where they begin. */
  private take(size: number): number {
    const at = this.at;
    if (size > this.end - at) throw this.wrong(`there are ${this.end - at} bytes where ${size} should be`);
    this.at = at + size;
    return at;
  }

  align(alignment: number): void {
    const begin = this.take(-this.at & (alignment - 1));
    for (let at = begin; at < this.at; at += 1)
      if (this.bytes[at] !== 0) throw this.wrong(`the padding is not zero: ${this.bytes[at]}`);
  }

  byte(): number {
    return this.view.getUint8(this.take(1));
  }

  half(): number {
    this.align(2);
    return this.view.getUint16(this.take(2), this.little);
  }

  word(): number {
    this.align(4);
    return this.view.getUint32(this.take(4), this.little);
  }

  /** Unsigned. */
  long(): bigint {
    this.align(8);
    return this.view.getBigUint64(this.take(8), this.little);
  }

  double(): number {
    this.align(8);
    return this.view.getFloat64(this.take(8), this.little);
  }

  raw(length: number): Uint8Array {
    const at = this.take(length);
    return this.bytes.subarray(at, at + length);
  }

  /** So many bytes of UTF-8 and the NUL behind them. */
  text(length: number): string {
    const text = textOf(this.raw(length));
    if (text === undefined) throw this.wrong('the string is not UTF-8, or has a NUL in it');
    if (this.byte() !== 0) throw this.wrong('there is no NUL behind a string');
    return text;
  }

  /** Read with `read` what ends so many bytes from here, again and again until it is at that end. */
  within(length: number, read: () => void): void {
    const outer = this.end;
    const begin = this.take(length);
    [this.at, this.end] = [begin, begin + length];
    while (!this.isAtEnd()) read();
    this.end = outer;
  }
}

type Get = (reader: Reader, type: Type, depth: number) => Value;

const getText: Get = (reader) => reader.text(reader.word());

const getArray: Get = (reader, type, depth) => {
  const length = reader.word();
  if (length > limits.array) throw reader.wrong(`an array of ${length} bytes, at most ${limits.array} are allowed`);
  const element = type.parts[0] as Type;
  reader.align(element.alignment);
  if (element.code === 'y') return reader.raw(length).slice();
  const values: Value[] = [];
  reader.within(length, () => values.push(get(reader, element, depth + 1)));
  return values;
};

const getStruct: Get = (reader, type, depth) => {
  reader.align(8);
  return type.parts.map((part) => get(reader, part, depth + 1));
};

const getVariant: Get = (reader, _type, depth) => {
  const signature = getSignature(reader);
  return { signature, value: get(reader, typeOf(signature), depth + 1) };
};

function getSignature(reader: Reader): string {
  const signature = reader.text(reader.byte());
  typesOf(signature);
  return signature;
}

function getBoolean(reader: Reader): boolean {
  const word = reader.word();
  if (word > 1) throw reader.wrong(`a boolean is 0 or 1: ${word}`);
  return word === 1;
}

function getPath(reader: Reader): string {
  const path = reader.text(reader.word());
  if (!isObjectPath(path)) throw reader.wrong(`no path of an object: ${JSON.stringify(path)}`);
  return path;
}

const gets: Readonly<Record<string, Get>> = {
  y: (reader) => reader.byte(),
  b: getBoolean,
  n: (reader) => (reader.half() << 16) >> 16,
  q: (reader) => reader.half(),
  i: (reader) => reader.word() | 0,
  u: (reader) => reader.word(),
  h: (reader) => reader.word(),
  x: (reader) => BigInt.asIntN(64, reader.long()),
  t: (reader) => reader.long(),
  d: (reader) => reader.double(),
  s: getText,
  o: getPath,
  g: getSignature,
  v: getVariant,
  a: getArray,
  '(': getStruct,
  '{': getStruct,
};

/** Read a value of that type. */
export function get(reader: Reader, type: Type, depth = 0): Value {
  if (depth > limits.depth) throw reader.wrong(`more than ${limits.depth} containers in each other`);
  return (gets[type.code] as Get)(reader, type, depth);
}
