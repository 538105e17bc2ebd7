import fc from 'fast-check';
import t from 'tap';
import { OcirunError } from '../errors/error.ts';
import { parseVariant } from './gvariant.ts';
import type { Value } from './types.ts';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const v = (signature: string, value: Value): Value => ({ signature, value });

/** What godbus makes of these (its variant_test.go, and its code). */
const asGodbus: readonly (readonly [text: string, signature: string, value: Value])[] = [
  ['1', 'i', 1],
  ['"foo"', 's', 'foo'],
  ["'inactive-or-failed'", 's', 'inactive-or-failed'],
  ['true', 'b', true],
  ['boolean true', 'b', true],
  ['1.0', 'd', 1],
  ['@d 1', 'd', 1],
  ['1.', 'd', 1],
  ['2e3', 'd', 2000],
  ['@d -2.5e-1', 'd', -0.25],
  ['@d 010', 'd', 10],
  ['[1]', 'ai', [1]],
  ['[1, 2, 3]', 'ai', [1, 2, 3]],
  [' [ 1 , 2 ] ', 'ai', [1, 2]],
  ['@ai []', 'ai', []],
  ['@as []', 'as', []],
  ['@ay []', 'ay', bytes()],
  ['@ax [1, 2]', 'ax', [1n, 2n]],
  ['[uint64 1, 2]', 'at', [1n, 2n]],
  ['[1, uint64 2]', 'at', [1n, 2n]],
  ['[1, 5.0]', 'ad', [1, 5]],
  [
    '[[1, 2], [3, 4.0]]',
    'aad',
    [
      [1, 2],
      [3, 4],
    ],
  ],
  ['[@o "/org/foo", "/org/bar"]', 'ao', ['/org/foo', '/org/bar']],
  ['<1>', 'v', v('i', 1)],
  ['[<1>, <2.0>]', 'av', [v('i', 1), v('d', 2)]],
  ['[[], [""]]', 'aas', [[], ['']]],
  ['@a{ss} {}', 'a{ss}', []],
  ['{"foo": 1}', 'a{si}', [['foo', 1]]],
  ['@a{io} {1: "/org/foo"}', 'a{io}', [[1, '/org/foo']]],
  [
    '{"a": <1>, "b": <"foo">}',
    'a{sv}',
    [
      ['a', v('i', 1)],
      ['b', v('s', 'foo')],
    ],
  ],
  ["b''", 'ay', bytes(0)],
  ['b"abc"', 'ay', bytes(97, 98, 99, 0)],
  ['b"\\x01\\0002\\n"', 'ay', bytes(1, 2, 10, 0)],
  ['b"\\\\\\a\\b\\f\\r\\t\\q\\""', 'ay', bytes(92, 7, 8, 12, 13, 9, 113, 34, 0)],
  ['b"\u00e9"', 'ay', bytes(0xc3, 0xa9, 0)],
  ['[[0], b""]', 'aay', [bytes(0), bytes(0)]],
  ['int16 0', 'n', 0],
  ['byte 0', 'y', 0],
  ['byte 0377', 'y', 255],
  ['int32 -3', 'i', -3],
  ['int32 +3', 'i', 3],
  ['int32 -010', 'i', -10],
  ['uint16 65535', 'q', 65535],
  ['uint32 4294967295', 'u', 4294967295],
  ['int64 -9223372036854775808', 'x', -(2n ** 63n)],
  ['uint64 1', 't', 1n],
  ['uint64 18446744073709551615', 't', 2n ** 64n - 1n],
  ["objectpath '/a/b'", 'o', '/a/b'],
  ["signature 'a{sv}'", 'g', 'a{sv}'],
  ["string 'x'", 's', 'x'],
  ["'\\a\\b\\f\\n\\r\\t\\v\\'\\\"\\\\\\\n\\u00e9\\U0001f600'", 's', '\x07\b\f\n\r\tv\'"\\\u00e9\u{1f600}'],
  ["'\u{1f600}\\\u{1f600}'", 's', '\u{1f600}\u{1f600}'],
];

/** What godbus gets wrong or does not know, as GLib has it. */
const asGlib: readonly (readonly [text: string, signature: string, value: Value])[] = [
  ['false', 'b', false],
  ['[true, false]', 'ab', [true, false]],
  ['byte 0x1', 'y', 1],
  ['-0x10', 'i', -16],
  ['double 1.5', 'd', 1.5],
  ['.5', 'd', 0.5],
  ['1E3', 'd', 1000],
  ["[('a', 1)]", 'a(si)', [['a', 1]]],
  ["('a',)", '(s)', ['a']],
  ["@(sab) ('a', [])", '(sab)', ['a', []]],
  [
    "[('a', []), ('b', [byte 1])]",
    'a(say)',
    [
      ['a', bytes()],
      ['b', bytes(1)],
    ],
  ],
  ['@as[]', 'as', []],
  ['@a{sv}{}', 'a{sv}', []],
  ['handle 1', 'h', 1],
  ['b"\\101\\7x"', 'ay', bytes(65, 7, 120, 0)],
  ['<<1>>', 'v', v('v', v('i', 1))],
];

