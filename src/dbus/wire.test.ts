/** Signatures, values, messages: what is written can be read, and whatever is read ends. */
import fc from 'fast-check';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import t from 'tap';
import { OcirunError } from '../errors/error.ts';
import { socketsOf } from './address.ts';
import { parseVariant } from './gvariant.ts';
import { limits, ranges } from './limits.ts';
import { decodeMessage, encodeMessage, messageLength } from './message.ts';
import { isBusName, isInterface, isMember, isObjectPath } from './names.ts';
import { get, Reader } from './reader.ts';
import { type Type, typeOf, typesOf } from './signature.ts';
import { textOf, utf8 } from './text.ts';
import { type Message, MessageType, type Value } from './types.ts';
import { put, Writer } from './writer.ts';

const runs = process.env['OCIRUN_TEST_FULL'] === '1' ? 20_000 : 1000;

const encoded = (signature: string, values: readonly Value[], little = true, before = 0): Uint8Array => {
  const writer = new Writer(little);
  for (let at = 0; at < before; at += 1) writer.byte(0);
  typesOf(signature).forEach((type, index) => put(writer, values[index] as Value, type));
  return writer.written();
};

const decoded = (signature: string, bytes: Uint8Array, little = true, before = 0): Value[] => {
  const reader = new Reader(bytes, little, before);
  const values = typesOf(signature).map((type) => get(reader, type));
  if (!reader.isAtEnd()) throw reader.wrong('more');
  return values;
};

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const unhex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replace(/\s/g, ''), 'hex'));

const call: Message = {
  type: MessageType.CALL,
  flags: 0,
  serial: 2,
  path: '/a/b',
  interface: 'org.example.I',
  member: 'Do',
  destination: 'org.example.A',
  body: [],
};

/** Recorded from busctl (systemd 252), gdbus (GLib 2.74) and dbus-send (1.14), which were given these values. */
const golden = JSON.parse(readFileSync('src/dbus/golden/messages.json', 'utf8')) as {
  by: string;
  values: string[];
  message: string;
}[];

t.test('other implementations write the same bytes', async (t) => {
  t.ok(golden.length > 30);
  for (const { by, values, message } of golden) {
    const given = values.map(parseVariant);
    const theirs = decodeMessage(unhex(message));
    const signature = given.map((one) => one.signature).join('');
    const body = given.map(({ value }) => value);
    const name = `${by} ${values.join(' ')}`;
    t.match(theirs, { type: 1, path: '/a/b', interface: 'org.example.I', member: 'Do', destination: 'org.example.A' });
    t.equal(theirs.signature ?? '', signature, name);
    t.same(theirs.body, body, name);
    const bytes = encoded(signature, body);
    t.equal(hex(bytes), message.slice(message.length - 2 * bytes.length), name);
    const ours = encodeMessage({ ...call, flags: theirs.flags, serial: theirs.serial, signature, body });
    t.equal(ours.length * 2, message.length, 'fields are in another order, but as long');
    t.same({ ...decodeMessage(ours), signature }, { ...theirs, signature });
  }
});

t.test('bytes by hand, in both orders', async (t) => {
  const both: [string, Value, string, string][] = [
    ['u', 0x01020304, '04030201', '01020304'],
    ['n', -2, 'feff', 'fffe'],
    ['x', -2n, 'feffffffffffffff', 'fffffffffffffffe'],
    ['t', 2 ** 53 - 1, 'ffffffffffff1f00', '001fffffffffffff'],
    ['d', 1, '000000000000f03f', '3ff0000000000000'],
    ['s', 'ab', '02000000616200', '00000002616200'],
    ['g', 'ai', '02616900', '02616900'],
    ['at', [], '0000000000000000', '0000000000000000'],
    // The padding before the first element is not counted.
    ['ax', [-2n], '0800000000000000feffffffffffffff', '0000000800000000fffffffffffffffe'],
    ['at', [1n], '08000000000000000100000000000000', '00000008000000000000000000000001'],
    ['ad', [1], '0800000000000000000000000000f03f', '00000008000000003ff0000000000000'],
    ['a(y)', [[7]], '010000000000000007', '000000010000000007'],
    ['a{yy}', [[7, 8]], '02000000000000000708', '00000002000000000708'],
    ['v', { signature: 'b', value: true }, '0162000001000000', '0162000000000001'],
    ['(yu)', [1, 2], '0100000002000000', '0100000000000002'],
  ];
  for (const [signature, value, little, big] of both) {
    t.equal(hex(encoded(signature, [value])), little, signature);
    t.equal(hex(encoded(signature, [value], false)), big, signature);
    const [back] = decoded(signature, unhex(big), false);
    t.same(back, signature === 't' ? BigInt(value as number) : value);
  }
  const big = encodeMessage({ ...call, signature: 's', body: ['x'] }, false);
  t.equal(hex(big.subarray(0, 16)), `42010001 00000006 00000002 ${hex(big.subarray(12, 16))}`.replaceAll(' ', ''));
  t.same(decodeMessage(big), decodeMessage(encodeMessage({ ...call, signature: 's', body: ['x'] })));
});

