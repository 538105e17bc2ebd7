/** Mounts, devices and root filesystems that cannot be, though the document is as it should. */
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config, MountConfig } from '../../lib/config.ts';
import type { Sandbox } from '../../lib/sandbox.ts';
import { type Entry, editing, setting } from '../entry.ts';

type Mounts = (box: Sandbox) => readonly MountConfig[];

const mounting = (name: string, mounts: Mounts, more: Partial<Entry> = {}): Entry =>
  editing(name, (config, box) => void config.mounts.push(...mounts(box)), more);

const bind = (source: string, destination: string, ...options: string[]): MountConfig => ({
  destination,
  source,
  options: ['rbind', ...options],
});

const tmpfs = (destination: string, ...options: string[]): MountConfig => ({
  destination,
  type: 'tmpfs',
  source: 'tmpfs',
  options,
});

const inRoot = (box: Sandbox, name: string): string => join(box.rootfs(), name);

/** Root is an ordinary user of the machine. */
const withUserNamespace = (config: Config): void => {
  config.linux.namespaces.push({ type: 'user' });
  for (const field of ['uidMappings', 'gidMappings'])
    config.linux[field] = [{ containerID: 0, hostID: 100000, size: 65536 }];
};

/** What the host mounts in the root filesystem comes to a user namespace with its flags locked (mount_namespaces(7)). */
const locked = (name: string, ...options: string[]): Entry => ({
  name,
  edit: (config, box) => {
    withUserNamespace(config);
    box.give(100000);
    box.mount('bundle/rootfs/locked', '-t', 'tmpfs', '-o', 'ro,nosuid,nodev,noexec', 'tmpfs');
    config.mounts.push({ destination: '/locked', type: 'none', options: ['remount', 'bind', ...options] });
  },
});

const device = (more: object) => ({ path: '/dev/x', type: 'c', major: 1, minor: 3, ...more });

const devices = (name: string, device: object, prepare?: (box: Sandbox) => void): Entry =>
  editing(name, (config) => void (config.linux['devices'] = [device]), prepare ? { prepare } : {});

