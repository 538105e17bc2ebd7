import t, { type Test } from 'tap';
import type { Native } from '../sys/native.ts';

/** A cgroup in memory: its files, what is below, and whether it has been removed. */
interface Cgroup {
  readonly files: Readonly<Record<string, string>>;
  readonly below: Map<string, Cgroup>;
  above?: Cgroup;
  gone?: boolean;
  /** Whether something is mounted on it. */
  covered?: boolean;
}

const failure = (syscall: string, code: string): Error =>
  Object.assign(new Error(`${syscall}: No good`), { errno: 1, code, syscall });

let root: Cgroup;
let open: (Cgroup | string | undefined)[] = [];
let isOpen = 0;
/** The descriptor of the directory that the cgroup is in. */
let slash = -1;
let most = 0;
let before: (call: string) => void = () => undefined;

const opened = (what: Cgroup | string): number => {
  const fd = open.push(what) - 1;
  most = Math.max(most, (isOpen += 1));
  return fd;
};

const cgroupOf = (fd: number): Cgroup => {
  const found = open[fd];
  if (typeof found !== 'object') throw failure('openat', 'EBADF');
  return found;
};

function openat(fd: number, name: string): number {
  before(`open ${name}`);
  const cgroup = cgroupOf(fd);
  const text = cgroup.files[name];
  if (text === 'threaded') throw failure('openat', 'EOPNOTSUPP');
  const found = name === '..' ? cgroup.above : (cgroup.below.get(name) ?? text);
  if (found === undefined || cgroup.gone) throw failure('openat', 'ENOENT');
  return opened(found);
}

/** RESOLVE_NO_XDEV and RESOLVE_NO_SYMLINKS */
const within = 0x1 | 0x4;

function openat2(fd: number, name: string, resolve: number): number {
  const found = fd === slash ? (name === 'cg' && !root.gone ? root : undefined) : cgroupOf(fd).below.get(name);
  if (fd === slash && !found) throw failure('openat2', 'ENOENT');
  if (resolve !== within) throw failure('openat2', 'EINVAL');
  if (found?.covered) throw failure('openat2', 'EXDEV');
  return found === root ? opened(found) : openat(fd, name);
}

function unlinkat(fd: number, name: string): void {
  before(`rmdir ${name}`);
  const above = fd < 0 ? undefined : cgroupOf(fd);
  const cgroup = above ? above.below.get(name) : root;
  if (!cgroup || cgroup.gone) throw failure('unlinkat', 'ENOENT');
  if (cgroup.below.size > 0 || cgroup.files['cgroup.procs'] !== '') throw failure('unlinkat', 'EBUSY');
  above?.below.delete(name);
  cgroup.gone = true;
}

const threads: Readonly<Record<string, string>> = {
  '71': 'Name:\tsh\nTgid:\t7\n',
  '72': 'Tgid:\t7\n',
  '90': 'Tgid:\t9\n',
};

globalThis.ocirunNative = {
  open: (path: string) => {
    const [, thread] = /^\/proc\/(\d+)\/status$/.exec(path) ?? [];
    if (thread !== undefined && threads[thread] === undefined) throw failure('open', 'ENOENT');
    if (thread !== undefined) return opened(threads[thread] ?? '');
    if (path !== '/') throw failure('open', 'ENOENT');
    return (slash = opened('/'));
  },
  openat,
  openat2: (fd: number, name: string, _flags: number, _mode: number, resolve: number) => openat2(fd, name, resolve),
  unlinkat,
  listDirectory: (fd: number) => ['cgroup.procs', ...cgroupOf(fd).below.keys()],
  statat: (fd: number, name: string) => {
    before(`stat ${name}`);
    if (name === 'cgroup.procs') return [0o100644];
    if (!cgroupOf(fd).below.has(name)) throw failure('fstatat', 'ENOENT');
    return [0o40755];
  },
  readText: (fd: number) => open[fd],
  close: (fd: number) => {
    if (open[fd] === undefined) throw failure('close', 'EBADF');
    open[fd] = undefined;
    if (fd === slash) slash = -1;
    isOpen -= 1;
  },
} as unknown as Native;

const { processesOf, removeTree } = await import('./tree.ts');

type Shape = { readonly [name: string]: Shape };

