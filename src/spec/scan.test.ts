import fc from 'fast-check';
import t from 'tap';
import { type JsonNode, scan } from './scan.ts';

const faultOf = (text: string): [number, string] | undefined => {
  const scanned = scan(text);
  return 'fault' in scanned ? [scanned.fault.offset, scanned.fault.message] : undefined;
};

/** The value that the scanner saw, from the texts of its leaves. */
function valueOf(text: string, node: JsonNode): unknown {
  const { start, end, children } = node;
  if (!children) return JSON.parse(text.slice(start, end));
  const members = [...children].map(([name, child]) => [name, valueOf(text, child)] as const);
  if (text[start] === '[') return members.map(([, value]) => value);
  return Object.fromEntries(members);
}

t.test('every JSON text is taken, and everything is found in it', async (t) => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.integer({ min: 0, max: 4 }), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      const scanned = scan(` ${text}\n`);
      if ('fault' in scanned) throw new Error(scanned.fault.message);
      t.strictSame(valueOf(` ${text}`, scanned.root), JSON.parse(text));
    }),
  );
});

t.test('a text is taken if and only if JSON.parse takes it', async (t) => {
  const piece = fc.constantFrom(
    ...[
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"a"',
      '"',
      '1',
      '-',
      '01',
      '1.',
      '1e5',
      'true',
      'nul',
      ' ',
      '\n',
      '\\',
      '\t',
      "'",
    ],
  );
  const parses = (text: string): boolean => {
    try {
      JSON.parse(text);
      return true;
    } catch {
      return false;
    }
  };
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const text = pieces.join('');
      t.equal('root' in scan(text), parses(text), text);
    }),
    { numRuns: 2000 },
  );
});

const faults: readonly [text: string, offset: number, message: RegExp][] = [
  ['', 0, /^the file ends before there is a value$/],
  ['  ', 2, /^the file ends before there is a value$/],
  ['{"a": 1', 7, /^the file ends inside the object that begins in line 1; was it cut off\?$/],
  ['{\n"a": [1,', 10, /^the file ends inside the array that begins in line 2; was it cut off\?$/],
  ['{"a": "tex', 6, /^the file ends inside a string; was it cut off\?$/],
  ['{]', 1, /^expected a property name in double quotes or '}'$/],
  ['[}', 1, /^expected a value or '\]'$/],
  ['{"a" 1}', 5, /^expected ':' after the property name$/],
  ['{"a": 1 "b": 2}', 8, /^expected ',' or '}'$/],
  ['[1 2]', 3, /^expected ',' or '\]'$/],
  ['{"a": 1,}', 8, /^expected a property name in double quotes: JSON has no comma after the last one$/],
  ['[1,]', 3, /^expected a value: JSON has no comma after the last one$/],
  ['{"a": }', 6, /^expected a value$/],
  ['{"a": ,}', 6, /^expected a value$/],
  ['{a: 1}', 1, /^expected a property name/],
  ["{'a': 1}", 1, /^JSON has strings in double quotes only$/],
  ['{ // why\n}', 2, /^JSON has no comments$/],
  ['{} {}', 3, /^there is something after the end of the document$/],
  ['{} x', 3, /^expected the end of the file$/],
  ['["a\nb"]', 1, /^the string does not end in its line$/],
  ['["a\tb"]', 1, /^the string has a control character \(9\) that must be escaped$/],
  ['["\\x"]', 1, /^the string has an escape that JSON does not know: \\x$/],
  ['{"a": "b\0"}', 6, /^the string has a control character \(0\) that must be escaped$/],
  ['{"a": \0}', 6, /^the file has a NUL byte \(0\)$/],
  ['\0\0\0\0', 0, /^the file has a NUL byte \(0\)$/],
  [[...'{"a": 1}'].join('\0') + '\0', 1, /^the file is UTF-16, and has to be UTF-8$/],
  ['\0' + [...'{"a": 1}'].join('\0'), 0, /^the file is UTF-16, and has to be UTF-8$/],
  ['[1, 2] ]', 7, /^there is something after/],
  ['[tru]', 1, /^expected a value or '\]', not tru: JSON has the words true, false and null/],
  ['[01]', 2, /^JSON has numbers in decimal, without leading zeros$/],
  ['{"a": 0x10}', 7, /^JSON has numbers in decimal, without leading zeros$/],
  ['[10 0]', 4, /^expected ',' or '\]'$/],
  ['{"a":1]', 6, /^expected ',' or '}'$/],
];

t.test('what is wrong is told, and where', async (t) => {
  for (const [text, offset, message] of faults) {
    const fault = faultOf(text);
    t.equal(fault?.[0], offset, text);
    t.match(fault?.[1], message, text);
  }
});

t.test('a text may be nested, but not at will', async (t) => {
  t.equal(faultOf('['.repeat(1000) + ']'.repeat(1000)), undefined);
  t.equal(faultOf('['.repeat(40_000) + ']'.repeat(40_000)), undefined);
  t.same(faultOf('['.repeat(100_000)), [1000, 'nested deeper than 1000 levels']);
});

t.test('of several members of one name the last counts', async (t) => {
  const text = '{"a": 1, "a": {"b": 2}}';
  const scanned = scan(text);
  t.ok('root' in scanned && scanned.root.children?.get('a')?.children?.has('b'));
});

t.test('names that an object has twice are told, in objects too that no longer count', async (t) => {
  const text = '{"a": {"b": 1, "b": 2}, "c": [{}, {"~/": 0, "x": 1, "~/": 1, "~/": 2}], "a": 3}';
  const scanned = scan(text);
  if ('fault' in scanned) throw new Error(scanned.fault.message);
  t.same(
    scanned.duplicates.map(({ pointer, key, before }) => [pointer, key, before]),
    [
      ['/a/b', 15, 7],
      ['/c/1/~0~1', 52, 35],
      ['/c/1/~0~1', 61, 52],
      ['/a', 72, 1],
    ],
  );
});

t.test('a member knows where its name is, an item has none', async (t) => {
  const scanned = scan('[{ "a": 1 }]');
  const object = 'root' in scanned ? scanned.root.children?.get('0') : undefined;
  t.equal(object?.key, undefined);
  t.equal(object?.children?.get('a')?.key, 3);
});