for (const [name, table] of Object.entries({ asGodbus, asGlib }))
  t.test(name, async (t) => {
    for (const [text, signature, value] of table) t.same(parseVariant(text), { signature, value }, text);
  });

/** Texts that are refused, with the place. */
const refused: readonly (readonly [text: string, message: string])[] = [
  ['', 'character 1: the end where a value should be'],
  ['  ', 'character 3: the end where a value should be'],
  ['inactive', 'character 1: "inactive" where a value should be'],
  ['uint64', 'character 7: the end where a value should be'],
  ['uint65 1', 'character 1: "uint65" where a value should be'],
  ['uint64 1 2', 'character 10: "2" behind the value'],
  ["'a' 'b'", 'character 5: "\'" behind the value'],
  ["'abc", 'character 1: the string has no end'],
  ["'abc\\'", 'character 1: the string has no end'],
  ["b'abc", 'character 2: the string has no end'],
  ["'ab\\u12'", 'character 5: \\u is followed by 4 hexadecimal digits of a character'],
  ["'\\U00110000'", 'character 3: \\U is followed by 8 hexadecimal digits of a character'],
  ["'a\\u0000'", 'character 4: a character that no string on D-Bus has'],
  ["'\\ud800'", 'character 3: a character that no string on D-Bus has'],
  ["b'\\xg0'", 'character 4: \\x is followed by two hexadecimal digits'],
  ['12abc', 'character 1: "12abc" where a value should be'],
  ['089', 'character 1: 089 is no number of type i'],
  ['4294967296', 'character 1: 4294967296 is no number of type i'],
  ['byte 256', 'character 6: 256 is no number of type y'],
  ['uint64 -1', 'character 8: -1 is no number of type t'],
  ['uint64 1.5', 'character 1: uint64 1.5 is no value of that type'],
  ['1e999', 'character 1: 1e999 is no number of type d'],
  ['uint64 uint64 1', 'character 1: there is a type already'],
  ["uint64 '1'", "character 1: uint64 '1' is no value of that type"],
  ['@z 1', 'character 2: no type of D-Bus: "z"'],
  ['@ 1', 'character 2: no type of D-Bus: " "'],
  ['@ms nothing', 'character 2: no type of D-Bus: "ms"'],
  ['nothing', 'character 1: "nothing" where a value should be'],
  ['[1, "a"]', 'character 5: "a" is of another type than what is before it'],
  ['[1, 2', 'character 6: the end where ] should be'],
  ['[1,]', 'character 4: "]" where a value should be'],
  ['[]', 'character 1: nothing tells of which type this is: write @ and its type before'],
  ['<[]>', 'character 2: nothing tells of which type this is: write @ and its type before'],
  ['{}', 'character 1: nothing tells of which type this is: write @ and its type before'],
  ['{1}', 'character 3: "}" where : should be'],
  ['{[1]: 2}', 'character 1: there is no such type: a{aii}'],
  ['()', 'character 1: D-Bus has no empty struct'],
  ['(1 2)', 'character 4: "2" where ) should be'],
  ["objectpath 'a'", 'character 12: "a" is no path of an object'],
  ["signature 'z'", 'character 11: "z" is no signature'],
  ['[objectpath "/a", "b"]', 'character 19: "b" is no path of an object'],
  ['['.repeat(65), 'character 65: more than 64 containers in each other'],
  [`${'['.repeat(40)}1${']'.repeat(40)}`, `character 1: there is no such type: ${'a'.repeat(40)}i`],
];

t.test('refused', async (t) => {
  for (const [text, message] of refused) t.throws(() => parseVariant(text), { code: 'E_DBUS', message }, text);
});

const runs = process.env['OCIRUN_TEST_FULL'] === '1' ? 20_000 : 1000;

t.test('any text is a value or an error', async (t) => {
  const piece = fc.constantFrom(
    ...'[]{}()<>,:\'"\\@ 019.-+eExbuaystv/\n',
    'uint64 ',
    '@as ',
    'true',
    'b"',
    '\\x41',
    '\ud800',
  );
  const check = (text: string): void => {
    try {
      parseVariant(text);
    } catch (error) {
      if (!(error instanceof OcirunError)) throw error;
    }
  };
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => check(pieces.join(''))),
    { numRuns: runs },
  );
  fc.assert(fc.property(fc.string({ unit: 'binary' }), check), { numRuns: runs });
  t.pass();
});
