import t from 'tap';
import type { Spec } from '../spec/types.ts';
import type { Finding } from '../validate/finding.ts';
import type { Machine } from './machine.ts';
import { resourceControls } from '../plan/cgroup/index.ts';
import { findingsOn, hostChecks } from './findings.ts';

type Json = Readonly<Record<string, unknown>>;

/** What an invented machine is made of. */
interface Invention {
  readonly release?: string;
  readonly euid?: number;
  /** Numbers of capabilities that are missing: in the effective and in the bounding set. */
  readonly without?: readonly number[];
  readonly lastCapability?: number;
  /** Files by path; undefined: missing. */
  readonly files?: Readonly<Record<string, string | undefined>>;
  /** Paths with their modes; those of files are there anyhow. */
  readonly modes?: Readonly<Record<string, number>>;
  readonly unknown?: readonly string[];
  readonly namespaces?: Readonly<Record<string, string>>;
  readonly filesystems?: Readonly<Record<string, number>>;
}

/** A machine that can do everything. */
const files: Readonly<Record<string, string | undefined>> = {
  '/proc/self/mountinfo':
    '26 24 0:24 / /run rw,nosuid shared:2 - tmpfs tmpfs rw\n' +
    '31 23 0:28 / /sys/fs/cgroup rw,relatime - cgroup2 cgroup2 rw\n' +
    '32 23 0:29 / /sys/fs/resctrl rw,relatime - resctrl resctrl rw\n',
  '/proc/filesystems': 'nodev\tproc\nnodev\ttmpfs\n\text4\nnodev\tfuse\nnodev\tcgroup2\nnodev\tresctrl\n',
  '/proc/self/limits':
    'Limit                     Soft Limit           Hard Limit           Units     \n' +
    'Max open files            1024                 20000                files     \n' +
    'Max core file size        0                    unlimited            bytes     \n' +
    'Max nice priority         0                    0                    \n' +
    'Max realtime priority     0                    10                   \n',
  '/proc/self/oom_score_adj': '0\n',
  '/proc/self/cgroup': '0::/user.slice\n',
  '/proc/self/uid_map': '         0          0 4294967295\n',
  '/proc/self/gid_map': '         0          0 4294967295\n',
  '/proc/uptime': '1000.50 2000.00\n',
  '/proc/cgroups': '#subsys_name\thierarchy\tnum_cgroups\tenabled\nmemory\t0\t1\t1\nblkio\t0\t1\t1\n',
  '/proc/sys/fs/nr_open': '1048576\n',
  '/proc/sys/user/max_net_namespaces': '100\n',
  '/proc/sys/kernel/seccomp': '',
  '/proc/sys/kernel/seccomp/actions_avail': 'kill_process kill_thread trap errno user_notif trace log allow\n',
  '/proc/sys/vm/memfd_noexec': '0\n',
  '/proc/sys/net/ipv4/ip_forward': '0\n',
  '/proc/sys/net/core/somaxconn': '0\n',
  '/sys/fs/cgroup/cgroup.controllers': 'cpuset cpu io memory hugetlb pids rdma misc\n',
  '/sys/fs/cgroup/user.slice/cgroup.controllers': 'memory pids\n',
  '/sys/kernel/mm/hugepages/hugepages-2048kB': '',
  '/sys/devices/system/node/online': '0-1\n',
  '/sys/devices/system/cpu/possible': '0-3\n',
  '/sys/module/apparmor': '',
  '/sys/module/apparmor/parameters/enabled': 'Y\n',
  '/sys/kernel/security/apparmor/profiles': 'docker-default (enforce)\n',
  '/sys/kernel/security/lsm': 'capability,selinux,apparmor\n',
  '/sys/fs/selinux/enforce': '1',
  '/sys/fs/resctrl/gold': '',
  '/sys/dev/block/8:0': '',
  '/sys/dev/block/8:0/queue/scheduler': 'none mq-deadline [bfq]\n',
  '/sys/dev/block/8:1': '',
  '/sys/dev/block/8:1/partition': '1\n',
  '/sys/class/net/eth0': '',
  ...Object.fromEntries(
    ['mnt', 'pid', 'net', 'uts', 'ipc', 'user', 'cgroup', 'time'].map((name) => [`/proc/self/ns/${name}`, '']),
  ),
};

