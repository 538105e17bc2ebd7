import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { conformance } from '../lib/conformance.ts';
import { binding, probing, writableRoot, type Edit } from '../lib/config.ts';
import { refuses } from '../lib/refused.ts';

interface Device {
  type: string;
  path: string;
  major?: number;
  minor?: number;
  fileMode?: number;
  uid?: number;
  gid?: number;
}

const having =
  (...devices: Device[]): Edit =>
  (c) =>
    void (c.linux['devices'] = devices);

/** mknod(2) takes any number; these are of devices that every kernel has. */
for (const [title, device, expected] of [
  ['character device', { type: 'c', major: 1, minor: 3 }, { kind: 'c', major: 1, minor: 3 }],
  ['unbuffered character device', { type: 'u', major: 1, minor: 7 }, { kind: 'c', major: 1, minor: 7 }],
  ['block device', { type: 'b', major: 7, minor: 250 }, { kind: 'b', major: 7, minor: 250 }],
  ['device with large numbers', { type: 'b', major: 259, minor: 65537 }, { kind: 'b', major: 259, minor: 65537 }],
] as const)
  conformance(`a ${title} is made with its mode and owner`, (t, box) => {
    const made = { ...device, path: '/dev/mine', fileMode: 0o624, uid: 11, gid: 12 };
    const { paths } = box.report([probing('report', '/dev/mine'), having(made)]);
    t.match(paths['/dev/mine'], { ...expected, mode: 0o624, uid: 11, gid: 12 });
  });

conformance('a fifo is made', (t, box) => {
  const fifo = { type: 'p', path: '/dev/fifo', fileMode: 0o662, uid: 3, gid: 4 };
  const { paths } = box.report([probing('report', '/dev/fifo'), having(fifo)]);
  t.match(paths['/dev/fifo'], { kind: 'p', mode: 0o662, uid: 3, gid: 4 });
});

conformance('a mode may hold the type as well, as podman writes it', (t, box) => {
  const device = { type: 'c', path: '/dev/mine', major: 1, minor: 3, fileMode: 0o20640 };
  const { paths } = box.report([probing('report', '/dev/mine'), having(device)]);
  t.match(paths['/dev/mine'], { kind: 'c', mode: 0o640 });
});

conformance('a mode of 0 is a mode', (t, box) => {
  const device = { type: 'c', path: '/dev/mine', major: 1, minor: 3, fileMode: 0 };
  const { paths } = box.report([probing('report', '/dev/mine'), having(device)]);
  t.equal(paths['/dev/mine']?.mode, 0);
});

conformance('no umask takes anything from a device’s mode', (t, box) => {
  const edits = [
    probing('report', '/dev/mine'),
    having({ type: 'c', path: '/dev/mine', major: 1, minor: 3, fileMode: 0o666 }),
    (c: { process: { user: object } }) => void (c.process.user = { uid: 0, gid: 0, umask: 0o77 }),
  ];
  t.equal(box.report(edits).paths['/dev/mine']?.mode, 0o666);
});

conformance('a device without owner is root’s', (t, box) => {
  const { paths } = box.report([
    probing('report', '/dev/mine'),
    having({ type: 'c', path: '/dev/mine', major: 1, minor: 3, fileMode: 0o600 }),
  ]);
  t.match(paths['/dev/mine'], { uid: 0, gid: 0, mode: 0o600, write: 'yes' });
});

conformance('a device may be anywhere, and directories that are missing are made', (t, box) => {
  const { paths } = box.report([
    probing('report', '/dev/net/tun', '/dev/net', '/somewhere/else/null'),
    having(
      { type: 'c', path: '/dev/net/tun', major: 10, minor: 200, fileMode: 0o600 },
      { type: 'c', path: '/somewhere/else/null', major: 1, minor: 3, fileMode: 0o644 },
    ),
  ]);
  t.match(paths['/dev/net/tun'], { kind: 'c', major: 10, minor: 200 });
  t.match(paths['/dev/net'], { kind: 'directory', mode: 0o755 });
  t.match(paths['/somewhere/else/null'], { kind: 'c', major: 1, minor: 3, mode: 0o644 });
});

conformance('a device works', (t, box) => {
  const device = { type: 'c', path: '/dev/other-zero', major: 1, minor: 5, fileMode: 0o666 };
  const { paths } = box.report([probing('report', '/dev/other-zero'), having(device)]);
  t.match(paths['/dev/other-zero'], { read: 4096, write: 'yes' });
});

conformance('a default device can have another mode and owner', (t, box) => {
  const { paths } = box.report([
    probing('report', '/dev/null', '/dev/full'),
    having({ type: 'c', path: '/dev/full', major: 1, minor: 7, fileMode: 0o640, uid: 5, gid: 6 }),
  ]);
  t.match(paths['/dev/full'], { kind: 'c', major: 1, minor: 7, mode: 0o640, uid: 5, gid: 6 });
  t.match(paths['/dev/null'], { kind: 'c', major: 1, minor: 3, mode: 0o666 }, 'the others stay');
});

