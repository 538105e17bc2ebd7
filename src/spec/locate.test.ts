import t from 'tap';
import { locate, placeOf } from './locate.ts';

const text = `{
  "process": {
    "cwd": "/"
  },
  "mounts": [
    { "destination": "/proc" },
    { "destination": "/dev", "options": ["a", "b"] }
  ],
  "annotations": { "a/b": "1", "c~d": "2", "": "3" }
}
`;

const rows: readonly [pointer: string, line: number, column: number][] = [
  ['', 1, 1],
  ['/process', 2, 14],
  ['/process/cwd', 3, 12],
  ['/mounts/0', 6, 5],
  ['/mounts/1/options/1', 7, 47],
  ['/annotations/a~1b', 9, 27],
  ['/annotations/c~0d', 9, 39],
  ['/annotations/', 9, 48],
  // What is missing is looked for where it belongs.
  ['/process/args', 2, 14],
  ['/mounts/7/destination', 5, 13],
  ['/linux', 1, 1],
];

t.test('a pointer has a line and a column', async (t) => {
  for (const [pointer, line, column] of rows) t.same(locate(text, pointer), { line, column }, pointer);
});

t.test('nothing is found in what is not JSON', async (t) => {
  t.equal(locate('{', '/a'), undefined);
});

t.test('offsets become places', async (t) => {
  t.same(placeOf('ab\ncd', 0), { line: 1, column: 1 });
  t.same(placeOf('ab\ncd', 2), { line: 1, column: 3 });
  t.same(placeOf('ab\ncd', 4), { line: 2, column: 2 });
});
