import t from 'tap';
import { type Step, stepOf } from '../plan/steps.ts';
import { explainMount, findCause } from './explain-mount.ts';
import { findIdmapCause, findSourceCause } from './explain-source.ts';
import { type File, type Look, readFacts } from './facts.ts';
import type { MountFailure, MountHost } from './mount-failure.ts';

const errnos: Record<number, string> = { 2: 'ENOENT', 13: 'EACCES', 20: 'ENOTDIR', 36: 'ENAMETOOLONG', 40: 'ELOOP' };

const factsOf = (parts: readonly string[]) =>
  readFacts(new TextEncoder().encode(parts.join('\0')), {
    show: (bytes) => new TextDecoder().decode(bytes),
    errnoName: (errno) => errnos[errno] ?? `E${errno}`,
  });

const file = (path: string, mode: number, uid = 0, gid = 0): File => ({ path, mode, uid, gid, member: false });
const looking = (path: string, more: Partial<Look> = {}): Look => ({ word: '', path, links: [], ...more });

const host = (more: Partial<MountHost> = {}): MountHost => ({
  look: (path) => looking(path, { file: file(path, 0o40755) }),
  passed: () => [],
  mountOf: () => undefined,
  types: () => ['tmpfs', 'overlay'],
  mountsBelow: () => [],
  line: () => '',
  administers: true,
  nested: false,
  self: { uid: 0, gid: 0, groups: [0] },
  ...more,
});

const userNamespace = { namespaces: 0x10020000, maps: { uid: '0 100000 65536\n', gid: '0 100000 65536\n' } };
const mount = (type: string, source: string, ...options: string[]): Step =>
  stepOf('mount', '/mounts/3', [0, 0, 0, 0, 0, 0], ['/t', type, source, ...options]);
const attach = stepOf('attach', '/mounts/3', [0, 0, 0, 0, 0, 0, 0], ['/t', '/src']);

/** The cause by what init tells, and the host. */
const cause = (
  step: Step,
  errnoName: string,
  parts: readonly string[],
  around: Partial<MountFailure> = {},
  seen: Partial<MountHost> = {},
) => findCause({ step, errnoName, why: '', facts: factsOf(parts), namespaces: 0x20000, ...around }, host(seen));

t.test('a mount point that cannot be made', async (t) => {
  const way = ['/t/a/b', 'stop 2 /t/a', 'within 41ed 0 0 0 /t/'];
  t.match(cause(mount('tmpfs', 'x'), 'EROFS', [...way, 'statvfs 21']), {
    code: 'E_MOUNT_PATH',
    path: '/t/a',
    finding: '/t/a is missing in the root filesystem, and cannot be made',
  });
  t.match(cause(mount('tmpfs', 'x'), 'ENOSPC', way)?.finding, /cannot be made$/);
  t.match(cause(mount('tmpfs', 'x'), 'ENOENT', way)?.finding, /cannot be made: \/t takes no new entries/);
  t.match(
    cause(attach, 'EACCES', [...way.slice(0, 2), 'within 41ed fffe fffe 0 /t/'], userNamespace)?.finding,
    [
      '/t is not writable for uid 0 of the container (uid 100000 outside)',
      '(mode 0755, owner 65534:65534, which is no id of the container)',
    ].join(' '),
  );
});

