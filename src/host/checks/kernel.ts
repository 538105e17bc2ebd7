import type { Seccomp } from '../../spec/types.ts';
import { mountTable, numbersIn } from '../ask.ts';
import { type HostCheck, cannot, doubtful } from '../finding.ts';
import { isFrom } from '../kernel.ts';

/** The least kernel (design, section 6). */
export const kernelIsNewEnough: HostCheck = ({ machine: { release } }) =>
  isFrom(release, 5, 14) ? [] : [cannot('', `this kernel is ${release}; ocirun needs 5.14 or newer`)];

/** What a later kernel brought, by its name. */
const broughtBy: Readonly<Record<string, readonly [major: number, minor: number]>> = {
  MPOL_PREFERRED_MANY: [5, 15],
  MPOL_WEIGHTED_INTERLEAVE: [6, 9],
  SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV: [5, 19],
  'cpu.idle': [5, 15],
};

export const valuesAreOfThisKernel: HostCheck = ({ spec: { linux }, machine: { release } }) => {
  const values: [string, string][] = [
    ['/linux/memoryPolicy/mode', linux?.memoryPolicy?.mode ?? ''],
    ...(linux?.seccomp?.flags ?? []).map((flag, index): [string, string] => [`/linux/seccomp/flags/${index}`, flag]),
    ['/linux/resources/cpu/idle', linux?.resources?.cpu?.idle ? 'cpu.idle' : ''],
  ];
  return values.flatMap(([pointer, value]) => {
    const version = broughtBy[value];
    if (!version || isFrom(release, ...version)) return [];
    return [cannot(pointer, `this kernel is ${release}; ${value} needs ${version.join('.')} or newer`)];
  });
};

/**
 * With vm.memfd_noexec=2 no memory file can be executed: init is written into the state directory instead, which has to
 * allow it.
 */
export const initCanBeExecuted: HostCheck = ({ machine }) => {
  if (machine.text('/proc/sys/vm/memfd_noexec')?.trim() !== '2') return [];
  const run = mountTable(machine).findLast(({ point }) => point === '/run');
  if (!run?.options.includes('noexec')) return [];
  return [
    cannot(
      '',
      'with vm.memfd_noexec=2, init would have to be executed in /run, which is mounted with noexec',
      'sysctl -w vm.memfd_noexec=1, or use --root with a directory on a mount without noexec',
    ),
  ];
};

/** A clock cannot begin before zero (time_namespaces(7)). */
export const clocksStayPositive: HostCheck = ({ spec: { linux }, machine }) => {
  const uptime = Number.parseFloat(machine.text('/proc/uptime') ?? '');
  return (['monotonic', 'boottime'] as const).flatMap((clock) => {
    const secs = linux?.timeOffsets?.[clock]?.secs ?? 0;
    return uptime + secs < -1
      ? [
          cannot(
            `/linux/timeOffsets/${clock}/secs`,
            `the ${clock} clock is at ${Math.floor(uptime)} s: it cannot be set back by ${-secs} s`,
          ),
        ]
      : [];
  });
};

/** The nodes and CPUs that a document names exist: by what tells which there are. */
export const nodesExist: HostCheck = ({ spec: { linux }, machine }) => {
  const lists = [
    ['/linux/memoryPolicy/nodes', linux?.memoryPolicy?.nodes, '/sys/devices/system/node/online', 'memory node'],
    ['/linux/resources/cpu/mems', linux?.resources?.cpu?.mems, '/sys/devices/system/node/online', 'memory node'],
    ['/linux/resources/cpu/cpus', linux?.resources?.cpu?.cpus, '/sys/devices/system/cpu/possible', 'CPU'],
  ] as const;
  return lists.flatMap(([pointer, list, file, what]) => {
    const there = machine.text(file);
    if (!list || there === undefined) return [];
    const existing = numbersIn(there);
    const missing = [...numbersIn(list)].find((number) => !existing.has(number));
    return missing === undefined
      ? []
      : [cannot(pointer, `this machine has no ${what} ${missing}: it has ${there.trim()}`)];
  });
};