export const mounts: readonly Entry[] = [
  // The root filesystem.
  setting('root-path-missing', 'root.path', 'nowhere'),
  setting('root-path-is-a-file', 'root.path', 'config.json'),
  setting('root-path-with-a-file-on-the-way', 'root.path', 'config.json/rootfs'),
  editing('root-path-absolute-and-missing', (config, box) => void (config.root.path = box.path('no/where'))),
  editing('root-path-is-a-link-to-itself', (config) => void (config.root.path = 'loop'), {
    prepare: (box) => symlinkSync('loop', join(box.path('bundle'), 'loop')),
  }),
  editing('root-not-for-the-user-namespace', withUserNamespace, {
    prepare: (box) => {
      box.give(100000);
      chmodSync(box.path('bundle'), 0o700);
    },
  }),

  // Sources.
  mounting('mount-source-missing', (box) => [bind(box.path('data/cache'), '/mnt')]),
  mounting('mount-source-missing-deep-down', (box) => [bind(box.path('data/a/b/c'), '/mnt')], {
    prepare: (box) => void box.file('data/a/present'),
  }),
  mounting('mount-source-with-a-file-on-the-way', (box) => [bind(`${box.file('data')}/cache`, '/mnt')]),
  mounting('mount-source-is-a-dangling-link', (box) => [bind(box.path('link'), '/mnt')], {
    prepare: (box) => symlinkSync('/nowhere/at/all', box.path('link')),
  }),
  mounting('mount-source-is-a-link-to-itself', (box) => [bind(box.path('link'), '/mnt')], {
    prepare: (box) => symlinkSync('link', box.path('link')),
  }),
  mounting('mount-source-relative', () => [bind('data', '/mnt')]),
  mounting('mount-source-too-long', () => [bind(`/${'x'.repeat(300)}`, '/mnt')]),
  mounting('mount-source-of-proc-is-no-procfs', (box) => [bind(box.path('bundle'), '/proc')]),

  // Targets.
  mounting('mount-target-with-a-file-on-the-way', () => [tmpfs('/etc/app.conf/cache')], {
    prepare: (box) => writeFileSync(inRoot(box, 'etc/app.conf'), ''),
  }),
  mounting('mount-directory-on-a-file', (box) => [bind(box.path('bundle'), '/etc/app.conf')], {
    prepare: (box) => writeFileSync(inRoot(box, 'etc/app.conf'), ''),
  }),
  mounting('mount-filesystem-on-a-file', () => [tmpfs('/etc/app.conf')], {
    prepare: (box) => writeFileSync(inRoot(box, 'etc/app.conf'), ''),
  }),
  mounting('mount-file-on-a-directory', (box) => [bind(box.file('app.conf'), '/etc')]),
  mounting('mount-target-is-a-link-to-itself', () => [tmpfs('/link')], {
    prepare: (box) => symlinkSync('link', inRoot(box, 'link')),
  }),
  mounting('mount-target-on-a-read-only-filesystem', () => [tmpfs('/ro', 'ro'), tmpfs('/ro/below')]),
  mounting('mount-target-name-too-long', () => [tmpfs(`/${'x'.repeat(300)}`)]),
  mounting('mount-proc-through-a-link', () => [{ destination: '/link', type: 'sysfs', source: 'sysfs' }], {
    prepare: (box) => symlinkSync('/tmp', inRoot(box, 'link')),
  }),
  mounting('mount-inside-proc-through-a-link', () => [tmpfs('/link')], {
    prepare: (box) => symlinkSync('/proc/sys', inRoot(box, 'link')),
  }),

  // Filesystems and their options.
  mounting('mount-filesystem-unknown', () => [{ destination: '/mnt', type: 'tempfs', source: 'tempfs' }]),
  mounting('mount-option-unknown', () => [tmpfs('/mnt', 'nosuid', 'siize=10m')]),
  mounting('mount-option-unknown-in-capitals', () => [tmpfs('/mnt', 'NOSUID')]),
  mounting('mount-option-with-a-bad-value', () => [tmpfs('/mnt', 'size=ten')]),
  mounting('mount-option-with-a-bad-mode', () => [tmpfs('/mnt', 'mode=rwx')]),
  mounting('mount-option-without-its-value', () => [tmpfs('/mnt', 'size')]),
  mounting('mount-option-of-another-filesystem', () => [
    { destination: '/mnt', type: 'devpts', source: 'devpts', options: ['newinstance', 'size=10m'] },
  ]),
  mounting('mount-option-not-mapped', () => [tmpfs('/mnt', 'uid=70000')], {
    edit: (config) => {
      withUserNamespace(config);
      config.mounts.push(tmpfs('/mnt', 'uid=70000'));
    },
    prepare: (box) => box.give(100000),
  }),
  mounting('mount-overlay-without-layers', () => [{ destination: '/mnt', type: 'overlay', source: 'overlay' }]),
  mounting('mount-overlay-of-a-layer-that-is-missing', (box) => [
    { destination: '/mnt', type: 'overlay', source: 'overlay', options: [`lowerdir=${box.path('lower')}`] },
  ]),
  mounting('mount-block-device-that-is-missing', (box) => [
    { destination: '/mnt', type: 'ext4', source: box.path('no-disk') },
  ]),
  mounting('mount-block-device-that-is-a-file', (box) => [
    { destination: '/mnt', type: 'ext4', source: box.file('disk') },
  ]),
  mounting('mount-copy-without-room', () => [tmpfs('/copied', 'tmpcopyup', 'size=4k')], {
    prepare: (box) => {
      mkdirSync(inRoot(box, 'copied'));
      writeFileSync(inRoot(box, 'copied/large'), Buffer.alloc(100_000));
    },
  }),

  // What an outer mount holds, and changes of what is not there.
  locked('mount-flag-locked', 'exec', 'ro', 'nosuid', 'nodev'),
  locked('mount-flag-locked-read-only', 'rw', 'nosuid', 'nodev', 'noexec'),
  mounting('mount-change-of-nothing', () => [{ destination: '/etc', options: ['remount', 'ro'] }]),
  mounting('mount-change-of-what-is-missing', () => [{ destination: '/nowhere', options: ['remount', 'ro'] }]),
  mounting('mount-maps-that-overlap', (box) => {
    const maps = [
      { containerID: 0, hostID: 100000, size: 10 },
      { containerID: 5, hostID: 200000, size: 10 },
    ];
    return [{ ...bind(box.path('bundle'), '/mnt'), uidMappings: maps, gidMappings: maps }];
  }),
  mounting('mount-cgroup-with-an-unknown-option', () => [
    { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: ['ro', 'clone_kids'] },
  ]),

  // Devices.
  devices('device-over-a-file', device({}), (box) => {
    mkdirSync(inRoot(box, 'dev'), { recursive: true });
    writeFileSync(inRoot(box, 'dev/x'), '');
  }),
  devices('device-with-a-file-on-the-way', device({ path: '/etc/app.conf/x' }), (box) =>
    writeFileSync(inRoot(box, 'etc/app.conf'), ''),
  ),
  devices('device-over-a-directory', device({ path: '/etc' })),
  {
    name: 'device-that-the-host-does-not-have',
    edit: (config) => {
      withUserNamespace(config);
      config.linux['devices'] = [device({ path: '/dev/no-such-device' })];
    },
    prepare: (box) => box.give(100000),
  },
  {
    name: 'device-that-is-another-on-the-host',
    edit: (config) => {
      withUserNamespace(config);
      config.linux['devices'] = [device({ path: '/dev/zero' })];
    },
    prepare: (box) => box.give(100000),
  },
  editing('masked-path-with-a-link-to-itself', (config) => void (config.linux.maskedPaths = ['/tmp', '/link']), {
    prepare: (box) => symlinkSync('link', inRoot(box, 'link')),
  }),
  {
    name: 'root-filesystem-with-dev-as-a-file',
    edit: (config) => void config.mounts.push({ destination: '/dev', type: 'tmpfs', source: 'tmpfs' }),
    prepare: (box) => {
      rmSync(inRoot(box, 'dev'), { recursive: true });
      writeFileSync(inRoot(box, 'dev'), '');
    },
  },
];
