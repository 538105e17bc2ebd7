import { chmodSync, chownSync, mkdirSync, readFileSync, readlinkSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { conformance } from '../lib/conformance.ts';
import {
  binding,
  mounting,
  namespace,
  probing,
  userNamespace,
  writableRoot,
  type Edit,
  type IdMap,
} from '../lib/config.ts';
import { refuses } from '../lib/refused.ts';
import { mountAt, type Report } from '../lib/report.ts';
import type { Sandbox } from '../lib/sandbox.ts';

const base = 100000;
const map = (containerID: number, hostID: number, size: number): IdMap => ({ containerID, hostID, size });

/** The root filesystem belongs to the container’s root, who can get there. */
const owned = (box: Sandbox, owner = base): Sandbox => {
  box.give(owner);
  return box;
};

/** Of uid_map: the columns are padded. */
const ranges = (lines: string[]) => lines.map((line) => line.trim().replace(/\s+/g, ' '));

conformance('a user namespace has the maps of the config', (t, box) => {
  const report = owned(box).report([userNamespace([map(0, base, 1000), map(2000, 500000, 10)], [map(0, base, 3000)])]);
  t.strictSame(ranges(report.uidMap), ['0 100000 1000', '2000 500000 10']);
  t.strictSame(ranges(report.gidMap), ['0 100000 3000']);
  t.not(report.namespaces['user'], readlinkSync('/proc/self/ns/user'));
});

conformance('root inside is an ordinary user outside', (t, box) => {
  owned(box);
  const pid = box.startReady(box.id(), box.bundle(userNamespace(), probing('sleep')));
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  t.match(status, /Uid:\t100000\t100000\t100000\t100000/);
  t.match(status, /Gid:\t100000\t100000\t100000\t100000/);
});

conformance('the process has the ids of the config, inside', (t, box) => {
  const user = { uid: 1000, gid: 1001, additionalGids: [7, 8] };
  const report = owned(box).report([userNamespace(), (c) => void (c.process.user = user)]);
  t.match(report, { uids: [1000, 1000, 1000], gids: [1001, 1001, 1001] });
  t.strictSame([...report.groups].sort(), [7, 8]);
});

conformance('the process has its capabilities, and in its own user namespace only', (t, box) => {
  const report = owned(box).report([userNamespace()]);
  t.equal(report.status['effective'], (0x20000420).toString(16).padStart(16, '0'));
});

conformance('files have the owners that the maps give', (t, box) => {
  owned(box);
  for (const id of [0, base, base + 5, base + 65536]) chownSync(box.file(`bundle/rootfs/tmp/${id}`), id, id);
  const names = [0, base, base + 5, base + 65536].map((id) => `/tmp/${id}`);
  const { paths } = box.report([userNamespace(), probing('report', ...names)]);
  t.strictSame(
    names.map((name) => paths[name]?.uid),
    [65534, 0, 5, 65534],
  );
});

conformance('what the kernel makes with a namespace belongs to root inside', (t, box) => {
  const names = ['/proc/net/dev', '/sys/class/net/lo/mtu', '/dev/mqueue'];
  const { paths } = owned(box).report([userNamespace(), probing('report', ...names)]);
  t.strictSame(
    names.map((name) => paths[name]?.uid),
    [0, 0, 0],
  );
});

conformance('what root inside makes belongs to the mapped user outside', (t, box) => {
  owned(box);
  const bundle = box.bundle(userNamespace(), probing('hold', '/tmp/made'), writableRoot);
  box.must(['create', '--bundle', bundle, box.id()]);
  box.must(['start', box.id()]);
  const made = `${box.rootfs()}/tmp/made`;
  for (let i = 0; i < 100; i++) box.state();
  t.equal(execFileSync('stat', ['-c', '%u:%g', made], { encoding: 'utf8' }).trim(), `${base}:${base}`);
});

conformance('the devices are there and work', (t, box) => {
  const { paths, dev } = owned(box).report([
    userNamespace(),
    probing('report', '/dev/null', '/dev/zero', '/dev/urandom'),
  ]);
  for (const [name, minor] of Object.entries({ null: 3, zero: 5, full: 7, random: 8, urandom: 9 }))
    t.match(dev[name], { kind: 'c', major: 1, minor, mode: 0o666 }, name);
  t.match(paths['/dev/null'], { read: 0, write: 'yes' });
  t.match(paths['/dev/zero'], { read: 4096, write: 'yes' });
  for (const name of ['fd', 'stdin', 'ptmx']) t.equal(dev[name]?.kind, 'link', name);
});

conformance('a device of the config is the machine’s', (t, box) => {
  mkdirSync(box.path('devices'));
  const path = box.path('devices/mine');
  execFileSync('mknod', ['-m', '0666', path, 'c', '1', '5']);
  const device: Edit = (c) => void (c.linux['devices'] = [{ type: 'c', path, major: 1, minor: 5, fileMode: 0o666 }]);
  const { paths } = owned(box).report([userNamespace(), probing('report', path), device]);
  t.match(paths[path], { kind: 'c', major: 1, minor: 5, read: 4096, write: 'yes' });
});

conformance('a device of the config that the machine does not have there is refused', (t, box) => {
  const path = box.path('none');
  const device: Edit = (c) => void (c.linux['devices'] = [{ type: 'c', path, major: 1, minor: 5 }]);
  refuses(t, owned(box), [userNamespace(), device], { says: /none.*no such file/i, pointer: '/linux/devices/0/path' });
});

conformance('the filesystems of the default config are mounted', (t, box) => {
  const report = owned(box).report([userNamespace(), probing('report', '/dev', '/dev/pts', '/dev/shm')]);
  for (const { destination, type } of box.config().mounts)
    if (type !== 'cgroup') t.equal(mountAt(report, destination)?.type, type, destination);
  t.match(report.paths['/dev/shm'], { uid: 0, gid: 0, write: 'yes' });
});

conformance('bind mounts, tmpfs, masked and read-only paths work', (t, box) => {
  const source = box.file('source/file', 'hello', 0o644);
  chmodSync(box.path('source'), 0o700);
  const masked = ['/proc/keys', '/sys/firmware', '/tmp/none'];
  const { paths } = owned(box).report([
    userNamespace(),
    probing('report', '/etc/file', '/tmp', '/proc/keys', '/proc/sys'),
    binding(source, '/etc/file', 'ro'),
    mounting({ destination: '/tmp', type: 'tmpfs', source: 'tmpfs', options: ['mode=0777'] }),
    (c) => void (c.linux.maskedPaths = masked),
    (c) => void (c.linux.readonlyPaths = ['/proc/sys']),
  ]);
  t.match(paths['/etc/file'], { text: 'hello', readonly: true }, 'though root inside could not come there on the host');
  t.match(paths['/tmp'], { uid: 0, mode: 0o777, write: 'yes' });
  t.match(paths['/proc/keys'], { kind: 'c', read: 0 });
  t.match(paths['/proc/sys'], { readonly: true });
});

conformance('the root can be read-only, and names be set', (t, box) => {
  const report = owned(box).report([userNamespace(), probing('report', '/'), (c) => void (c.hostname = 'mapped')]);
  t.match([report.paths['/']?.write, report.hostname], ['EROFS', 'mapped']);
});

conformance('rlimits are set', (t, box) => {
  const rlimits = [
    { type: 'RLIMIT_NOFILE', soft: 500, hard: 600 },
    { type: 'RLIMIT_CPU', soft: 700, hard: 800 },
  ];
  const report = owned(box).report([userNamespace(), (c) => void (c.process.rlimits = rlimits)]);
  t.match(report.rlimits, { NOFILE: ['500', '600'], CPU: ['700', '800'] });
});

conformance('the loopback interface is up', (t, box) => {
  t.equal(owned(box).report([userNamespace()]).interfaces['lo'], true);
});

conformance('every other namespace belongs to the new user namespace', (t, box) => {
  // Who owns the uts and network namespaces may set their names and interfaces.
  const report = owned(box).report([userNamespace(), namespace('cgroup')]);
  for (const name of ['pid', 'net', 'ipc', 'uts', 'mnt', 'cgroup'])
    t.not(report.namespaces[name], readlinkSync(`/proc/self/ns/${name}`), name);
});

conformance('the user namespace of another container can be joined', (t, box) => {
  owned(box);
  const pid = box.startReady(box.id(), box.bundle(userNamespace(), probing('sleep')));
  const path = `/proc/${pid}/ns/user`;
  const bundle = box.bundle(userNamespace(), namespace('user', path));
  const report = JSON.parse(box.must(['run', '--bundle', bundle, box.id('b')]).stdout) as Report;
  t.equal(report.namespaces['user'], readlinkSync(path));
  t.strictSame(ranges(report.uidMap), ['0 100000 65536']);
  t.strictSame(report.uids, [0, 0, 0]);
});

conformance('the other namespaces of a user namespace can be joined with it', (t, box) => {
  owned(box);
  const pid = box.startReady(box.id(), box.bundle(userNamespace(), probing('sleep')));
  const types = { user: 'user', network: 'net', ipc: 'ipc', uts: 'uts' };
  const joins = Object.entries(types).map(([type, name]) => namespace(type, `/proc/${pid}/ns/${name}`));
  // The list may name the user namespace last: the others give in to nobody but its root.
  const last: Edit = (c) => void c.linux.namespaces.sort((a) => (a.type === 'user' ? 1 : -1));
  const bundle = box.bundle(userNamespace(), ...joins, last);
  const report = JSON.parse(box.must(['run', '--bundle', bundle, box.id('b')]).stdout) as Report;
  for (const name of Object.values(types))
    t.equal(report.namespaces[name], readlinkSync(`/proc/${pid}/ns/${name}`), name);
});

conformance('a network namespace of the host’s can be joined with a new user namespace', (t, box) => {
  const noSys: Edit = (c) => void (c.mounts = c.mounts.filter((m) => !m.destination.startsWith('/sys')));
  const report = owned(box).report([userNamespace(), namespace('network', '/proc/self/ns/net'), noSys]);
  t.equal(report.namespaces['net'], readlinkSync('/proc/self/ns/net'));
  t.not(report.namespaces['user'], readlinkSync('/proc/self/ns/user'));
});

conformance('a bind mount keeps the flags that are locked for a user namespace', (t, box) => {
  box.mount('source', '-t', 'tmpfs', '-o', 'nosuid,nodev,noexec', 'tmpfs');
  const report = owned(box).report([userNamespace(), binding(box.path('source'), '/tmp', 'ro')]);
  const { options } = mountAt(report, '/tmp') ?? {};
  for (const word of ['ro', 'nosuid', 'nodev', 'noexec']) t.ok(options?.includes(word), word);
});

for (const [title, edits, says] of [
  ['maps without a user namespace', [(c) => void (c.linux['uidMappings'] = [map(0, base, 1)])], /user namespace/i],
  ['a user namespace without maps', [namespace('user')], /user namespace|mapping/i],
  [
    'a user that is not mapped',
    [userNamespace(), (c) => void (c.process.user = { uid: 70000, gid: 0 })],
    /unmapped|70000|map/i,
  ],
  [
    'a group that is not mapped',
    [userNamespace(), (c) => void (c.process.user = { uid: 0, gid: 70000 })],
    /unmapped|70000|map/i,
  ],
] as [string, Edit[], RegExp][])
  conformance(`${title} is refused`, (t, box) => refuses(t, owned(box), edits, { says }));

conformance('a mount with an owner that is not mapped is refused', (t, box) => {
  const tmpfs = { destination: '/tmp', type: 'tmpfs', source: 'tmpfs', options: ['uid=70000'] };
  mkdirSync(box.path('unused'));
  refuses(t, owned(box), [userNamespace(), mounting(tmpfs)], {
    says: /invalid argument|uid/i,
    pointer: '/mounts/7/options/0',
  });
});
