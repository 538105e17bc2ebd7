import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, lchownSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { binding, type Edit, mounting, userNamespace } from '../lib/config.ts';
import { conformance, type Scope } from '../lib/conformance.ts';
import { flavour, type CallOptions } from '../lib/runtime.ts';
import type { Sandbox } from '../lib/sandbox.ts';

/** How a container cannot be made, and what has to be said of it. */
interface Cause {
  readonly name: string;
  /** Make what is in the way, and name it in a config. */
  readonly make: (box: Sandbox) => Edit[];
  readonly code: string;
  readonly pointer: string;
  /** What the message has to name, besides the words of the kernel, which every runtime has. */
  readonly names: (box: Sandbox) => readonly string[];
  readonly words: RegExp;
  /** The element, directory or device that is to blame. */
  readonly path?: (box: Sandbox) => string;
  readonly hint?: RegExp;
  readonly expected?: string;
  readonly scope?: Scope;
  readonly call?: CallOptions;
}

interface Line {
  readonly msg: string;
  readonly code?: string;
  readonly pointer?: string;
  readonly location?: string;
  readonly path?: string;
  readonly hint?: string;
  readonly expected?: string;
}

const inRoot = (box: Sandbox, name: string): string => join(box.rootfs(), name);

const tmpfs = (destination: string, ...options: string[]): Edit =>
  mounting({ destination, type: 'tmpfs', source: 'tmpfs', options });

const filesystem = (type: string, source: string, ...options: string[]): Edit =>
  mounting({ destination: '/tmp', type, source, options });

const source = (box: Sandbox): string => {
  mkdirSync(box.path('source'), { recursive: true });
  return box.path('source');
};

/** The root filesystem of the host lies behind a mount that is read-only. */
const readOnlyRoot = (box: Sandbox): void => {
  const rootfs = box.rootfs();
  box.mount('bundle/rootfs', '--bind', rootfs);
  execFileSync('mount', ['-o', 'remount,bind,ro', rootfs]);
};

/** A root filesystem that belongs to the root of the user namespace, which the host has mounted something in. */
const locked = (box: Sandbox): void => {
  box.give(100000);
  mkdirSync(inRoot(box, 'locked'));
  box.mount('bundle/rootfs/locked', '-t', 'tmpfs', '-o', 'ro,nosuid,nodev,noexec', 'tmpfs');
};

const remount = (destination: string, ...options: string[]): Edit =>
  mounting({ destination, type: 'none', source: '/tmp', options: ['remount', ...options] });

const sources: readonly Cause[] = [
  {
    name: 'an element of the source is missing',
    make: (box) => [binding(join(source(box), 'none/deeper'), '/tmp')],
    code: 'E_MOUNT_PATH',
    pointer: '/mounts/7/source',
    names: (box) => [`${box.path('source/none')} does not exist`],
    words: /no such file or directory/,
    path: (box) => box.path('source/none'),
  },
  {
    name: 'an element of the source is a file',
    make: (box) => [binding(join(box.file('file'), 'deeper'), '/tmp')],
    code: 'E_MOUNT_PATH',
    pointer: '/mounts/7/source',
    names: (box) => [`${box.path('file')} is a regular file`],
    words: /not a directory/,
  },
  {
    name: 'the source is a link that leads nowhere',
    make: (box) => {
      symlinkSync('/ocirun-test-nowhere/x', box.path('link'));
      return [binding(box.path('link'), '/tmp')];
    },
    code: 'E_MOUNT_PATH',
    pointer: '/mounts/7/source',
    names: (box) => [`/ocirun-test-nowhere does not exist`, `${box.path('link')} -> /ocirun-test-nowhere/x`],
    words: /no such file or directory/,
  },
  {
    name: 'the filesystem of the source takes no id maps',
    make: () => [
      mounting({
        destination: '/tmp',
        type: 'none',
        source: '/proc/sys',
        options: ['bind'],
        uidMappings: [{ containerID: 0, hostID: 1000, size: 1 }],
        gidMappings: [{ containerID: 0, hostID: 1000, size: 1 }],
      }),
    ],
    code: 'E_MOUNT_SOURCE',
    pointer: '/mounts/7/source',
    names: () => ['the filesystem proc (mounted at /proc'],
    words: /invalid argument/,
    scope: { only: 'ocirun' },
  },
  {
    name: 'the root filesystem is missing',
    make: (box) => [(c) => void (c.root.path = join(source(box), 'none/rootfs'))],
    code: 'E_CONFIG_RULE',
    pointer: '/root/path',
    names: (box) => ['invalid rootfs', `${box.path('source/none')} does not exist`],
    words: /no such file or directory/,
  },
];