t.test('signatures', async (t) => {
  for (const signature of ['', 'y', 'aai', '(i(ss))', 'a{s(iv)}', 'a{ya{ob}}', 'aa{sv}', `${'a'.repeat(32)}y`])
    t.equal(
      typesOf(signature)
        .map(({ text }) => text)
        .join(''),
      signature,
    );
  t.equal(typesOf(`${'('.repeat(32)}y${')'.repeat(32)}`).length, 1);
  t.equal(typesOf('y'.repeat(255)).length, 255);
  t.equal(typesOf('ay'.repeat(40)).length, 40, 'beside each other there may be more');
  t.equal(typesOf('(y)'.repeat(40)).length, 40);
  const wrong: [string, string][] = [
    ['z', 'signature "z", character 1: no type'],
    ['ia', 'signature "ia", character 3: a type is missing'],
    ['()', 'signature "()", character 2: no type'],
    ['(i', 'signature "(i", character 3: ) is missing'],
    ['(', 'signature "(", character 2: a type is missing'],
    [')', 'signature ")", character 1: no type'],
    ['{sv}', 'signature "{sv}", character 1: no type'],
    ['a{vs}', 'signature "a{vs}", character 3: a key is of a basic type'],
    ['a{(i)s}', 'signature "a{(i)s}", character 3: a key is of a basic type'],
    ['a{s}', 'signature "a{s}", character 4: no type'],
    ['a{sss}', 'signature "a{sss}", character 5: } is missing'],
    ['a{', 'signature "a{", character 3: a key is of a basic type'],
    ['r', 'signature "r", character 1: no type'],
    ['\u00e9', 'signature "\u00e9", character 1: no type'],
    ['constructor', 'signature "constructor", character 1: no type'],
    [`${'a'.repeat(33)}y`, `signature "${'a'.repeat(33)}y", character 33: more than 32 arrays in each other`],
  ];
  for (const [signature, message] of wrong) t.throws(() => typesOf(signature), { code: 'E_DBUS', message });
  t.throws(() => typesOf('y'.repeat(256)), { message: /character 256: it has more than 255 characters$/ });
  t.throws(() => typesOf(`${'('.repeat(33)}y${')'.repeat(33)}`), { message: /more than 32 structs/ });
  for (const signature of ['', 'ii']) t.throws(() => typeOf(signature), { message: /is not one complete type/ });
});

t.test('names', async (t) => {
  const check = (is: (name: string) => boolean, good: string[], bad: string[]): void => {
    for (const name of good) t.ok(is(name), name);
    for (const name of bad) t.notOk(is(name), name);
  };
  const long = 'x'.repeat(256);
  check(isObjectPath, ['/', '/a', '/a/_9/B'], ['', 'a', '//', '/a/', '/a//b', '/a-b', '/\u00e9', '/a\n']);
  check(isInterface, ['a.b', '_a.B9.c'], ['', 'a', '.a', 'a.', 'a..b', 'a.9', 'a-b.c', `a.${long}`, 'a.b\n']);
  check(isMember, ['a', '_A9'], ['', '9', 'a.b', 'a-b', long]);
  check(isBusName, ['a.b', 'a-b.c-9', ':1.5', ':a'.concat('.1')], ['', 'a', ':1', '1.5', 'a..b', ':.1', `a.${long}`]);
});

