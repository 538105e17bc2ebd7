/** Containers that use most of what a plan has steps for. */
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config, Edit, MountConfig } from '../lib/config.ts';
import { probe } from '../lib/runtime.ts';
import type { Sandbox } from '../lib/sandbox.ts';

/** What a container is made with, and what its creation needs. */
export interface Variant {
  readonly name: string;
  readonly edit: (box: Sandbox) => Edit;
  readonly flags?: readonly string[];
}

const filesystems: readonly MountConfig[] = [
  { destination: '/proc', type: 'proc', source: 'proc' },
  { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'mode=755', 'size=65536k'] },
  { destination: '/dev/pts', type: 'devpts', source: 'devpts', options: ['noexec', 'newinstance', 'ptmxmode=0666'] },
  { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['nosuid', 'noexec', 'nodev', 'ro'] },
  { destination: '/etc', type: 'tmpfs', source: 'tmpfs', options: ['tmpcopyup', 'rslave'] },
  { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: ['nosuid', 'ro'] },
  { destination: '/etc', options: ['remount', 'nosuid', 'size=1m'] },
];

const binds = (box: Sandbox): MountConfig[] => [
  { destination: '/data', source: box.path('data'), options: ['rbind', 'ro', 'rslave'] },
  { destination: '/data.conf', source: box.path('data/file'), options: ['bind', 'rnosuid'] },
  { destination: '/tmp', options: ['bind', 'rw'], source: box.path('bundle/rootfs/tmp') },
];

const fill = (box: Sandbox): void => {
  const etc = join(box.rootfs(), 'etc');
  writeFileSync(join(etc, 'passwd'), 'root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000::/home/user:/bin/sh\n');
  mkdirSync(join(etc, 'app'));
  writeFileSync(join(etc, 'app/conf'), 'text');
  symlinkSync('app/conf', join(etc, 'conf'));
  mkdirSync(join(box.rootfs(), 'bin'));
  box.file('data/file');
  symlinkSync('../probe', join(box.rootfs(), 'bin/app'));
  chmodSync(box.directory, 0o755);
};

const program: Edit = ({ process }) => {
  process.args = ['app', 'sleep'];
  process.env = ['PATH=/usr/bin:/bin'];
  process.cwd = '/home/user';
  process.rlimits = [{ type: 'RLIMIT_NOFILE', soft: 100, hard: 200 }];
};

const hooks: Edit = (config) => {
  config['hooks'] = {
    createContainer: [{ path: probe, args: ['probe', 'exit', '0'], timeout: 10 }],
    startContainer: [{ path: '/probe', args: ['probe', 'exit', '0'] }],
  };
};

/** What takes rights that only root of the machine has. */
const privileged: Edit = (config) => {
  const { process, linux } = config;
  process.user = { uid: 1000, gid: 1000, umask: 0o27, additionalGids: [5, 6] };
  process.capabilities = Object.fromEntries(
    ['bounding', 'effective', 'permitted', 'inheritable', 'ambient'].map((set) => [set, ['CAP_KILL', 'CAP_CHOWN']]),
  );
  process['oomScoreAdj'] = 100;
  process['scheduler'] = { policy: 'SCHED_BATCH', nice: 5 };
  process['ioPriority'] = { class: 'IOPRIO_CLASS_BE', priority: 5 };
  config.hostname = 'example';
  config['domainname'] = 'example.org';
  linux.namespaces.push({ type: 'time' }, { type: 'cgroup' });
  linux['timeOffsets'] = { monotonic: { secs: 60 }, boottime: { secs: 60 } };
  linux['sysctl'] = { 'net.ipv4.ip_forward': '1', 'kernel.msgmax': '4096' };
  linux['personality'] = { domain: 'LINUX' };
  linux['memoryPolicy'] = { mode: 'MPOL_PREFERRED', nodes: '0' };
  linux['devices'] = [
    { path: '/dev/fuse', type: 'c', major: 10, minor: 229, fileMode: 0o660, uid: 1000, gid: 1000 },
    { path: '/dev/pipe', type: 'p' },
  ];
};

const hiding: Edit = ({ linux }) => {
  linux.maskedPaths = ['/proc/acpi', '/proc/keys', '/proc/no-such-file', '/sys/firmware', '/proc/timer_list'];
  linux.readonlyPaths = ['/proc/bus', '/proc/sys', '/proc/no-such-file'];
  linux['rootfsPropagation'] = 'rslave';
};

const base =
  (box: Sandbox, ...edits: readonly Edit[]): Edit =>
  (config: Config) => {
    fill(box);
    config.mounts = [...filesystems, ...binds(box)];
    config.root = { path: 'rootfs', readonly: true };
    config.process.noNewPrivileges = true;
    delete config.linux['resources'];
    [program, hiding, ...edits].forEach((edit) => edit(config));
  };

const ids = [{ containerID: 0, hostID: 100000, size: 65536 }];

const inUserNamespace =
  (box: Sandbox): Edit =>
  (config) => {
    config.linux.namespaces.push({ type: 'user' });
    Object.assign(config.linux, { uidMappings: ids, gidMappings: ids });
    config.mounts.push({
      destination: '/mapped',
      source: box.path('data'),
      options: ['bind'],
      uidMappings: ids,
      gidMappings: ids,
    });
    box.give(100000);
  };

/** What is shared with another container, or with nobody's. */
const joining: Edit = ({ linux }) => {
  for (const type of ['ipc', 'uts', 'network']) {
    const name = type === 'network' ? 'net' : type;
    linux.namespaces = linux.namespaces.filter((each) => each.type !== type);
    linux.namespaces.push({ type, path: `/proc/self/ns/${name}` });
  }
};

const withoutMounts: Edit = (config) => {
  config.mounts = [];
  config.root.readonly = false;
  for (const name of ['maskedPaths', 'readonlyPaths', 'rootfsPropagation']) delete config.linux[name];
  config.linux.namespaces = config.linux.namespaces.filter(({ type }) => type !== 'mount');
};

export const variants: readonly Variant[] = [
  { name: 'with the rights of root', edit: (box) => base(box, privileged, hooks) },
  { name: 'in a user namespace', edit: (box) => base(box, inUserNamespace(box), hooks) },
  { name: 'in namespaces of others, without pivot_root', edit: (box) => base(box, joining), flags: ['--no-pivot'] },
  { name: 'without a mount namespace', edit: (box) => base(box, withoutMounts) },
];