const targets: readonly Cause[] = [
  {
    name: 'a file is to be mounted on a directory',
    make: (box) => [binding(box.file('file'), '/tmp')],
    code: 'E_MOUNT_PATH',
    pointer: '/mounts/7',
    names: () => ['the source is a regular file, but /tmp in the root filesystem is a directory'],
    words: /not a directory/,
    path: () => '/tmp',
  },
  {
    name: 'a directory is to be mounted on a file',
    make: (box) => [binding(source(box), '/probe')],
    code: 'E_MOUNT_PATH',
    pointer: '/mounts/7',
    names: () => ['the source is a directory, but /probe in the root filesystem is a regular file'],
    words: /not a directory/,
    path: () => '/probe',
  },
  {
    name: 'an element of the mount point is a file',
    make: () => [tmpfs('/probe/below')],
    code: 'E_MOUNT_PATH',
    pointer: '/mounts/7',
    names: () => ['/probe is a regular file'],
    words: /not a directory/,
  },
  {
    name: 'an absolute link of the image leads to what is no directory inside',
    make: (box) => {
      symlinkSync('/probe/x', inRoot(box, 'way'));
      return [tmpfs('/way/here')];
    },
    code: 'E_MOUNT_PATH',
    pointer: '/mounts/7',
    names: () => ['/probe is a regular file', '/way -> /probe/x'],
    words: /not a directory/,
    hint: /counts from its own root/,
  },
  {
    name: 'links of the image lead to each other',
    make: (box) => {
      symlinkSync('b', inRoot(box, 'a'));
      symlinkSync('a', inRoot(box, 'b'));
      return [tmpfs('/a/x')];
    },
    code: 'E_MOUNT_PATH',
    pointer: '/mounts/7',
    names: () => ['too many symbolic links, from /a -> b on'],
    words: /too many levels of symbolic links/,
  },
  {
    name: 'a name in the mount point is too long',
    make: () => [tmpfs(`/tmp/${'n'.repeat(300)}/x`)],
    code: 'E_MOUNT_PATH',
    pointer: '/mounts/7',
    names: () => ['has 300 characters'],
    words: /file ?name too long/,
  },
  {
    name: 'a procfs is to be mounted where a link leads',
    make: (box) => {
      rmSync(inRoot(box, 'proc'), { recursive: true });
      symlinkSync('tmp', inRoot(box, 'proc'));
      return [];
    },
    code: 'E_MOUNT_PATH',
    pointer: '/mounts/0',
    names: () => ['/proc is a symbolic link to tmp', 'on a real directory only'],
    words: /proc/,
  },
  {
    name: 'a mount point is missing in a root filesystem that is read-only',
    make: (box) => {
      readOnlyRoot(box);
      return [tmpfs('/none/deeper')];
    },
    code: 'E_MOUNT_PATH',
    pointer: '/mounts/7',
    names: () => ['/none is missing in the root filesystem, and cannot be made: read-only file system'],
    words: /read-only file ?system/,
    path: () => '/none',
    hint: /make \/none in the image/,
  },
  {
    name: 'nothing is mounted where a remount is asked for',
    make: () => [remount('/tmp', 'bind', 'ro')],
    code: 'E_MOUNT',
    pointer: '/mounts/7',
    names: () => ['remount /tmp: nothing is mounted there'],
    words: /invalid argument/,
  },
  {
    name: 'a device has to be made where there is something else',
    make: (box) => {
      writeFileSync(inRoot(box, 'dev/null'), '');
      return [(c) => void (c.mounts = c.mounts.filter(({ destination }) => !destination.startsWith('/dev')))];
    },
    code: 'E_MOUNT_PATH',
    pointer: '',
    names: () => ['/dev/null is a regular file'],
    words: /file exists/,
    scope: { only: 'ocirun' },
  },
];