t.test('an element of a mount point that is no directory, or a link that leads nowhere', async (t) => {
  const step = mount('tmpfs', 'x');
  t.match(cause(step, 'ENOTDIR', ['/t/f/x', 'stop 14 /t/f', 'file 81a4 0 0 0 /t/f']), {
    code: 'E_MOUNT_PATH',
    path: '/t/f',
    finding: '/t/f is a regular file',
  });
  const dangling = ['/t', 'link /t', 'to /gone/x', 'stop 2 /gone', 'within 41ed 0 0 0 /', 'statvfs 1'];
  t.match(cause(step, 'EROFS', dangling), {
    path: '/gone',
    finding: '/gone is missing in the root filesystem (by the symbolic link /t -> /gone/x), and cannot be made',
  });
  const remount = stepOf('remount', '/mounts/3', [0, 0, 0, 0, 0, 0], ['/t']);
  t.match(cause(remount, 'ENOENT', dangling), {
    finding: '/gone does not exist (by the symbolic link /t -> /gone/x)',
    hint: 'inside the container, /gone/x counts from its own root',
  });
  t.match(cause(step, 'ELOOP', ['/a', 'link /a', 'to b', 'link /b', 'to a', 'stop 28 /a']), {
    finding: 'too many symbolic links, from /a -> b on',
  });
  t.match(cause(step, 'ENAMETOOLONG', ['/x', `stop 24 /${'n'.repeat(256)}`]), { finding: /the name n+… has 256 / });
  const real = stepOf('mount', '/mounts/0', [0, 0, 1], ['/proc', 'proc', 'proc']);
  t.match(cause(real, 'ELOOP', ['/proc', 'link /proc', 'to /etc', 'file 41ed 0 0 0 /etc']), {
    path: '/proc',
    finding: '/proc is a symbolic link to /etc, and proc is mounted on a real directory only',
  });
});

t.test('a file on a directory, and the reverse', async (t) => {
  t.match(cause(attach, 'ENOTDIR', ['/t', 'file 41ed 0 0 0 /t', 'tree 81a4']), {
    code: 'E_MOUNT_PATH',
    finding: 'the source is a regular file, but /t in the root filesystem is a directory',
    hint: 'a file can be mounted on a file only',
  });
  t.match(cause(attach, 'ENOTDIR', ['/t', 'file 81a4 0 0 0 /t', 'tree 41ed']), {
    finding: 'the source is a directory, but /t in the root filesystem is a regular file',
    found: 'a regular file',
    expected: 'a directory',
  });
});

t.test('a flag that is locked', async (t) => {
  const remount = stepOf('remount', '/mounts/3', [0x8, 0x3, 0, 0, 0, 0], ['/t']);
  t.match(cause(remount, 'EPERM', ['/t: cannot clear locked flag ro', 'locked 3', 'statvfs 1027']), {
    code: 'E_MOUNT_LOCKED',
    path: '/t',
    finding: 'cannot clear locked flags ro, nosuid',
    found: 'ro,nosuid,nodev,relatime',
    expected: '["remount", "bind", "ro", "nosuid", "nodev", "noexec", "relatime"]',
  });
  const source = { path: '/src', recursive: true };
  t.match(cause(attach, 'EPERM', ['/t', 'locked f0', 'statvfs 422'], { source }), {
    finding: 'cannot change locked access times',
    expected: '["rbind", "nosuid", "noatime"]',
  });
});

t.test('an option that the filesystem refuses', async (t) => {
  const about = "size=lots: e tmpfs: Bad value for 'size'";
  t.match(cause(mount('tmpfs', 'x', 'size=lots'), 'EINVAL', [about, 'option size=lots', 'call fsconfig']), {
    code: 'E_MOUNT_OPTION',
    finding: `the filesystem tmpfs refuses the option "size=lots": tmpfs: Bad value for 'size'`,
    found: 'size=lots',
  });
  const unknown = (key: string) =>
    cause(mount('tmpfs', 'x', key), 'EINVAL', [`${key}: e tmpfs: Unknown parameter '${key}'`, `option ${key}`]);
  t.match(unknown('NOEXEC')?.hint, 'did you mean "noexec"?');
  t.match(unknown('sizee')?.hint, 'did you mean "size"?');
  t.match(unknown('quantity')?.hint, 'neither an option of that filesystem');
  const devpts = mount('devpts', 'x', 'gid=5');
  const id = ["gid=5: e devpts: Invalid gid '5'", 'option gid=5', 'call fsconfig'];
  t.match(cause(devpts, 'EINVAL', id, {}, { nested: true })?.hint, 'one of the user namespace');
  t.equal(cause(devpts, 'EINVAL', id)?.hint, undefined);
  const overlay = mount('overlay', 'x', 'lowerdir+=/l', 'upperdir=/u', 'workdir=/w');
  const log = 'overlay: e overlay: filesystem on /u not supported as upperdir';
  t.match(cause(overlay, 'EINVAL', [log, 'call fsconfig']), {
    code: 'E_MOUNT_OPTION',
    finding: 'the filesystem overlay says: overlay: filesystem on /u not supported as upperdir',
  });
  t.match(cause(mount('ext4', '/dev/x'), 'EINVAL', ['ext4', 'call fsconfig'])?.finding, 'or no ext4 is on /dev/x');
});

