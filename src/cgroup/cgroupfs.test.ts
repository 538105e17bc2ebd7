import t from 'tap';
import type { Native } from '../sys/native.ts';

/** The directories that are there, what was asked for, and what happens before it. */
let there = new Set<string>();
let asked: string[] = [];
let before: (call: string) => void = () => undefined;

const failure = (syscall: string, code: string): Error =>
  Object.assign(new Error(`${syscall}: No good`), { errno: 1, code, syscall });

const parent = (path: string): string => path.slice(0, path.lastIndexOf('/'));

function call(name: string, path: string): void {
  asked.push(`${name} ${path}`);
  before(`${name} ${path}`);
}

globalThis.ocirunNative = {
  mkdirat: (_: number, path: string) => {
    call('mkdir', path);
    if (there.has(path)) throw failure('mkdirat', 'EEXIST');
    if (!there.has(parent(path))) throw failure('mkdirat', 'ENOENT');
    there.add(path);
  },
  unlinkat: (_: number, path: string) => {
    call('rmdir', path);
    if (!there.has(path)) throw failure('unlinkat', 'ENOENT');
    if ([...there].some((other) => parent(other) === path)) throw failure('unlinkat', 'EBUSY');
    there.delete(path);
  },
} as unknown as Native;

const { makeCgroup, removeLevels } = await import('./cgroupfs.ts');

const make = (directory: string, ...exist: string[]): string[] => {
  there = new Set(['/cg', ...exist]);
  asked = [];
  return makeCgroup('/cg', { directory, owned: true });
};

t.beforeEach(() => (before = () => undefined));

t.test('where the cgroup above is there, one call is enough', async (t) => {
  t.same(make('/cg/a/b', '/cg/a'), []);
  t.same(asked, ['mkdir /cg/a/b']);
});

t.test('those that are made above are told', async (t) => {
  t.same(make('/cg/a/b/c', '/cg/a'), ['/cg/a/b']);
  t.same(make('/cg/a/b/c'), ['/cg/a', '/cg/a/b']);
  removeLevels(['/cg/a', '/cg/a/b']);
  t.ok(there.has('/cg/a/b'), 'not while somebody is in it');
  there.delete('/cg/a/b/c');
  removeLevels(['/cg/a', '/cg/a/b']);
  t.same([...there], ['/cg']);
});

t.test('what fails leaves nothing', async (t) => {
  before = (what) => {
    if (what === 'mkdir /cg/a/b' && there.has('/cg/a')) throw failure('mkdirat', 'EAGAIN');
  };
  t.throws(() => make('/cg/a/b'), { code: 'E_CGROUP', message: 'create cgroup /cg/a/b: no good' });
  t.same([...there], ['/cg']);
});

t.test('one that is another container’s is not taken, nor is what is above it removed', async (t) => {
  before = (what) => {
    if (what === 'mkdir /cg/a/b' && there.has('/cg/a')) there.add('/cg/a/b');
  };
  t.throws(() => make('/cg/a/b'), { code: 'E_CGROUP', details: { errnoName: 'EEXIST' } });
  t.same([...there], ['/cg', '/cg/a', '/cg/a/b']);
});

t.test('what another removes above meanwhile is made again, but not for ever', async (t) => {
  let times = 0;
  before = (what) => {
    if (what === 'mkdir /cg/a/b' && (times += 1) < 3) there.delete('/cg/a');
  };
  t.same(make('/cg/a/b').at(-1), '/cg/a');
  t.ok(there.has('/cg/a/b'));
  before = (what) => {
    if (what === 'mkdir /cg/a/b') there.delete('/cg/a');
  };
  t.throws(() => make('/cg/a/b'), { code: 'E_CGROUP', details: { errnoName: 'ENOENT' } });
});