const filesystems: readonly Cause[] = [
  {
    name: 'a filesystem refuses the value of an option',
    make: () => [tmpfs('/tmp', 'size=lots')],
    code: 'E_MOUNT_OPTION',
    pointer: '/mounts/7',
    names: () => ['the filesystem tmpfs refuses the option "size=lots"', "Bad value for 'size'"],
    words: /invalid argument/,
  },
  {
    name: 'a filesystem does not know an option',
    make: () => [tmpfs('/tmp', 'mode=0755', 'nosuchoption')],
    code: 'E_MOUNT_OPTION',
    pointer: '/mounts/7',
    names: () => ['refuses the option "nosuchoption"', "Unknown parameter 'nosuchoption'"],
    words: /invalid argument/,
  },
  {
    name: 'the kernel does not know a filesystem',
    make: () => [filesystem('ocirun-test-fs', 'none')],
    code: 'E_MOUNT',
    pointer: '/mounts/7',
    names: () => ['the kernel knows no filesystem type "ocirun-test-fs"'],
    words: /no such device/,
    hint: /modprobe ocirun-test-fs/,
  },
  {
    name: 'a bind mount is written without its option',
    make: (box) => [filesystem('none', source(box), 'ro')],
    code: 'E_MOUNT',
    pointer: '/mounts/7',
    names: () => ['the kernel knows no filesystem type "none"'],
    words: /no such device/,
    hint: /That needs the option "bind"/,
  },
  {
    name: 'the device of a filesystem is missing',
    make: () => [filesystem('ext4', '/dev/ocirun-test-none')],
    code: 'E_MOUNT_PATH',
    pointer: '/mounts/7',
    names: () => ['/dev/ocirun-test-none does not exist'],
    words: /no such file or directory/,
    path: () => '/dev/ocirun-test-none',
  },
  {
    name: 'the device of a filesystem is none',
    make: (box) => [filesystem('ext4', box.file('file'))],
    code: 'E_MOUNT_PATH',
    pointer: '/mounts/7',
    names: (box) => [`the source ${box.path('file')} is not a block device`],
    words: /block device required/,
  },
  {
    name: 'a layer of an overlay is missing',
    make: (box) => [filesystem('overlay', 'overlay', `lowerdir=${source(box)}:${box.path('source')}/none/x`)],
    code: 'E_MOUNT_PATH',
    pointer: '/mounts/7',
    names: (box) => [`${box.path('source/none')} does not exist`],
    words: /no such file or directory/,
    path: (box) => box.path('source/none'),
  },
  {
    name: 'the upper directory of an overlay lies on a filesystem that cannot hold it',
    make: (box) => [
      filesystem('overlay', 'overlay', `lowerdir=${source(box)}`, 'upperdir=/proc/sys', 'workdir=/proc/sys/kernel'),
    ],
    code: 'E_MOUNT_OPTION',
    pointer: '/mounts/7',
    names: () => ['refuses the option "', 'overlay: filesystem on /proc/sys'],
    words: /invalid argument/,
  },
];