t.test('UTF-8 is that of the platform', async (t) => {
  const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const expected = (bytes: Uint8Array): string | undefined => {
    try {
      return bytes.includes(0) ? undefined : strict.decode(bytes);
    } catch {
      return undefined;
    }
  };
  const odd = fc.constantFrom(0xc0, 0xc2, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0x41);
  const check = (bytes: Uint8Array | number[]): boolean =>
    textOf(Uint8Array.from(bytes)) === expected(Uint8Array.from(bytes));
  fc.assert(fc.property(fc.array(odd, { maxLength: 8 }), check), { numRuns: runs });
  fc.assert(fc.property(fc.uint8Array({ maxLength: 5 }), check), { numRuns: runs });
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      if (text.includes('\0')) return true;
      const bytes = Uint8Array.from(utf8(text));
      return hex(bytes) === hex(new TextEncoder().encode(text)) && textOf(bytes) === text;
    }),
    { numRuns: runs },
  );
  const long = '\u00e9x\u{1f600}'.repeat(5000);
  t.equal(textOf(new TextEncoder().encode(long)), long);
  t.throws(() => utf8('a\0'), { code: 'E_DBUS' });
  for (const text of ['\ud800', 'a\udc00b', '\udc00\ud800']) t.throws(() => utf8(text), { code: 'E_DBUS' }, text);
});

t.test('a value that does not fit its type', async (t) => {
  const wrong: [string, unknown][] = [
    ['i', 1.5],
    ['i', '1'],
    ['t', 2 ** 53],
    ['b', 1],
    ['d', 1n],
    ['d', '1'],
    ['s', 1],
    ['s', null],
    ['s', undefined],
    ['o', 'a'],
    ['g', 'z'],
    ['v', 'x'],
    ['v', null],
    ['a(i)', [null]],
    ['v', { signature: 'ii', value: 1 }],
    ['ai', 1],
    ['ai', Uint8Array.of(1)],
    ['(ii)', [1]],
    ['(ii)', [1, 2, 3]],
    ['a{si}', [['a']]],
  ];
  for (const [code, [least, greatest]] of Object.entries(ranges)) {
    for (const value of [least, greatest]) t.same(decoded(code, encoded(code, [value])).map(BigInt as never), [value]);
    wrong.push([code, least - 1n], [code, greatest + 1n]);
  }
  for (const [signature, value] of wrong)
    t.throws(() => encoded(signature, [value as Value]), { code: 'E_DBUS' }, `${signature} ${String(value)}`);
  t.throws(() => encoded('y', [256]), {
    message: 'D-Bus type y: there is 256 (number), expected is a whole number from 0 to 255',
  });
});

const { letrec, constant, tuple, oneof, array } = fc;
const basic = [...'ybnqiuxtdsogh'];
const { type: anySignature } = letrec<{ type: string }>((tie) => ({
  type: oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(...basic, 'v'),
    tie('type').map((type) => `a${type}`),
    tuple(fc.constantFrom(...basic), tie('type')).map(([key, value]) => `a{${key}${value}}`),
    array(tie('type'), { minLength: 1, maxLength: 4 }).map((types) => `(${types.join('')})`),
  ),
}));
const shortSignature = anySignature.filter((text) => text.length < 200);

const path = fc.array(fc.stringMatching(/^[A-Za-z0-9_]{1,4}$/), { maxLength: 3 }).map((parts) => `/${parts.join('/')}`);
const text = fc.string({ unit: 'binary', maxLength: 10 }).map((string) => string.replaceAll('\0', ''));