t.test('a directory of an overlay that is missing', async (t) => {
  const look = (path: string) => looking(path, path === '/a:b/u' ? { stop: { errno: 'ENOENT', path: '/a:b' } } : {});
  const list = mount('overlay', 'x', 'lowerdir=/l:/a\\:b/u');
  t.match(cause(list, 'ENOENT', ['lowerdir', 'call fsconfig'], {}, { look }), {
    code: 'E_MOUNT_PATH',
    path: '/a:b',
    finding: 'lowerdir=/a:b/u: /a:b does not exist',
  });
});

t.test('a filesystem that is not there', async (t) => {
  const nowhere = { look: (path: string) => looking(path) };
  t.match(cause(mount('nosuch', 'x'), 'ENODEV', ['nosuch', 'call fsopen'], {}, nowhere), {
    code: 'E_MOUNT',
    finding: 'the kernel knows no filesystem type "nosuch"',
    hint: /modprobe nosuch/,
  });
  t.match(cause(mount('none', '/etc'), 'ENODEV', ['none', 'call fsopen'], {}, {}), {
    hint: /is \/etc to be bind mounted\? That needs the option "bind"/,
  });
  t.match(cause(mount('tempfs', 'x'), 'ENODEV', ['x', 'call fsopen'], {}, nowhere)?.hint, 'did you mean "tmpfs"?');
  t.match(cause(mount('', 'x'), 'ENODEV', ['', 'call fsopen'], {}, nowhere)?.finding, 'the mount has no type');
  const look = (path: string) => looking(path, { stop: { errno: 'ENOENT', path: '/dev/none' } });
  t.match(cause(mount('ext4', '/dev/none/1'), 'ENOENT', ['ext4', 'call fsconfig'], {}, { look }), {
    code: 'E_MOUNT_PATH',
    path: '/dev/none',
    finding: 'the source device for ext4: /dev/none does not exist',
  });
  t.match(cause(mount('ext4', '/etc'), 'ENOTBLK', ['ext4', 'call fsconfig'])?.finding, '/etc is not a block device');
  t.match(cause(mount('ext4', '/dev/b'), 'EBUSY', ['ext4', 'call fsconfig'])?.finding, '/dev/b is in use');
});

t.test('what a user namespace may not mount', async (t) => {
  const refused = (type: string, namespaces = userNamespace.namespaces) =>
    cause(mount(type, 'x'), 'EPERM', [type, 'call fsconfig'], { ...userNamespace, namespaces })?.finding;
  t.match(refused('ext4'), 'a filesystem of type ext4 may not be mounted in a user namespace');
  t.match(refused('sysfs'), 'a sysfs shows the network namespace, which is not the container');
  t.match(refused('sysfs', 0x50020000), 'may not be mounted in a user namespace');
  const told = ['proc: e VFS: Mount too revealing', 'call fsmount'];
  const seen = { mountsBelow: () => ['/proc/a', '/proc/b', '/proc/c', '/proc/d'] };
  t.match(cause(mount('proc', 'proc'), 'EPERM', told, userNamespace, seen), {
    code: 'E_MOUNT',
    finding: /a new proc where the one outside is covered in part, by mounts on \/proc\/a, .*\(4 in all\)/,
    hint: /bind mount \/proc with "rbind"/,
  });
  t.match(
    cause(mount('tmpfs', 'x'), 'EPERM', ['tmpfs', 'call fsopen'], {}, { administers: false })?.finding,
    'CAP_SYS_ADMIN',
  );
  t.match(
    cause(mount('tmpfs', 'x'), 'EPERM', ['/t', 'call move_mount'], {}, { nested: true })?.finding,
    /user namespace/,
  );
});