/** A cgroup with these below it; processes by path, '' where there are none. */
function make(shape: Shape, processes: Readonly<Record<string, Readonly<Record<string, string>>>> = {}): void {
  const grow = (shape: Shape, path: string, above?: Cgroup): Cgroup => {
    const cgroup: Cgroup = {
      files: { 'cgroup.procs': '', ...processes[path] },
      below: new Map(),
      ...(above ? { above } : {}),
    };
    for (const [name, below] of Object.entries(shape)) cgroup.below.set(name, grow(below, `${path}/${name}`, cgroup));
    return cgroup;
  };
  root = grow(shape, '');
  open = [];
  [isOpen, most] = [0, 0];
  before = () => undefined;
}

const allClosed = (t: Pick<Test, 'equal'>): boolean => t.equal(isOpen, 0, 'every descriptor is closed');

const wide = { a: { x: {}, y: { z: {} } }, b: {}, c: { w: {} } };

t.test('a tree goes from below', async (t) => {
  for (const shape of [{}, { a: {} }, wide]) {
    make(shape);
    removeTree('/cg');
    t.ok(root.gone);
    allClosed(t);
  }
  removeTree('/cg');
  t.ok(root.gone, 'one that is not there is as one wants it');
});

t.test('however deep it is, one descriptor is enough', async (t) => {
  make({});
  let at = root;
  for (let depth = 0; depth < 100_000; depth += 1) {
    const below: Cgroup = { files: { 'cgroup.procs': depth === 99_999 ? '5\n' : '' }, below: new Map(), above: at };
    at.below.set('deep', below);
    at = below;
  }
  t.same(processesOf('/cg'), [5]);
  Object.assign(at.files, { 'cgroup.procs': '' });
  removeTree('/cg');
  t.ok(root.gone);
  t.ok(most <= 2, 'besides the one for the next');
});

t.test('who is in one of them keeps it', async (t) => {
  make(wide, { '/a/y/z': { 'cgroup.procs': '5\n' } });
  t.throws(() => removeTree('/cg'), { code: 'EBUSY' });
  t.notOk(root.gone);
  allClosed(t);
});

t.test('one that another removes at the same time is gone', async (t) => {
  for (const name of ['b', '/cg']) {
    make(wide);
    before = (what) => {
      if (what !== `rmdir ${name}`) return;
      if (name === '/cg') root.gone = true;
      else root.below.delete(name);
      // kernfs: found, and removed before it was its turn.
      throw failure('unlinkat', 'ENODEV');
    };
    removeTree('/cg');
    t.ok(root.gone, name);
    allClosed(t);
  }
});

t.test('what is mounted on one of them is left alone', async (t) => {
  for (const where of ['', '/a', '/a/y', '/a/y/z']) {
    make(wide);
    let at = root;
    for (const name of where.split('/').filter(Boolean)) at = at.below.get(name) ?? at;
    at.covered = true;
    const expected = { code: 'E_CGROUP', message: `something is mounted on cgroup /cg${where}` };
    t.throws(() => removeTree('/cg'), expected);
    t.throws(() => processesOf('/cg'), expected);
    t.notOk(at.gone);
    allClosed(t);
  }
});

t.test('what others remove meanwhile is passed over', async (t) => {
  for (const call of ['stat b', 'open b', 'open w', 'stat y']) {
    make(wide);
    before = (what) => {
      if (what !== call) return;
      const name = call.slice(-1);
      for (const cgroup of [root, ...root.below.values()]) {
        const found = cgroup.below.get(name);
        if (found) found.gone = cgroup.below.delete(name);
      }
    };
    removeTree('/cg');
    t.ok(root.gone, call);
    allClosed(t);
  }
});

const none = { 'cgroup.procs': '' };

t.test('the processes of a tree, each once', async (t) => {
  make(wide, { '': { 'cgroup.procs': '3\n0\n' }, '/a/y/z': { 'cgroup.procs': '5\n6\n' }, '/b': none });
  t.same(processesOf('/cg'), [3, 5, 6]);
  allClosed(t);
  const threaded = (threads: string) => ({ 'cgroup.procs': 'threaded', 'cgroup.threads': threads });
  make(wide, { '': { 'cgroup.procs': '7\n9\n' }, '/a': threaded('71\n90\n'), '/a/x': threaded('72\n') });
  t.same(processesOf('/cg'), [7, 9], 'those of threads are with the domain above');
  make(wide, { '': threaded('90\n'), '/a': threaded(''), '/a/x': threaded('71\n72\n73\n') });
  t.same(processesOf('/cg'), [9, 7], 'that domain is outside');
  allClosed(t);
});