/** Values of a type, as they are read. */
function valuesOf({ code, parts }: Type): fc.Arbitrary<Value> {
  const [least, greatest] = ranges[code] ?? [0n, 0n];
  if (code === 'x' || code === 't') return fc.bigInt({ min: least, max: greatest });
  if (code in ranges) return fc.integer({ min: Number(least), max: Number(greatest) });
  if (code === 'y') return fc.nat(255);
  if (code === 'b') return fc.boolean();
  if (code === 'd') return fc.double({ noNaN: true });
  if (code === 's') return text;
  if (code === 'o') return path;
  if (code === 'g') return shortSignature;
  if (code === 'v') return fc.constantFrom('i', 'as', '(yt)', 'v').chain((signature) => variantOf(signature));
  if (code === '(' || code === '{') return tuple(...parts.map(valuesOf));
  const [element] = parts as [Type];
  return element.code === 'y' ? fc.uint8Array({ maxLength: 5 }) : array(valuesOf(element), { maxLength: 3 });
}

const variantOf = (signature: string): fc.Arbitrary<Value> =>
  signature === 'v'
    ? constant({ signature: 'v', value: { signature: 'y', value: 1 } })
    : valuesOf(typeOf(signature)).map((value) => ({ signature, value }));

const typed = shortSignature.chain((signature) => tuple(constant(signature), valuesOf(typeOf(signature))));

t.test('what is written is read', async (t) => {
  fc.assert(
    fc.property(typed, fc.boolean(), fc.nat(9), ([signature, value], little, before) => {
      const bytes = encoded(signature, [value], little, before);
      assert.deepEqual(decoded(signature, bytes, little, before), [value]);
    }),
    { numRuns: runs },
  );
  t.pass();
});

const optional = { requiredKeys: [] as [] };
const header = fc.record(
  {
    path: path,
    interface: constant('a.b'),
    member: constant('M'),
    errorName: constant('e.E'),
    replySerial: fc.integer({ min: 1, max: 0xffffffff }),
    destination: constant(':1.2'),
    sender: constant('a.b-c'),
    unixFds: fc.nat(),
  },
  optional,
);
const needs: Message[] = [
  { ...call, type: 1 },
  { ...call, type: 2, replySerial: 1 },
  { ...call, type: 3, replySerial: 1, errorName: 'a.b' },
  { ...call, type: 4 },
];
const messages = tuple(fc.constantFrom(...needs), header, typed, fc.boolean(), fc.nat(255)).map(
  ([base, more, [signature, value], little, flags]): [Message, Uint8Array] => {
    const message = { ...base, ...more, flags, signature, body: [value] };
    return [message, encodeMessage(message, little)];
  },
);

t.test('messages that are written are read', async (t) => {
  fc.assert(
    fc.property(messages, ([message, bytes]) => {
      assert.deepEqual(decodeMessage(bytes), message);
      assert.equal(messageLength(bytes), bytes.length);
      assert.equal(messageLength(bytes.subarray(0, 15)), undefined);
    }),
    { numRuns: runs / 4 },
  );
  t.pass();
});

/** Read it; where that works, it is what we would write: there is one way to write a value. */
function readAnyhow(signature: string, bytes: Uint8Array, little: boolean): void {
  const reader = new Reader(bytes, little);
  let values: Value[];
  try {
    values = typesOf(signature).map((type) => get(reader, type));
  } catch (error) {
    if (error instanceof OcirunError && error.code === 'E_DBUS') return;
    throw error;
  }
  if (/d/.test(signature) || /v/.test(signature)) return;
  assert.equal(hex(encoded(signature, values, little)), hex(bytes.subarray(0, reader.at)), signature);
}

const small = fc.array(fc.constantFrom(0, 0, 0, 1, 2, 4, 0x61, 0x73, 0x76, 0x2f, 0xff), { maxLength: 60 });

t.test('any bytes are a value or an error', async (t) => {
  const check = (signature: string, bytes: number[] | Uint8Array, little: boolean): void =>
    readAnyhow(signature, Uint8Array.from(bytes), little);
  fc.assert(fc.property(shortSignature, fc.uint8Array({ maxLength: 100 }), fc.boolean(), check), { numRuns: runs });
  fc.assert(fc.property(shortSignature, small, fc.boolean(), check), { numRuns: runs });
  t.pass();
});

