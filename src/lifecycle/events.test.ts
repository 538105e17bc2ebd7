import t from 'tap';
import type { Log } from '../log.ts';
import type { Native } from '../sys/native.ts';

const failure = (syscall: string, code: string): Error =>
  Object.assign(new Error(`${syscall}: No good`), { errno: 2, code, syscall });

/** How many have been killed for memory, by how often that was asked for; then what happens in each wait. */
let kills: number[] = [];
let waits: ((milliseconds: number) => number)[] = [];
let told: string[] = [];
let open: string[] = [];

const record = { version: 1, id: 'c', cgroup: { directory: '/cg', owned: true } };

const files: Readonly<Record<string, () => string>> = {
  '/run/c/state.json': () => JSON.stringify(record),
  '/proc/7/stat': () => `7 (sh) S ${'0 '.repeat(18)}99 0\n`,
  '/proc/7/exe': () => '',
  '/cg/cgroup.events': () => 'populated 1\nfrozen 0\n',
  '/cg/memory.events': () => `oom_kill ${kills.length > 1 ? kills.shift() : kills[0]}\n`,
};

globalThis.ocirunNative = {
  open: (path: string) => {
    if (!(path in files)) throw failure('open', 'ENOENT');
    return open.push(path) - 1;
  },
  readText: (fd: number) => files[open[fd] ?? '']?.(),
  close: () => undefined,
  exists: (_: number, path: string) => path in files,
  readlinkat: () => '7 99',
  pidfdOpen: () => 1000,
  clock: () => [0, 0],
  poll: (_: number[], __: number[], milliseconds: number) => [waits.shift()?.(milliseconds) ?? 1],
  write: (_: number, text: string) => told.push(text),
} as unknown as Native;

const { follow } = await import('./events.ts');

const oom = '{"type":"oom","id":"c"}\n';

/** What is told where that many have been killed each time that one looks. */
function toldOf(...counts: number[]): string[] {
  [kills, told, open] = [counts, [], []];
  follow('/run', 'c', 3_600_000, { warn: (text: string) => told.push(text) } as unknown as Log);
  return told;
}

t.test('who is killed while one waits is told', async (t) => {
  waits = [() => 0];
  t.same(toldOf(0, 0, 1), [oom]);
  waits = [() => 0, () => 0];
  t.same(toldOf(3, 3, 3, 3, 4), [oom], 'what was before is not');
});

t.test('who is killed just before one waits is told at once', async (t) => {
  let before = 0;
  const wait = (): number => {
    before = told.length;
    return 1;
  };
  waits = [wait];
  t.same(toldOf(0, 1), [oom]);
  t.equal(before, 1);
});