const userNamespaces: readonly Cause[] = [
  {
    name: 'a flag is locked',
    make: (box) => {
      locked(box);
      return [userNamespace(), remount('/locked', 'bind', 'noexec', 'rw', 'dev')];
    },
    code: 'E_MOUNT_LOCKED',
    pointer: '/mounts/7',
    names: () => ['cannot clear locked flags ro, nodev', 'ro,nosuid,nodev,noexec'],
    words: /operation not permitted/,
    expected: '["remount", "bind", "ro", "nosuid", "nodev", "noexec", "relatime"]',
  },
  {
    name: 'a remount is to change the filesystem of somebody else',
    make: (box) => {
      locked(box);
      return [userNamespace(), remount('/locked', 'ro', 'size=4k')];
    },
    code: 'E_MOUNT_OPTION',
    pointer: '/mounts/7',
    names: () => ['belongs to another user namespace'],
    words: /operation not permitted/,
    hint: /"bind"/,
  },
  {
    name: 'the container’s root may not pass through a directory above its root filesystem',
    make: (box) => {
      box.give(100000);
      chmodSync(box.directory, 0o700);
      return [userNamespace()];
    },
    code: 'E_MOUNT_TRAVERSE',
    pointer: '/root/path',
    names: (box) => [
      `uid 0 of the container (uid 100000, gid 100000 outside)`,
      `${box.directory} (mode 0700, owner 0:0)`,
    ],
    words: /permission denied/,
    path: (box) => box.directory,
    hint: /^chmod o\+x \//,
  },
  {
    name: 'the container’s root may not pass through a directory of its root filesystem',
    make: (box) => {
      mkdirSync(inRoot(box, 'closed/inner'), { recursive: true });
      box.give(100000);
      chownSync(inRoot(box, 'closed'), 0, 0);
      chmodSync(inRoot(box, 'closed'), 0o700);
      return [userNamespace(), tmpfs('/closed/inner')];
    },
    code: 'E_MOUNT_TRAVERSE',
    pointer: '/mounts/7',
    names: () => ['uid 0 of the container (uid 100000 outside) may not pass through /closed', 'mode 0700'],
    words: /permission denied/,
    path: () => '/closed',
  },
  {
    name: 'a mount point cannot be made by the container’s root',
    make: (box) => {
      mkdirSync(inRoot(box, 'closed'));
      box.give(100000);
      lchownSync(inRoot(box, 'closed'), 0, 0);
      return [userNamespace(), tmpfs('/closed/new')];
    },
    code: 'E_MOUNT_PATH',
    pointer: '/mounts/7',
    names: () => ['/closed/new is missing', '/closed is not writable for uid 0 of the container (uid 100000 outside)'],
    words: /permission denied/,
  },
  {
    name: 'a filesystem may not be mounted in a user namespace',
    make: (box) => {
      box.give(100000);
      return [userNamespace(), filesystem('debugfs', 'debugfs')];
    },
    code: 'E_MOUNT',
    pointer: '/mounts/7',
    names: () => ['a filesystem of type debugfs may not be mounted in a user namespace'],
    words: /operation not permitted/,
  },
  {
    name: 'a sysfs belongs to the owner of the network namespace',
    make: (box) => {
      box.give(100000);
      return [
        userNamespace(),
        (c) => void (c.linux.namespaces = c.linux.namespaces.filter(({ type }) => type !== 'network')),
      ];
    },
    code: 'E_MOUNT',
    pointer: '/mounts/5',
    names: () => ['a sysfs shows the network namespace'],
    words: /operation not permitted/,
  },
  {
    name: 'a procfs is refused where the one outside is covered',
    make: (box) => {
      box.give(100000);
      return [userNamespace()];
    },
    code: 'E_MOUNT',
    pointer: '/mounts/0',
    names: () => ['a new proc where the one outside is covered in part', '/proc/sys/kernel'],
    words: /operation not permitted/,
    hint: /bind mount \/proc/,
    call: { through: ['unshare', '--mount', 'sh', '-c', 'mount -t tmpfs none /proc/sys/kernel && exec "$@"', 'sh'] },
  },
];

const refused = (cause: Cause): void =>
  conformance(
    cause.name,
    (t, box) => {
      const bundle = box.bundle(...cause.make(box));
      const args = ['--log-format', 'json', 'create', '--bundle', bundle, box.id()];
      const { status, stderr } = box.call(args, cause.call);
      t.equal(status, 1, 'it fails');
      const line = JSON.parse(stderr.trimEnd().split('\n').at(-1) || '{}') as Line;
      t.match(line.msg, cause.words);
      t.strictSame(box.ids(), [], 'no state is kept');
      if (flavour !== 'ocirun') return;
      for (const name of cause.names(box)) t.match(line.msg + (line.hint ?? ''), name);
      t.equal(line.code, cause.code, line.msg);
      t.equal(line.pointer ?? '', cause.pointer);
      if (cause.pointer !== '') t.match(line.location, /^config\.json:\d+:\d+$/);
      if (cause.path) t.equal(line.path, cause.path(box));
      if (cause.hint) t.match(line.hint, cause.hint);
      if (cause.expected) t.equal(line.expected, cause.expected);
    },
    cause.scope,
  );

[...sources, ...targets, ...filesystems, ...userNamespaces].forEach(refused);