t.test('any message with some bytes changed, or cut off, is a message or an error', async (t) => {
  const change = tuple(fc.nat(400), fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 0xff)));
  fc.assert(
    fc.property(messages, array(change, { minLength: 1, maxLength: 3 }), fc.nat(500), ([, bytes], changes, length) => {
      const wrong = Uint8Array.from(bytes);
      for (const [at, value] of changes) wrong[at % wrong.length] = value;
      for (const input of [wrong, bytes.subarray(0, length), wrong.subarray(0, length)])
        try {
          decodeMessage(input);
        } catch (error) {
          if (!(error instanceof OcirunError && error.code === 'E_DBUS')) throw error;
        }
    }),
    { numRuns: runs },
  );
  t.pass();
});

/** Bytes that are refused, with why. */
const refused: [string, string, RegExp][] = [
  ['b', '02000000', /^byte 4: a boolean is 0 or 1: 2$/],
  ['u', '010000', /^byte 0: there are 3 bytes where 4 should be$/],
  ['yu', '01000100 01000000', /the padding is not zero: 1/],
  ['s', '01000000 61', /there are 0 bytes where 1 should be/],
  ['s', '01000000 6101', /there is no NUL behind a string/],
  ['s', '03000000 610062 00', /not UTF-8, or has a NUL/],
  ['s', '01000000 ff 00', /not UTF-8, or has a NUL/],
  ['s', 'ffffffff 61', /there are 1 bytes where 4294967295 should be/],
  ['o', '01000000 61 00', /no path of an object: "a"/],
  ['g', '01 7a 00', /signature "z"/],
  ['g', 'ff 7a 00', /where 255 should be/],
  ['v', '00 00', /signature "" is not one complete type/],
  ['v', '02 6969 00 00000000 00000000', /is not one complete type/],
  ['ay', '01000004', /an array of 67108865 bytes, at most 67108864 are allowed/],
  ['ai', '06000000 01000000 0000', /there are 2 bytes where 4 should be/],
  ['a(yy)', '01000000 00000000 01', /there are 0 bytes where 1 should be/],
  ['aai', '04000000 04000000 01000000', /there are 0 bytes where 4 should be/],
];

t.test('bytes that are refused', async (t) => {
  for (const [signature, bytes, message] of refused)
    t.throws(() => decoded(signature, unhex(bytes)), { code: 'E_DBUS', message }, `${signature} ${bytes}`);
});

t.test('limits', async (t) => {
  const nested = (depth: number): Value =>
    depth === 0 ? 1 : { signature: depth === 1 ? 'y' : 'v', value: nested(depth - 1) };
  const deep = encoded('v', [nested(limits.depth)]);
  t.same(decoded('v', deep), [nested(limits.depth)]);
  t.throws(() => encoded('v', [nested(limits.depth + 1)]), { message: /at most 64 containers deep/ });
  const deeper = Uint8Array.from([1, 0x76, 0, ...deep]);
  t.throws(() => decoded('v', deeper), { message: /more than 64 containers in each other/ });
  const most = new Uint8Array(limits.array);
  t.equal(encoded('ay', [most]).length, limits.array + 4);
  t.throws(() => encoded('ay', [new Uint8Array(limits.array + 1)]), { message: /at most 67108864 bytes/ });
  t.throws(() => encoded('ayayay', [most, most, most]), { message: /at most 134217728 bytes/ });
});