const directory = 0o040755;

function invented(invention: Invention): Machine {
  const {
    release = '6.18.0',
    euid = 0,
    without = [],
    modes = {},
    unknown = [],
    namespaces = {},
    filesystems = {},
  } = invention;
  const there = { ...files, ...invention.files };
  const allModes: Readonly<Record<string, number>> = { '/bundle/rootfs': directory, '/hook': 0o100755, ...modes };
  const set = {
    low: ~without.filter((number) => number < 32).reduce((bits, number) => bits | (1 << number), 0),
    high: 0x1ff & ~without.filter((number) => number >= 32).reduce((bits, number) => bits | (1 << (number & 31)), 0),
  };
  return {
    release,
    euid,
    effective: set,
    bounding: set,
    lastCapability: invention.lastCapability ?? 40,
    text: (path) => (unknown.includes(path) ? undefined : there[path]),
    look: (path) => {
      if (unknown.includes(path)) return 'unknown';
      const mode = allModes[path] ?? (there[path] === undefined ? undefined : 0o100644);
      return mode === undefined ? 'missing' : { isDirectory: (mode & 0o170000) === 0o040000, mode };
    },
    filesystem: (path) => filesystems[path],
    namespace: (path) => namespaces[path],
  };
}

interface Case {
  readonly spec?: Json;
  readonly machine?: Invention;
}

interface Cases {
  readonly good: readonly Case[];
  /** Pointers, parted by spaces, a part of the first message, and what is bad. */
  readonly bad: readonly (readonly [pointers: string, says: RegExp, bad: Case])[];
}

const base = { ociVersion: '1.3.0', root: { path: 'rootfs' }, process: { cwd: '/', args: ['sh'] } };
const linux = (members: Json): Json => ({ linux: members });
const process = (members: Json): Json => ({ process: { ...base.process, ...members } });
const resources = (members: Json): Json => linux({ resources: members });
const namespace = (...namespaces: Json[]): Json => linux({ namespaces });
const mount = (members: Json): Json => ({ mounts: [{ destination: '/a', ...members }] });
const map = (hostID: number, size: number): Json => ({
  linux: { uidMappings: [{ containerID: 0, hostID, size }], namespaces: [{ type: 'user' }] },
});
const [NET_ADMIN, SYS_ADMIN, SYS_NICE, SYS_RESOURCE, MKNOD, BPF] = [12, 21, 23, 24, 27, 39];