conformance('/dev/ptmx stays the link into the container’s own devpts', (t, box) => {
  const { dev } = box.report([having({ type: 'c', path: '/dev/ptmx', major: 5, minor: 2, fileMode: 0o666 })]);
  t.match(dev['ptmx'], { kind: 'link', link: 'pts/ptmx' });
});

conformance('the default devices are there without a mount on /dev', (t, box) => {
  const noDev: Edit = (c) => void (c.mounts = c.mounts.filter((m) => !m.destination.startsWith('/dev')));
  const { dev } = box.report([noDev, writableRoot]);
  for (const [name, minor] of Object.entries({ null: 3, zero: 5, full: 7, random: 8, urandom: 9 }))
    t.match(dev[name], { kind: 'c', major: 1, minor, mode: 0o666, uid: 0, gid: 0 }, name);
  t.match(dev['tty'], { kind: 'c', major: 5, minor: 0 });
  for (const name of ['fd', 'stdin', 'stdout', 'stderr']) t.equal(dev[name]?.kind, 'link', name);
});

conformance('a device that is there already and is the right one is left', (t, box) => {
  const noDev: Edit = (c) => void (c.mounts = c.mounts.filter((m) => !m.destination.startsWith('/dev')));
  execFileSync('mknod', ['-m', '0666', join(box.rootfs(), 'dev/null'), 'c', '1', '3']);
  const { dev } = box.report([noDev, writableRoot]);
  t.match(dev['null'], { kind: 'c', major: 1, minor: 3 });
});

conformance('what is in the place of a device and is not that device is refused', (t, box) => {
  const place = join(box.rootfs(), 'mine');
  const others = [
    () => writeFileSync(place, 'text'),
    () => void mkdirSync(place),
    () => void execFileSync('mknod', [place, 'c', '1', '5']),
    () => void execFileSync('mknod', [place, 'b', '1', '3']),
    () => void execFileSync('mknod', [place, 'p']),
    () => symlinkSync('/dev/null', place),
  ];
  for (const put of others) {
    rmSync(place, { recursive: true, force: true });
    put();
    const device = { type: 'c', path: '/mine', major: 1, minor: 3 };
    refuses(t, box, [having(device)], { says: /\/mine/, pointer: '/linux/devices/0' });
  }
});

conformance('a device inside /proc is refused', (t, box) => {
  refuses(t, box, [having({ type: 'c', path: '/proc/mine', major: 1, minor: 3 })], { says: /\/proc\/mine/ });
});

conformance('a device of an unknown type is refused', (t, box) => {
  const edits = [having({ type: 'x', path: '/dev/mine', major: 1, minor: 3 })];
  refuses(t, box, edits, { says: /device|type/i, pointer: '/linux/devices/0/type' });
});

conformance(
  'a device without numbers, without a path or with a relative path is refused',
  (t, box) => {
    refuses(t, box, [having({ type: 'c', path: '/dev/mine' })], { says: /major/i });
    refuses(t, box, [having({ type: 'c', path: '', major: 1, minor: 3 })], { says: /path/i });
    refuses(t, box, [having({ type: 'c', path: 'dev/mine', major: 1, minor: 3 })], { says: /absolute/i });
  },
  { only: 'ocirun' },
);

const bound: Edit = (c) => void (c.mounts = c.mounts.filter((m) => !m.destination.startsWith('/dev')));

conformance('a /dev that is a bind mount is left alone', (t, box) => {
  const source = box.path('devices');
  box.file('devices/mine', 'hello');
  execFileSync('mknod', ['-m', '0666', box.path('devices/null'), 'c', '1', '3']); // runc cannot do without.
  const report = box.report([
    probing('report', '/dev/mine', '/dev'),
    bound,
    binding(source, '/dev'),
    having({ type: 'c', path: '/dev/other', major: 1, minor: 5 }),
  ]);
  t.strictSame(Object.keys(report.dev).sort(), ['mine', 'null'], 'no device, no link');
  t.equal(report.paths['/dev/mine']?.text, 'hello');
});

conformance('many devices are made', (t, box) => {
  const all = Array.from({ length: 100 }, (_, i) => ({ type: 'c', path: `/dev/many/${i}`, major: 1, minor: 3 }));
  const { paths } = box.report([probing('report', '/dev/many', '/dev/many/99'), having(...all)]);
  t.equal(paths['/dev/many']?.read, 100);
  t.match(paths['/dev/many/99'], { kind: 'c', major: 1, minor: 3 });
});