/** What the kernel calls the actions (seccomp(2), actions_avail). */
const actionNames: Readonly<Record<string, string>> = {
  SCMP_ACT_KILL: 'kill_thread',
  SCMP_ACT_KILL_THREAD: 'kill_thread',
  SCMP_ACT_KILL_PROCESS: 'kill_process',
  SCMP_ACT_TRAP: 'trap',
  SCMP_ACT_ERRNO: 'errno',
  SCMP_ACT_TRACE: 'trace',
  SCMP_ACT_ALLOW: 'allow',
  SCMP_ACT_LOG: 'log',
  SCMP_ACT_NOTIFY: 'user_notif',
};

const actionsOf = ({ defaultAction, syscalls = [] }: Seccomp): [string, string][] => [
  ['/linux/seccomp/defaultAction', defaultAction],
  ...syscalls.map(({ action }, index): [string, string] => [`/linux/seccomp/syscalls/${index}/action`, action]),
];

export const seccompIsThere: HostCheck = ({ spec: { linux }, machine }) => {
  if (!linux?.seccomp) return [];
  const available = machine.text('/proc/sys/kernel/seccomp/actions_avail')?.trim().split(' ');
  if (!available)
    return machine.look('/proc/sys/kernel/seccomp') === 'missing'
      ? [cannot('/linux/seccomp', 'this kernel is built without seccomp filters', 'it needs CONFIG_SECCOMP_FILTER')]
      : [];
  return actionsOf(linux.seccomp).flatMap(([pointer, action]) =>
    available.includes(actionNames[action] ?? '') ? [] : [cannot(pointer, `this kernel has no ${action}`)],
  );
};

export const appArmorIsThere: HostCheck = ({ spec: { process }, machine }) => {
  const profile = process?.apparmorProfile;
  if (!profile) return [];
  const pointer = '/process/apparmorProfile';
  const enabled = machine.text('/sys/module/apparmor/parameters/enabled');
  if (enabled === undefined ? machine.look('/sys/module/apparmor') === 'missing' : !enabled.startsWith('Y'))
    return [
      cannot(
        pointer,
        `AppArmor is not enabled: there is no profile ${profile}`,
        'take the profile away, or boot with lsm=…,apparmor',
      ),
    ];
  const loaded = machine.text('/sys/kernel/security/apparmor/profiles');
  if (loaded === undefined || profile === 'unconfined') return [];
  if (loaded.split('\n').some((line) => line.startsWith(`${profile} (`))) return [];
  return [cannot(pointer, `the AppArmor profile ${profile} is not loaded`, 'apparmor_parser -r FILE loads it')];
};

export const seLinuxIsThere: HostCheck = ({ spec: { process, linux }, machine }) => {
  const labels = [
    ['/process/selinuxLabel', process?.selinuxLabel],
    ['/linux/mountLabel', linux?.mountLabel],
  ] as const;
  const isListed = machine.text('/sys/kernel/security/lsm')?.trim().split(',').includes('selinux');
  if (isListed || machine.look('/sys/fs/selinux/enforce') !== 'missing') return [];
  return labels.flatMap(([pointer, label]) =>
    label ? [cannot(pointer, 'SELinux is not enabled', 'take the label away, or boot with lsm=…,selinux')] : [],
  );
};

/** Parameters of the kernel that exist. Those of network devices come and go. */
export const sysctlsExist: HostCheck = ({ spec: { linux }, machine }) =>
  Object.keys(linux?.sysctl ?? {}).flatMap((name) => {
    const path = /^[^./]*\//.test(name) ? name : name.replace(/[./]/g, (sign) => (sign === '.' ? '/' : '.'));
    if (/(^|\/)\.\.?(\/|$)/.test(path) || /^net\/ipv[46]\/(conf|neigh)\//.test(path)) return [];
    if (machine.look(`/proc/sys/${path}`) !== 'missing') return [];
    const pointer = `/linux/sysctl/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    return [
      doubtful(pointer, `this kernel has no parameter ${name}`, 'load the module that has it, if any, or take it away'),
    ];
  });