t.test('who has the right, and is refused', async (t) => {
  const refused = cause(mount('tmpfs', 'x'), 'EPERM', ['tmpfs', 'call fsopen']);
  t.match(refused, { code: 'E_MOUNT', finding: '', hint: /seccomp filter or a security module/ });
  t.equal(cause(mount('tmpfs', 'x'), 'EPERM', ['/t', 'call move_mount'], userNamespace), undefined);
  t.match(cause(mount('proc', 'x'), 'EPERM', ['proc', 'call fsmount'])?.finding, '', 'nothing covers it');
  const pivot = stepOf('pivot', '');
  t.match(cause(pivot, 'EINVAL', ['', 'call pivot_root']), { hint: 'use --no-pivot' });
  t.equal(cause(pivot, 'EINVAL', ['', 'call umount2']), undefined);
});

t.test('a remount of what belongs to others, or is in use', async (t) => {
  const remount = stepOf('remount', '/mounts/3', [0, 0, 0, 0, 0, 1], ['/t', 'ro']);
  t.match(cause(remount, 'EPERM', ['/t', 'call fsconfig']), { code: 'E_MOUNT_OPTION', hint: /with the option "bind"/ });
  t.match(cause(remount, 'EBUSY', ['/t', 'call fsconfig'])?.finding, 'open for writing');
  t.match(cause(remount, 'EINVAL', ['/t: nothing is mounted there']), {
    finding: 'nothing is mounted there',
    path: '/t',
  });
});

t.test('what init says in words', async (t) => {
  const said = (...parts: string[]) => cause(mount('tmpfs', 'x'), 'EPERM', parts);
  t.match(said('/t: inside a procfs', 'link /t', 'to /proc/sys', 'file 416d 0 0 0 /proc/sys'), {
    code: 'E_MOUNT',
    path: '/t',
    finding: 'inside a procfs (by the symbolic link /t -> /proc/sys)',
  });
  const copying = ['/t/large: while copying what is below the mount'];
  t.match(cause(mount('tmpfs', 'x', 'size=4k'), 'ENOSPC', copying), {
    path: '/t/large',
    finding: 'tmpcopyup cannot copy /t/large',
    hint: /"size="/,
  });
  t.equal(cause(mount('tmpfs', 'x'), 'EIO', copying)?.hint, undefined);
  t.match(cause(mount('overlay', 'x'), 'EINVAL', ['overlay', 'call fsconfig'])?.finding, 'needs a directory below it');
});

t.test('no room for more mounts', async (t) => {
  const seen = { line: () => '100' };
  t.match(cause(attach, 'ENOSPC', ['/t', 'call move_mount'], {}, seen)?.finding, '(fs.mount-max is 100)');
  t.match(cause(attach, 'EINVAL', ['/t', 'call move_mount'])?.finding, 'unbindable');
});

t.test('a root filesystem that the container may not reach', async (t) => {
  const open = stepOf('openRoot', '/root/path', [], ['/tmp/x/rootfs']);
  const told = ['/tmp/x/rootfs', 'stop d /tmp/x/rootfs', 'within 41c0 fffe fffe 0 /tmp/x/'];
  const passed = () => [file('/', 0o40755), file('/tmp', 0o41777), file('/tmp/x', 0o40700)];
  t.match(cause(open, 'EACCES', told, userNamespace, { passed }), {
    code: 'E_MOUNT_TRAVERSE',
    path: '/tmp/x',
    finding:
      'uid 0 of the container (uid 100000, gid 100000 outside) may not pass through the directory /tmp/x (mode 0700, owner 0:0)',
    hint: 'chmod o+x /tmp/x',
  });
  const owned = () => [file('/', 0o40755), file('/a', 0o40000, 100001, 100001), file('/a/b', 0o40750, 5, 100000)];
  t.equal(
    cause(open, 'EACCES', told, userNamespace, { passed: owned })?.finding,
    'the root of the user namespace may not pass through the directory /tmp/x (mode 0700)',
    'by modes it may: what init saw',
  );
  t.match(cause(open, 'ENOENT', ['/tmp/x/rootfs', 'stop 2 /tmp/x']), {
    path: '/tmp/x',
    finding: '/tmp/x does not exist',
  });
  t.match(cause(attach, 'EACCES', ['/a/b', 'stop d /a/b', 'within 41c0 1 0 0 /a/'], userNamespace), {
    code: 'E_MOUNT_TRAVERSE',
    path: '/a',
    finding:
      'uid 0 of the container (uid 100000 outside) may not pass through /a of the root filesystem (mode 0700, owner 1:0, uid 100001 outside)',
  });
  const unbindable = { mountOf: () => ({ target: '/tmp', type: 'tmpfs', unbindable: true }) };
  t.match(
    cause(open, 'EINVAL', ['/tmp/x/rootfs', 'call open_tree'], {}, unbindable)?.finding,
    'the mount at /tmp is unbindable',
  );
});

