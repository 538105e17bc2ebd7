import type { Mount, Namespace, Spec } from './types.ts';

/** What the default document depends on. */
export interface DefaultOptions {
  /** For a caller without privileges: a user namespace with the caller as its root. */
  readonly rootless: boolean;
  /** Whether the host has cgroup v2 alone. */
  readonly cgroup2: boolean;
  readonly euid: number;
  readonly egid: number;
}

const capabilities = ['CAP_AUDIT_WRITE', 'CAP_KILL', 'CAP_NET_BIND_SERVICE'];

const mounts: readonly Mount[] = [
  { destination: '/proc', type: 'proc', source: 'proc' },
  {
    destination: '/dev',
    type: 'tmpfs',
    source: 'tmpfs',
    options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'],
  },
  {
    destination: '/dev/pts',
    type: 'devpts',
    source: 'devpts',
    options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
  },
  {
    destination: '/dev/shm',
    type: 'tmpfs',
    source: 'shm',
    options: ['nosuid', 'noexec', 'nodev', 'mode=1777', 'size=65536k'],
  },
  { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: ['nosuid', 'noexec', 'nodev'] },
  { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['nosuid', 'noexec', 'nodev', 'ro'] },
  {
    destination: '/sys/fs/cgroup',
    type: 'cgroup',
    source: 'cgroup',
    options: ['nosuid', 'noexec', 'nodev', 'relatime', 'ro'],
  },
];

/** A sysfs of its own needs the network namespace to belong to the user namespace; the host's own has to do. */
const hostSysfs: Mount = {
  destination: '/sys',
  type: 'none',
  source: '/sys',
  options: ['rbind', 'nosuid', 'noexec', 'nodev', 'ro'],
};

const maskedPaths = [
  '/proc/acpi',
  '/proc/asound',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/proc/sched_debug',
  '/sys/firmware',
  '/proc/scsi',
  '/sys/devices/virtual/tpm',
];

const readonlyPaths = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'];

/** The document that `spec` writes: what `runc spec` writes, with our name. */
export function defaultSpec(options: DefaultOptions): Spec {
  return {
    ociVersion: '1.3.0',
    process: {
      terminal: true,
      user: { uid: 0, gid: 0 },
      args: ['sh'],
      env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'TERM=xterm'],
      cwd: '/',
      capabilities: { bounding: capabilities, effective: capabilities, permitted: capabilities },
      rlimits: [{ type: 'RLIMIT_NOFILE', hard: 1024, soft: 1024 }],
      noNewPrivileges: true,
    },
    root: { path: 'rootfs', readonly: true },
    hostname: 'ocirun',
    mounts: options.rootless ? mounts.map(rootlessMount) : mounts,
    linux: {
      ...(options.rootless ? mappings(options) : { resources: { devices: [{ allow: false, access: 'rwm' }] } }),
      namespaces: namespaces(options),
      maskedPaths,
      readonlyPaths,
    },
  };
}

function namespaces({ rootless, cgroup2 }: DefaultOptions): Namespace[] {
  const shared: Namespace[] = [{ type: 'ipc' }, { type: 'uts' }, { type: 'mount' }];
  return [
    { type: 'pid' },
    ...(rootless ? [] : [{ type: 'network' } as const]),
    ...shared,
    ...(cgroup2 ? [{ type: 'cgroup' } as const] : []),
    ...(rootless ? [{ type: 'user' } as const] : []),
  ];
}

const mappings = ({ euid, egid }: DefaultOptions): Pick<NonNullable<Spec['linux']>, 'uidMappings' | 'gidMappings'> => ({
  uidMappings: [{ containerID: 0, hostID: euid, size: 1 }],
  gidMappings: [{ containerID: 0, hostID: egid, size: 1 }],
});

/** Ids that the user namespace does not map cannot own anything in it. */
function rootlessMount(mount: Mount): Mount {
  if (mount.destination === '/sys') return hostSysfs;
  if (!mount.options) return mount;
  return { ...mount, options: mount.options.filter((option) => !/^[ug]id=/.test(option)) };
}
