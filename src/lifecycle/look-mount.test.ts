import t from 'tap';
import type { Native } from '../sys/native.ts';

/** A machine with these paths: mode and owner, the content of a link, the text of a file, or the name of an error. */
type Machine = Readonly<Record<string, readonly [mode: number, uid: number, gid: number] | string>>;

const tree: Machine = {
  '/': [0o40755, 0, 0],
  '/a': [0o40750, 5, 6],
  '/a/file': [0o100644, 0, 0],
  '/a/way': '../b/./c',
  '/b': [0o40711, 0, 0],
  '/b/c': [0o40755, 1, 1],
  '/b/up': '../a/file/x',
  '/b/all': '/',
  '/loop': 'pool',
  '/pool': 'loop',
  '/shut': [0o40700, 0, 0],
  '/shut/x': 'EACCES',
};

const texts: Readonly<Record<string, string>> = {
  '/proc/self/mountinfo': [
    '1 0 0:1 / / rw - ext4 /dev/a rw',
    '2 1 0:2 / /b rw shared:1 - tmpfs x rw',
    '3 2 0:3 / /b/c rw unbindable - vfat y rw',
    '4 1 0:4 / /with\\040space rw - xfs z rw',
    '5 1 0:5 / /proc rw - proc proc rw',
    '6 5 0:6 / /proc/sys rw - tmpfs x ro',
    '7 5 0:6 / /proc/sys rw - tmpfs x ro',
    '',
  ].join('\n'),
  '/proc/filesystems': 'nodev\ttmpfs\n\text4\nnodev\tproc\n',
  '/proc/self/status': 'Name:\tx\nGroups:\t0 7 \n',
  '/proc/self/uid_map': '         0          0 4294967295\n',
  '/proc/sys/fs/mount-max': '100000\n',
};

const refused = (code: string, syscall: string): Error => Object.assign(new Error(code), { errno: 1, code, syscall });

const opened: string[] = [];

globalThis.ocirunNative = {
  statat: (_: number, path: string) => {
    const found = tree[path];
    if (found === undefined) throw refused('ENOENT', 'fstatat');
    if (typeof found === 'string' && /^E[A-Z]+$/.test(found)) throw refused(found, 'fstatat');
    return typeof found === 'string' ? [0o120777, 0, 0] : [...found];
  },
  readlinkat: (_: number, path: string) =>
    path.startsWith('/proc/self/fd/') ? (opened[Number(path.slice(14))] ?? '') : (tree[path] as string),
  open: (path: string) => {
    if (texts[path] === undefined && tree[path] === undefined) throw refused('ENOENT', 'open');
    return opened.push(path) - 1;
  },
  readText: (fd: number) => texts[opened[fd] ?? ''] ?? '',
  close: () => undefined,
  getids: () => [0, 1000, 0, 1001],
  capabilities: () => [1 << 21, 0],
} as unknown as Native;

const { mountHost } = await import('./look-mount.ts');
const host = mountHost();

t.test('where a path leads', async (t) => {
  t.match(host.look('/a/file'), { path: '/a/file', links: [], file: { path: '/a/file', mode: 0o100644 } });
  t.match(host.look('/a/way/x'), {
    links: [{ path: '/a/way', to: '../b/./c' }],
    stop: { errno: 'ENOENT', path: '/b/c/x' },
    parent: { path: '/b/c', uid: 1 },
  });
  t.equal(host.look('/a/way/x').file, undefined);
  t.match(host.look('/b/up'), { stop: { errno: 'ENOTDIR', path: '/a/file' }, file: { path: '/a/file' } });
  t.match(host.look('/b/all').file, { path: '/' });
  t.match(host.look('/b/all/a/file').file, { path: '/a/file' });
  t.match(host.look('/../../a/.').file, { path: '/a' });
  t.match(host.look('/shut/x/y'), { stop: { errno: 'EACCES', path: '/shut/x' }, parent: { path: '/shut' } });
  const loop = host.look('/loop');
  t.equal(loop.links.length, 40);
  t.equal(loop.stop?.errno, 'ELOOP');
});

t.test('what a path passes', async (t) => {
  const passed = (path: string): string[] => host.passed(path).map((directory) => directory.path);
  t.same(passed('/a/file'), ['/', '/a']);
  t.same(passed('/a/way/x'), ['/', '/a', '/', '/b', '/b', '/b/c']);
  t.same(passed('/b/all/a/file'), ['/', '/b', '/a']);
});

t.test('mounts', async (t) => {
  t.match(host.mountOf('/b/c'), { target: '/b/c', type: 'vfat', unbindable: true });
  t.match(host.mountOf('/b'), { target: '/b', type: 'tmpfs', unbindable: false });
  t.match(host.mountOf('/bb'), { target: '/', type: 'ext4' });
  t.match(host.mountOf('/with space/x'), { type: 'xfs' });
  t.same(host.mountsBelow('/proc'), ['/proc/sys']);
  t.same(host.types(), ['tmpfs', 'ext4', 'proc']);
});

t.test('this process', async (t) => {
  t.same(host.self, { uid: 1000, gid: 1001, groups: [0, 7] });
  t.ok(host.administers);
  t.notOk(host.nested);
  t.equal(host.line('/proc/sys/fs/mount-max'), '100000');
  t.equal(host.line('/no/such/file'), '');
});