t.test('headers that are refused', async (t) => {
  const bytes = encodeMessage({ ...call, replySerial: 1, signature: 'u', body: [7] });
  const changed = (at: number, ...values: number[]): Uint8Array => {
    const copy = Uint8Array.from(bytes);
    copy.set(values, at);
    return copy;
  };
  const find = (...sequence: number[]): number => Buffer.from(bytes).indexOf(Buffer.from(sequence));
  const wrong: [Uint8Array, RegExp][] = [
    [changed(0, 0x4c), /no message begins with the byte 76/],
    [changed(0, 0x42), /a message of .* bytes is too long/],
    [changed(1, 0), /invalid type 0/],
    [changed(3, 0), /protocol version 0/],
    [changed(4, 8), /a message of \d+ bytes in \d+/],
    [changed(8, 0, 0, 0, 0), /the serial number is 0/],
    [changed(find(1, 1, 0x6f), 0), /a field of the header with the number 0/],
    [changed(find(1, 1, 0x6f), 11), /a message of type 1 lacks its path/],
    [changed(find(1, 1, 0x6f), 3), /the member is of type o/],
    [changed(find(3, 1, 0x73), 2), /there are two of interface/],
    [changed(find(5, 1, 0x75) + 4, 0), /no replySerial on D-Bus: 0/],
    [changed(find(8, 1, 0x67) + 5, 0x79), /the body is longer than its signature says/],
    [changed(find(8, 1, 0x67), 12), /the body is longer than its signature says/],
    [changed(find(0x2f, 0x61), 0x61), /no path of an object/],
    [bytes.subarray(0, bytes.length - 1), /a message of/],
  ];
  for (const [input, message] of wrong) t.throws(() => decodeMessage(input), { code: 'E_DBUS', message });
  const before = bytes.length - 4;
  const most = limits.message - before;
  const [low, high] = [most & 0xff, most >> 24];
  const length = (last: number): number | undefined =>
    messageLength(changed(4, last, (most >> 8) & 0xff, (most >> 16) & 0xff, high));
  t.equal(length(low), limits.message);
  t.throws(() => length(low + 1), { message: 'a message of 134217729 bytes is too long' });
  t.match(decodeMessage(changed(1, 9)), { type: 9 }, 'types that are not known are read');
  t.match(decodeMessage(changed(find(5, 1, 0x75), 200)), { path: '/a/b' }, 'fields that are not known, too');
});

t.test('messages that cannot be written', async (t) => {
  const { path: _path, ...pathless } = call;
  const wrong: [Message, string][] = [
    [pathless, 'a message of type 1 lacks its path'],
    [{ ...call, type: 2 }, 'a message of type 2 lacks its replySerial'],
    [{ ...call, interface: 'x' }, 'no interface on D-Bus: "x"'],
    [{ ...call, member: 'a.b' }, 'no member on D-Bus: "a.b"'],
    [{ ...call, destination: 'x' }, 'no destination on D-Bus: "x"'],
    [{ ...call, path: 'x' }, 'no path on D-Bus: "x"'],
    [{ ...call, body: [1] }, 'the body is not of the signature ""'],
    [{ ...call, signature: 'uu', body: [1] }, 'the body is not of the signature "uu"'],
  ];
  for (const [message, text] of wrong) t.throws(() => encodeMessage(message), { code: 'E_DBUS', message: text });
});

t.test('addresses', async (t) => {
  const good: [string, string[]][] = [
    ['unix:path=/run/user/0/bus', ['/run/user/0/bus']],
    ['unix:abstract=/tmp/dbus-x,guid=00', ['@/tmp/dbus-x']],
    ['unix:guid=1,path=/a%20b%2cc%c3%a9%25', ['/a b,c\u00e9%']],
    ['tcp:host=a,port=1;unix:path=/x;unix:tmpdir=/tmp;unix:abstract=y;', ['/x', '@y']],
    ['unix:constructor=1,path=/x', ['/x']],
  ];
  for (const [address, sockets] of good) t.same(socketsOf(address), sockets, address);
  const bad: [string, RegExp][] = [
    ['', /the D-Bus address "" names no Unix socket; expected is one as in unix:path=/],
    ['tcp:host=a', /names no Unix socket/],
    ['unix:', /names no Unix socket/],
    ['/run/bus', /the D-Bus address "\/run\/bus": there is no transport before a colon/],
    ['unix:path', /"path" is no KEY=VALUE/],
    ['unix:=x', /"=x" is no KEY=VALUE/],
    ['unix:path=/a,path=/b', /path is there twice/],
    ['unix:path=/a,abstract=b', /both a path and an abstract name/],
    ['unix:path=a', /the path is not absolute/],
    ['unix:path=@a', /the path is not absolute/],
    ['unix:path=/%2', /two hexadecimal digits have to come after %/],
    ['unix:path=/%zz', /two hexadecimal digits have to come after %/],
    ['unix:path=/%ff', /%ff is not UTF-8/],
    ['unix:path=/a%00', /%00 is not UTF-8/],
  ];
  for (const [address, message] of bad) t.throws(() => socketsOf(address), { code: 'E_DBUS', message }, address);
});