const table: Readonly<Record<string, Cases>> = {
  kernelIsNewEnough: {
    good: [{ machine: { release: '5.14.0' } }],
    bad: [['', /5\.13\.9; ocirun needs 5\.14/, { machine: { release: '5.13.9' } }]],
  },
  valuesAreOfThisKernel: {
    good: [
      { spec: linux({ memoryPolicy: { mode: 'MPOL_WEIGHTED_INTERLEAVE', nodes: '0' } }) },
      { spec: resources({ cpu: { idle: 1 } }) },
    ],
    bad: [
      [
        '/linux/memoryPolicy/mode',
        /MPOL_WEIGHTED_INTERLEAVE needs 6\.9/,
        { spec: linux({ memoryPolicy: { mode: 'MPOL_WEIGHTED_INTERLEAVE' } }), machine: { release: '6.8.1' } },
      ],
      [
        '/linux/seccomp/flags/0 /linux/resources/cpu/idle',
        /needs 5\.19/,
        {
          spec: linux({
            seccomp: { defaultAction: 'SCMP_ACT_ALLOW', flags: ['SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV'] },
            resources: { cpu: { idle: 1 } },
          }),
          machine: { release: '5.14.0' },
        },
      ],
    ],
  },
  initCanBeExecuted: {
    good: [{}, { machine: { files: { '/proc/sys/vm/memfd_noexec': '2\n' } } }],
    bad: [
      [
        '',
        /\/run, which is mounted with noexec/,
        {
          machine: {
            files: {
              '/proc/sys/vm/memfd_noexec': '2\n',
              '/proc/self/mountinfo':
                '26 24 0:24 / /run rw,noexec shared:2 - tmpfs tmpfs rw\n31 23 0:28 / /sys/fs/cgroup rw - cgroup2 c rw\n',
            },
          },
        },
      ],
    ],
  },
  clocksStayPositive: {
    good: [{ spec: linux({ timeOffsets: { monotonic: { secs: -1000 }, boottime: { secs: 5 } } }) }],
    bad: [
      [
        '/linux/timeOffsets/boottime/secs',
        /is at 1000 s: it cannot be set back by 1003 s/,
        { spec: linux({ timeOffsets: { boottime: { secs: -1003 } } }) },
      ],
    ],
  },
  nodesExist: {
    good: [
      {
        spec: linux({
          memoryPolicy: { mode: 'MPOL_BIND', nodes: '0,1' },
          resources: { cpu: { cpus: '0-3', mems: '' } },
        }),
      },
    ],
    bad: [
      [
        '/linux/memoryPolicy/nodes',
        /no memory node 2: it has 0-1/,
        { spec: linux({ memoryPolicy: { nodes: '1-3' } }) },
      ],
      [
        '/linux/resources/cpu/mems /linux/resources/cpu/cpus',
        /no memory node 4/,
        { spec: resources({ cpu: { cpus: '0,4', mems: '0,4' } }) },
      ],
    ],
  },
  seccompIsThere: {
    good: [{ spec: linux({ seccomp: { defaultAction: 'SCMP_ACT_KILL', syscalls: [{ action: 'SCMP_ACT_NOTIFY' }] } }) }],
    bad: [
      [
        '/linux/seccomp',
        /built without seccomp/,
        {
          spec: linux({ seccomp: { defaultAction: 'SCMP_ACT_ALLOW' } }),
          machine: {
            files: { '/proc/sys/kernel/seccomp': undefined, '/proc/sys/kernel/seccomp/actions_avail': undefined },
          },
        },
      ],
      [
        '/linux/seccomp/syscalls/1/action',
        /no SCMP_ACT_NOTIFY/,
        {
          spec: linux({
            seccomp: {
              defaultAction: 'SCMP_ACT_ALLOW',
              syscalls: [{ action: 'SCMP_ACT_LOG' }, { action: 'SCMP_ACT_NOTIFY' }],
            },
          }),
          machine: { files: { '/proc/sys/kernel/seccomp/actions_avail': 'errno log allow\n' } },
        },
      ],
    ],
  },
  appArmorIsThere: {
    good: [
      { spec: process({ apparmorProfile: 'docker-default' }) },
      { spec: process({ apparmorProfile: 'unconfined' }) },
      {
        spec: process({ apparmorProfile: 'other' }),
        machine: { unknown: ['/sys/kernel/security/apparmor/profiles'] },
      },
    ],
    bad: [
      [
        '/process/apparmorProfile',
        /AppArmor is not enabled/,
        {
          spec: process({ apparmorProfile: 'docker-default' }),
          machine: {
            files: { '/sys/module/apparmor': undefined, '/sys/module/apparmor/parameters/enabled': undefined },
          },
        },
      ],
      [
        '/process/apparmorProfile',
        /AppArmor is not enabled/,
        {
          spec: process({ apparmorProfile: 'docker-default' }),
          machine: { files: { '/sys/module/apparmor/parameters/enabled': 'N\n' } },
        },
      ],
      ['/process/apparmorProfile', /profile docker is not loaded/, { spec: process({ apparmorProfile: 'docker' }) }],
    ],
  },
  seLinuxIsThere: {
    good: [
      { spec: { ...process({ selinuxLabel: 'a:b:c:s0' }), ...linux({ mountLabel: 'a' }) } },
      { spec: process({ selinuxLabel: 'a' }), machine: { files: { '/sys/fs/selinux/enforce': undefined } } },
    ],
    bad: [
      [
        '/process/selinuxLabel /linux/mountLabel',
        /SELinux is not enabled/,
        {
          spec: { ...process({ selinuxLabel: 'a:b:c:s0' }), ...linux({ mountLabel: 'a' }) },
          machine: { files: { '/sys/fs/selinux/enforce': undefined, '/sys/kernel/security/lsm': 'capability\n' } },
        },
      ],
    ],
  },
  sysctlsExist: {
    good: [
      {
        spec: linux({
          sysctl: { 'net.ipv4.ip_forward': '1', 'net/core/somaxconn': '1', 'net.ipv4.conf.eth7.forwarding': '1' },
        }),
      },
    ],
    bad: [
      [
        '/linux/sysctl/net~1core~1none',
        /no parameter net\/core\/none/,
        { spec: linux({ sysctl: { 'net/core/none': '1' } }) },
      ],
    ],
  },
  kindsOfNamespacesExist: {
    good: [{ spec: namespace({ type: 'time' }, { type: 'mount' }) }],
    bad: [
      [
        '/linux/namespaces/1',
        /built without time namespaces/,
        {
          spec: namespace({ type: 'mount' }, { type: 'time' }),
          machine: { files: { '/proc/self/ns/time': undefined } },
        },
      ],
    ],
  },
  namespacesAreAllowed: {
    good: [{ spec: namespace({ type: 'network' }) }],
    bad: [
      [
        '/linux/namespaces/0',
        /user\.max_net_namespaces is 0/,
        {
          spec: namespace({ type: 'network' }, { type: 'uts', path: '/u' }),
          machine: { files: { '/proc/sys/user/max_net_namespaces': '0\n', '/u': '' } },
        },
      ],
    ],
  },
  userNamespacesAreForUs: {
    good: [
      {
        spec: namespace({ type: 'user' }),
        machine: { files: { '/proc/sys/kernel/unprivileged_userns_clone': '0\n' } },
      },
      { spec: namespace({ type: 'user' }), machine: { euid: 1000 } },
    ],
    bad: [
      [
        '/linux/namespaces/1',
        /unprivileged_userns_clone is 0/,
        {
          spec: namespace({ type: 'pid' }, { type: 'user' }),
          machine: { euid: 1000, files: { '/proc/sys/kernel/unprivileged_userns_clone': '0\n' } },
        },
      ],
      [
        '/linux/namespaces/0',
        /AppArmor may take/,
        {
          spec: namespace({ type: 'user' }),
          machine: { euid: 1000, files: { '/proc/sys/kernel/apparmor_restrict_unprivileged_userns': '1\n' } },
        },
      ],
    ],
  },
  namespacePathsLeadThere: {
    good: [
      {
        spec: namespace({ type: 'network', path: '/run/netns/a' }),
        machine: { files: { '/run/netns/a': '' }, namespaces: { '/run/netns/a': 'net' } },
      },
      { spec: namespace({ type: 'network', path: '/run/netns/a' }), machine: { unknown: ['/run/netns/a'] } },
    ],
    bad: [
      [
        '/linux/namespaces/0/path',
        /\/run\/netns\/a does not exist/,
        { spec: namespace({ type: 'network', path: '/run/netns/a' }) },
      ],
      [
        '/linux/namespaces/0/path',
        /\/a is no namespace/,
        {
          spec: namespace({ type: 'network', path: '/a' }),
          machine: { files: { '/a': '' }, namespaces: { '/a': '' } },
        },
      ],
      [
        '/linux/namespaces/0/path',
        /\/a is a namespace of kind uts, not network/,
        {
          spec: namespace({ type: 'network', path: '/a' }),
          machine: { files: { '/a': '' }, namespaces: { '/a': 'uts' } },
        },
      ],
    ],
  },
  hostIdsAreOurs: {
    good: [
      { spec: map(100000, 65536) },
      { spec: map(0, 65536), machine: { files: { '/proc/self/uid_map': '0 100000 65536\n' } } },
    ],
    bad: [
      [
        '/linux/uidMappings/0/hostID',
        /user ids 1 to 65536 are not all mapped/,
        { spec: map(1, 65536), machine: { files: { '/proc/self/uid_map': '0 100000 65536\n' } } },
      ],
    ],
  },
  weMayMakeContainers: {
    good: [{}, { spec: namespace({ type: 'user' }), machine: { without: [SYS_ADMIN] } }],
    bad: [['/linux/namespaces', /without CAP_SYS_ADMIN/, { machine: { without: [SYS_ADMIN] } }]],
  },
  limitsCanBeRaised: {
    good: [
      { spec: process({ rlimits: [{ type: 'RLIMIT_NOFILE', soft: 1, hard: 1048576 }] }) },
      {
        spec: process({
          rlimits: [
            { type: 'RLIMIT_NOFILE', hard: 20000 },
            { type: 'RLIMIT_CORE', hard: 2 ** 64 },
          ],
        }),
        machine: { without: [SYS_RESOURCE] },
      },
    ],
    bad: [
      [
        '/process/rlimits/0/hard',
        /20001 is above our own hard limit, 20000/,
        { spec: process({ rlimits: [{ type: 'RLIMIT_NOFILE', hard: 20001 }] }), machine: { without: [SYS_RESOURCE] } },
      ],
      [
        '/process/rlimits/0/hard',
        /above fs\.nr_open, 1048576/,
        { spec: process({ rlimits: [{ type: 'RLIMIT_NOFILE', hard: 1048577 }] }) },
      ],
    ],
  },
  oomScoreCanBeLowered: {
    good: [
      { spec: process({ oomScoreAdj: -1000 }) },
      { spec: process({ oomScoreAdj: 0 }), machine: { without: [SYS_RESOURCE] } },
    ],
    bad: [
      [
        '/process/oomScoreAdj',
        /oomScoreAdj -1 is below our own, 0/,
        { spec: process({ oomScoreAdj: -1 }), machine: { without: [SYS_RESOURCE] } },
      ],
    ],
  },
  capabilitiesAreOurs: {
    good: [
      { spec: process({ capabilities: { bounding: ['CAP_MKNOD', 'CAP_NONE'] } }) },
      {
        spec: { ...process({ capabilities: { bounding: ['CAP_SYS_NICE'] } }), ...namespace({ type: 'user' }) },
        machine: { without: [SYS_NICE] },
      },
    ],
    bad: [
      [
        '/process/capabilities/bounding/1',
        /CAP_SYS_NICE cannot be given: it is not in our bounding set/,
        {
          spec: process({ capabilities: { bounding: ['CAP_SETFCAP', 'CAP_SYS_NICE', 'CAP_MAC_OVERRIDE'] } }),
          machine: { without: [SYS_NICE] },
        },
      ],
      [
        '/process/capabilities/ambient/0',
        /CAP_BPF cannot be given: this kernel does not know it/,
        {
          spec: process({ capabilities: { ambient: ['CAP_BPF'] } }),
          machine: { without: [BPF], lastCapability: 38 },
        },
      ],
      [
        '/process/capabilities/bounding/1',
        /CAP_SYS_NICE cannot be given/,
        {
          spec: process({ capabilities: { bounding: ['CAP_KILL', 'CAP_SYS_NICE'], effective: ['CAP_SYS_NICE'] } }),
          machine: { without: [SYS_NICE] },
        },
      ],
    ],
  },
  prioritiesAreOurs: {
    good: [
      { spec: process({ scheduler: { policy: 'SCHED_FIFO', priority: 99 } }) },
      { spec: process({ scheduler: { policy: 'SCHED_FIFO', priority: 10 } }), machine: { without: [SYS_NICE] } },
      { spec: process({ scheduler: { policy: 'SCHED_OTHER', nice: 0 } }), machine: { without: [SYS_NICE] } },
      { spec: process({ ioPriority: { class: 'IOPRIO_CLASS_RT', priority: 0 } }), machine: { without: [SYS_NICE] } },
    ],
    bad: [
      [
        '/process/scheduler/priority',
        /SCHED_FIFO with priority 11/,
        { spec: process({ scheduler: { policy: 'SCHED_FIFO', priority: 11 } }), machine: { without: [SYS_NICE] } },
      ],
      [
        '/process/scheduler/nice',
        /nice -1 cannot be set/,
        { spec: process({ scheduler: { policy: 'SCHED_OTHER', nice: -1 } }), machine: { without: [SYS_NICE] } },
      ],
      [
        '/process/scheduler/policy /process/ioPriority/class',
        /SCHED_DEADLINE cannot be set/,
        {
          spec: process({ scheduler: { policy: 'SCHED_DEADLINE' }, ioPriority: { class: 'IOPRIO_CLASS_RT' } }),
          machine: { without: [SYS_NICE, SYS_ADMIN] },
        },
      ],
    ],
  },
  cgroup2IsMounted: {
    good: [{}, { machine: { unknown: ['/proc/self/mountinfo'] } }],
    bad: [
      [
        '/linux/cgroupsPath',
        /no cgroup2 hierarchy/,
        { machine: { files: { '/proc/self/mountinfo': '1 2 0:1 / / rw - ext4 a rw' } } },
      ],
    ],
  },
  controllersAreThere: {
    good: [
      {
        spec: resources({
          memory: { limit: 1 },
          cpu: { shares: 1, cpus: '0' },
          blockIO: { weight: 10 },
          pids: { limit: 0 },
          hugepageLimits: [{ pageSize: '2MB', limit: 0 }],
          rdma: { a: { hcaHandles: 1 } },
          unified: { 'memory.high': '1', 'cgroup.freeze': '0' },
          devices: [{ allow: false }],
        }),
      },
      {
        spec: resources({ memory: { limit: 1 } }),
        machine: {
          files: {
            '/proc/self/mountinfo':
              '1 2 0:1 / /sys/fs/cgroup/unified rw - cgroup2 c rw\n3 2 0:1 / /sys/fs/cgroup rw - cgroup2 c rw\n',
            '/sys/fs/cgroup/unified/cgroup.controllers': '\n',
          },
        },
      },
      {
        spec: resources({
          memory: { limit: 0, swappiness: 60 },
          cpu: { shares: 0, realtimePeriod: 1 },
          blockIO: { leafWeight: 10 },
        }),
        machine: { files: { '/sys/fs/cgroup/cgroup.controllers': '\n' } },
      },
    ],
    bad: [
      [
        '/linux/resources/memory/reservation',
        /no memory controller here: it is bound to hierarchy 4 of cgroup v1/,
        {
          spec: resources({ memory: { reservation: 1 } }),
          machine: {
            files: {
              '/sys/fs/cgroup/cgroup.controllers': 'hugetlb\n',
              '/proc/cgroups': '#subsys_name\thierarchy\tnum_cgroups\tenabled\nmemory\t4\t25\t1\n',
            },
          },
        },
      ],
      [
        '/linux/resources/pids/limit /linux/resources/memory/limit /linux/resources/blockIO/weight /linux/resources/unified/misc.max',
        /no pids controller here: the kernel was booted with it disabled/,
        {
          spec: resources({
            memory: { limit: 1 },
            blockIO: { weight: 10 },
            pids: { limit: 1 },
            unified: { 'misc.max': '' },
          }),
          machine: {
            files: {
              '/sys/fs/cgroup/cgroup.controllers': 'hugetlb\n',
              '/proc/cgroups':
                '#subsys_name\thierarchy\tnum_cgroups\tenabled\nmemory\t4\t25\t1\nblkio\t7\t1\t1\npids\t0\t1\t0\n',
            },
          },
        },
      ],
    ],
  },
  controllersAreDelegated: {
    good: [
      { spec: resources({ cpu: { shares: 1 } }) },
      { spec: resources({ memory: { limit: 1 } }), machine: { euid: 1000 } },
    ],
    bad: [
      [
        '/linux/resources/cpu/quota',
        /cpu controller is not delegated to our cgroup \/user\.slice/,
        { spec: resources({ cpu: { quota: 1000 } }), machine: { euid: 1000 } },
      ],
    ],
  },
  hugepageSizesExist: {
    good: [{ spec: resources({ hugepageLimits: [{ pageSize: '2MB', limit: 0 }] }) }],
    bad: [
      [
        '/linux/resources/hugepageLimits/0/pageSize',
        /no huge pages of 1GB/,
        { spec: resources({ hugepageLimits: [{ pageSize: '1GB', limit: 0 }] }) },
      ],
    ],
  },
  blockDevicesAreThere: {
    good: [{ spec: resources({ blockIO: { throttleReadBpsDevice: [{ major: 8, minor: 0, rate: 1 }] } }) }],
    bad: [
      [
        '/linux/resources/blockIO/throttleReadBpsDevice/0 /linux/resources/blockIO/throttleWriteIOPSDevice/1',
        /there is no block device 9:0/,
        {
          spec: resources({
            blockIO: {
              throttleReadBpsDevice: [{ major: 9, minor: 0, rate: 1 }],
              throttleWriteIOPSDevice: [
                { major: 8, minor: 0, rate: 1 },
                { major: 8, minor: 1, rate: 1 },
              ],
            },
          }),
        },
      ],
    ],
  },
  weightedDevicesHaveBfq: {
    good: [
      { spec: resources({ blockIO: { weightDevice: [{ major: 8, minor: 0, weight: 10 }] } }) },
      { spec: resources({ blockIO: { weightDevice: [{ major: 9, minor: 0, weight: 0 }] } }) },
    ],
    bad: [
      [
        '/linux/resources/blockIO/weightDevice/0',
        /block device 8:1 does not have the scheduler BFQ/,
        { spec: resources({ blockIO: { weightDevice: [{ major: 8, minor: 1, weight: 10 }] } }) },
      ],
    ],
  },
  resctrlIsMounted: {
    good: [
      { spec: linux({ intelRdt: { closID: 'gold' } }) },
      { spec: linux({ intelRdt: { closID: 'new', schemata: ['L3:0=f'] } }) },
      { spec: linux({ intelRdt: { closID: 'new', memBwSchema: 'MB:0=10' } }) },
      { spec: linux({ intelRdt: {} }) },
    ],
    bad: [
      [
        '/linux/intelRdt/closID',
        /no class of service \/sys\/fs\/resctrl\/new/,
        { spec: linux({ intelRdt: { closID: 'new' } }) },
      ],
      [
        '/linux/intelRdt',
        /resctrl is not mounted/,
        {
          spec: linux({ intelRdt: { closID: 'gold' } }),
          machine: { files: { '/proc/self/mountinfo': '31 23 0:28 / /sys/fs/cgroup rw - cgroup2 c rw\n' } },
        },
      ],
      [
        '/linux/intelRdt',
        /kernel or processor has no resctrl/,
        {
          spec: linux({ intelRdt: {} }),
          machine: {
            files: {
              '/proc/self/mountinfo': '31 23 0:28 / /sys/fs/cgroup rw - cgroup2 c rw\n',
              '/proc/filesystems': 'nodev\tproc\n',
            },
          },
        },
      ],
    ],
  },
  networkDevicesCanBeMoved: {
    good: [
      { spec: linux({ netDevices: { eth0: {} } }) },
      { spec: linux({ netDevices: {} }), machine: { without: [NET_ADMIN] } },
    ],
    bad: [
      [
        '/linux/netDevices',
        /no CAP_NET_ADMIN/,
        { spec: linux({ netDevices: { eth0: {} } }), machine: { without: [NET_ADMIN] } },
      ],
    ],
  },
  networkDevicesExist: {
    good: [{ spec: linux({ netDevices: { eth0: {} } }) }],
    bad: [['/linux/netDevices/eth9', /no network device eth9/, { spec: linux({ netDevices: { eth9: {} } }) }]],
  },
  rootfsIsThere: {
    good: [
      {},
      { spec: { root: { path: '/bundle/rootfs' } } },
      { spec: { root: { path: '/x' } }, machine: { unknown: ['/x'] } },
    ],
    bad: [
      ['/root/path', /\/bundle\/none does not exist/, { spec: { root: { path: 'none' } } }],
      ['/root/path', /\/hook is not a directory/, { spec: { root: { path: '/hook' } } }],
    ],
  },
  bindSourcesAreThere: {
    good: [
      { spec: mount({ type: 'bind', source: 'rootfs' }) },
      { spec: mount({ type: 'tmpfs', source: '/none' }) },
      { spec: mount({ options: ['bind', 'remount'], source: '/none' }) },
    ],
    bad: [
      ['/mounts/0/source', /\/none of the bind mount on \/a/, { spec: mount({ options: ['rbind'], source: '/none' }) }],
      ['/mounts/0/source', /\/bundle\/none of/, { spec: mount({ options: ['rbind'], source: 'none' }) }],
    ],
  },
  filesystemsAreKnown: {
    good: [
      { spec: mount({ type: 'ext4' }) },
      { spec: mount({ type: 'cgroup' }) },
      { spec: mount({ type: 'fuse.sshfs' }) },
      { spec: mount({ type: 'none', options: ['bind'], source: 'rootfs' }) },
    ],
    bad: [['/mounts/0/type', /no filesystem zfs/, { spec: mount({ type: 'zfs' }) }]],
  },
  idmapsAreOfThisKernel: {
    good: [
      {
        spec: mount({ source: 'rootfs', options: ['bind', 'idmap'] }),
        machine: { filesystems: { '/bundle/rootfs': 0x01021994 } },
      },
    ],
    bad: [
      [
        '/mounts/0/source',
        /mount of tmpfs needs 6\.3/,
        {
          spec: mount({ source: 'rootfs', options: ['bind', 'idmap'] }),
          machine: { release: '6.2.9', filesystems: { '/bundle/rootfs': 0x01021994 } },
        },
      ],
    ],
  },
  hooksAreThere: {
    good: [
      { spec: { hooks: { poststop: [{ path: '/hook' }], startContainer: [{ path: '/none' }] } } },
      { spec: { hooks: { poststop: [{ path: '/x' }] } }, machine: { unknown: ['/x'] } },
    ],
    bad: [
      [
        '/hooks/prestart/0/path',
        /prestart hook #0, \/none, does not exist/,
        { spec: { hooks: { prestart: [{ path: '/none' }] } } },
      ],
      [
        '/hooks/poststart/1/path',
        /\/x, is not executable/,
        { spec: { hooks: { poststart: [{ path: '/hook' }, { path: '/x' }] } }, machine: { modes: { '/x': 0o100644 } } },
      ],
      [
        '/hooks/createContainer/0/path',
        /\/x, is a directory/,
        { spec: { hooks: { createContainer: [{ path: '/x' }] } }, machine: { modes: { '/x': directory } } },
      ],
    ],
  },
  devicesAreThere: {
    good: [
      { spec: linux({ devices: [{ path: '/dev/x', type: 'c' }] }) },
      { spec: linux({ devices: [{ path: '/dev/x', type: 'p' }] }), machine: { without: [MKNOD] } },
      {
        spec: linux({ namespaces: [{ type: 'user' }], devices: [{ path: '/dev/x', type: 'c' }] }),
        machine: { without: [MKNOD], files: { '/dev/x': '' } },
      },
    ],
    bad: [
      [
        '/linux/devices/0',
        /no CAP_MKNOD/,
        { spec: linux({ devices: [{ path: '/dev/x', type: 'c' }] }), machine: { without: [MKNOD] } },
      ],
      [
        '/linux/devices/0/path',
        /host has no device \/dev\/x/,
        { spec: linux({ namespaces: [{ type: 'user' }], devices: [{ path: '/dev/x', type: 'c' }] }) },
      ],
    ],
  },
};