t.test('what a mask needs', async (t) => {
  const mask = stepOf('mask', '/linux/maskedPaths/0', [], ['/etc/x']);
  const found = (...parts: string[]) => cause(mask, 'ENODEV', ['/etc/x: /dev/null', ...parts])?.finding;
  t.match(found('stop 2 /dev/null'), 'behind /dev/null, which is missing');
  t.match(found('file 21b6 0 0 0 /dev/null', 'number 1 5'), 'is the device 1:5');
  t.match(found('file 81a4 0 0 0 /dev/null'), 'is a regular file');
  t.match(found('link /dev/null', 'to /dev/zero', 'file 21b6 0 0 0 /dev/zero'), 'is a symbolic link');
});

t.test('a source of the host', async (t) => {
  const source = (errnoName: string, seen: Partial<MountHost>) =>
    findSourceCause('/a/b/c', { errnoName, why: '' }, host(seen));
  const ends = (errno: string, more: Partial<Look> = {}) => ({
    look: (path: string) => looking(path, { stop: { errno, path: '/a/b' }, ...more }),
  });
  t.match(source('ENOENT', ends('ENOENT')), { code: 'E_MOUNT_PATH', path: '/a/b', finding: '/a/b does not exist' });
  t.match(source('ENOTDIR', ends('ENOTDIR', { file: file('/a/b', 0o100644) })), {
    finding: '/a/b is a regular file',
  });
  const links = [{ path: '/a', to: '/gone' }];
  t.match(source('ENOENT', ends('ENOENT', { links })), {
    finding: '/a/b does not exist (by the symbolic link /a -> /gone)',
  });
  const passed = () => [file('/', 0o40755), file('/a', 0o40750, 0, 7)];
  const self = { uid: 1000, gid: 1000, groups: [1000] };
  t.match(source('EACCES', { passed, self }), {
    code: 'E_MOUNT_TRAVERSE',
    finding: 'this process (uid 1000, gid 1000) may not pass through the directory /a (mode 0750, owner 0:7)',
  });
  t.equal(source('EACCES', { passed, self: { ...self, groups: [7] } }), undefined);
  const mountOf = () => ({ target: '/a', type: 'vfat', unbindable: true });
  t.match(source('EINVAL', { mountOf })?.finding, 'the mount at /a, which it lies on, is unbindable');
  t.match(source('EPERM', { administers: false })?.finding, 'CAP_SYS_ADMIN');
  t.match(source('EPERM', { nested: true })?.finding, 'user namespace');
  t.equal(source('EPERM', {}), undefined);
  t.match(findIdmapCause('/a/b', { errnoName: 'EINVAL', why: '' }, host({ mountOf })), {
    finding: 'the filesystem vfat (mounted at /a) takes no id maps',
    found: 'vfat',
  });
  t.match(findIdmapCause('/a/b', { errnoName: 'EPERM', why: '' }, host({ mountOf }))?.finding, 'mapped already');
  t.equal(findIdmapCause('/a/b', { errnoName: 'EIO', why: '' }, host()), undefined);
});

t.test('the sentence ends with the words of the kernel', async (t) => {
  const facts = factsOf(['/t', 'call move_mount']);
  const told = (errnoName: string, why: string) =>
    explainMount({ step: attach, errnoName, why, facts, namespaces: 0 }, host(), 'mount /src to /t', { errno: 1 });
  t.match(told('EBUSY', 'device or resource busy'), {
    code: 'E_MOUNT',
    message: 'mount /src to /t: something else is being mounted there: device or resource busy',
    details: { errno: 1, syscall: 'move_mount', path: '/t' },
  });
  t.match(told('EIO', 'input/output error'), { message: 'mount /src to /t: input/output error' });
});
