import t from 'tap';
import { parseDuration } from './duration.ts';

const rows: readonly [text: string, milliseconds: number | undefined][] = [
  ['5s', 5000],
  ['1m30s', 90_000],
  ['1.5h', 5_400_000],
  ['.5s', 500],
  ['1.s', 1000],
  ['100ms', 100],
  ['1500us', 1.5],
  ['1500µs', 1.5],
  ['2000000ns', 2],
  ['+3s', 3000],
  ['-3s', -3000],
  ['0', 0],
  ['0s', 0],
  ['-0', -0],
  ['1h2m3s4ms', 3_723_004],
  ['', undefined],
  ['5', undefined],
  ['s', undefined],
  ['.s', undefined],
  ['5S', undefined],
  ['5 s', undefined],
  ['5s ', undefined],
  [' 5s', undefined],
  ['5sx', undefined],
  ['x5s', undefined],
  ['5s5', undefined],
  ['1e3s', undefined],
  ['5d', undefined],
  ['--5s', undefined],
  ['5s\n', undefined],
];

t.test('durations are those of Go', async (t) => {
  for (const [text, milliseconds] of rows) t.equal(parseDuration(text), milliseconds === -0 ? 0 : milliseconds, text);
});