const documentWith = (patch: Json = {}): Spec => ({ ...base, ...patch });

t.test('every check has something that it finds, and something that it does not', async (t) => {
  t.same(Object.keys(hostChecks).sort(), Object.keys(table).sort());
  for (const [rule, { good, bad }] of Object.entries(table)) t.ok(good.length > 0 && bad.length > 0, rule);
});

const foundOn = (machine: Machine, spec: Spec): Finding[] =>
  findingsOn(machine, spec, '/bundle', resourceControls(spec.linux?.resources ?? {}));

for (const [rule, { good, bad }] of Object.entries(table))
  t.test(rule, async (t) => {
    for (const { spec, machine } of good)
      t.same(
        foundOn(invented(machine ?? {}), documentWith(spec)).filter(({ details }) => details.rule === rule),
        [],
      );
    for (const [pointers, says, { spec, machine }] of bad) {
      const found = foundOn(invented(machine ?? {}), documentWith(spec)).filter(({ details }) => details.rule === rule);
      t.same(found.map(({ details }) => details.pointer).join(' '), pointers);
      t.match(found[0], { code: 'E_HOST', message: says });
    }
  });

t.test('a machine that can do everything has nothing against a plain document', async (t) => {
  t.same(findingsOn(invented({}), documentWith(), '/bundle'), []);
});
