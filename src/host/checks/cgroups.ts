import { Cap, mayUse, mountTable } from '../ask.ts';
import { type HostCheck, type Question, cannot, doubtful } from '../finding.ts';
import type { Machine } from '../machine.ts';

/** Where cgroup2 is mounted: the usual place first. */
const mountOf = (machine: Machine): string | undefined => {
  const points = mountTable(machine)
    .filter(({ type }) => type === 'cgroup2')
    .map(({ point }) => point);
  return points.find((point) => point === '/sys/fs/cgroup') ?? points[0];
};

export const cgroup2IsMounted: HostCheck = ({ machine }) =>
  mountOf(machine) !== undefined || machine.text('/proc/self/mountinfo') === undefined
    ? []
    : [
        cannot(
          '/linux/cgroupsPath',
          'no cgroup2 hierarchy is mounted',
          'mount -t cgroup2 none /sys/fs/cgroup (or /sys/fs/cgroup/unified beside cgroup v1)',
        ),
      ];

/** The controllers that limits need, each with the field that needs it first: those that `create` asks for. */
function controllersFor({ controls }: Question): Map<string, string> {
  const needed = new Map<string, string>();
  for (const { controller, pointer } of controls)
    if (controller !== 'cgroup' && !needed.has(controller)) needed.set(controller, pointer);
  return needed;
}

/** What cgroup v1 calls the same. */
const oldNames: Readonly<Record<string, string>> = { io: 'blkio' };

/** Why cgroup2 has no such controller, and what to do (cgroups(7), /proc/cgroups). */
function reasonFor(machine: Machine, controller: string): [reason: string, hint?: string] {
  const name = oldNames[controller] ?? controller;
  const line = machine
    .text('/proc/cgroups')
    ?.split('\n')
    .find((entry) => entry.split('\t')[0] === name);
  const [, hierarchy = '0', , enabled = '1'] = line?.split('\t') ?? [];
  if (enabled === '0') return ['the kernel was booted with it disabled', `boot without cgroup_disable=${name}`];
  if (hierarchy !== '0')
    return [
      `it is bound to hierarchy ${hierarchy} of cgroup v1`,
      `boot with systemd.unified_cgroup_hierarchy=1 or cgroup_no_v1=${name}`,
    ];
  return ['this kernel does not have it'];
}

export const controllersAreThere: HostCheck = (question) => {
  const { machine } = question;
  const mount = mountOf(machine);
  const available = mount && machine.text(`${mount}/cgroup.controllers`);
  if (available === undefined) return [];
  return [...controllersFor(question)].flatMap(([controller, pointer]) => {
    if (available.trim().split(' ').includes(controller)) return [];
    const [reason, hint] = reasonFor(machine, controller);
    return [cannot(pointer, `cgroup v2 has no ${controller} controller here: ${reason}`, hint)];
  });
};

/** Without root, only what was delegated to us can be enabled (cgroups(7), "Cgroups delegation"). */
export const controllersAreDelegated: HostCheck = (question) => {
  const { machine } = question;
  const own = machine
    .text('/proc/self/cgroup')
    ?.split('\n')
    .find((line) => line.startsWith('0::'))
    ?.slice(3);
  const mount = mountOf(machine);
  if (machine.euid === 0 || own === undefined || mount === undefined) return [];
  const [all, ours] = [mount, mount + own].map((path) => machine.text(`${path}/cgroup.controllers`)?.trim().split(' '));
  if (!all || !ours) return [];
  return [...controllersFor(question)].flatMap(([controller, pointer]) =>
    all.includes(controller) && !ours.includes(controller)
      ? [
          cannot(
            pointer,
            `the ${controller} controller is not delegated to our cgroup ${own}`,
            `systemctl edit user@.service, and add: [Service] Delegate=${[...ours, controller].filter(Boolean).join(' ')}`,
          ),
        ]
      : [],
  );
};

const units: Readonly<Record<string, number>> = { K: 1, M: 2 ** 10, G: 2 ** 20 };

export const hugepageSizesExist: HostCheck = ({ spec: { linux }, machine }) =>
  (linux?.resources?.hugepageLimits ?? []).flatMap(({ pageSize }, index) => {
    const kilobytes = Number.parseInt(pageSize, 10) * (units[pageSize.slice(-2, -1)] ?? NaN);
    return machine.look(`/sys/kernel/mm/hugepages/hugepages-${kilobytes}kB`) === 'missing'
      ? [cannot(`/linux/resources/hugepageLimits/${index}/pageSize`, `this machine has no huge pages of ${pageSize}`)]
      : [];
  });

const throttles = [
  'throttleReadBpsDevice',
  'throttleWriteBpsDevice',
  'throttleReadIOPSDevice',
  'throttleWriteIOPSDevice',
] as const;

/** io.max takes block devices that are there, and whole ones. */
export const blockDevicesAreThere: HostCheck = ({ spec: { linux }, machine }) =>
  throttles.flatMap((name) =>
    (linux?.resources?.blockIO?.[name] ?? []).flatMap(({ major, minor }, index) => {
      const pointer = `/linux/resources/blockIO/${name}/${index}`;
      const path = `/sys/dev/block/${major}:${minor}`;
      if (machine.look(path) === 'missing')
        return [cannot(pointer, `there is no block device ${major}:${minor}`, 'lsblk')];
      const isPart = machine.look(`${path}/partition`) !== 'missing';
      return isPart ? [cannot(pointer, `block device ${major}:${minor} is a partition`, 'give the whole disk')] : [];
    }),
  );

/** Weights of single devices are those of BFQ (runc leaves them out, too, where a device has another scheduler). */
export const weightedDevicesHaveBfq: HostCheck = ({ spec: { linux }, machine }) =>
  (linux?.resources?.blockIO?.weightDevice ?? []).flatMap(({ major, minor, weight }, index) => {
    const path = `/sys/dev/block/${major}:${minor}/queue/scheduler`;
    if (!weight || machine.text(path)?.includes('[bfq]') === true) return [];
    return [
      doubtful(
        `/linux/resources/blockIO/weightDevice/${index}`,
        `block device ${major}:${minor} does not have the scheduler BFQ: its weight has no effect`,
        `echo bfq >${path}`,
      ),
    ];
  });

/** "If no mounted `resctrl` pseudo-filesystem is available … MUST generate an error" (config-linux.md "IntelRdt"). */
export const resctrlIsMounted: HostCheck = ({ spec: { linux }, machine }) => {
  const rdt = linux?.intelRdt;
  if (!rdt) return [];
  const pointer = '/linux/intelRdt';
  const point = mountTable(machine).find(({ type }) => type === 'resctrl')?.point;
  if (point === undefined) {
    const known = machine.text('/proc/filesystems')?.includes('resctrl');
    return known === false
      ? [cannot(pointer, 'this kernel or processor has no resctrl')]
      : [cannot(pointer, 'resctrl is not mounted', 'mount -t resctrl resctrl /sys/fs/resctrl')];
  }
  const { closID, schemata = [], l3CacheSchema, memBwSchema } = rdt;
  if (!closID || schemata.length > 0 || l3CacheSchema || memBwSchema) return [];
  return machine.look(`${point}/${closID}`) === 'missing'
    ? [
        cannot(
          `${pointer}/closID`,
          `there is no class of service ${point}/${closID}, and no schemata to make it from`,
          `mkdir ${point}/${closID}, or give linux.intelRdt.schemata`,
        ),
      ]
    : [];
};

/** rtnetlink(7): nobody else moves devices. */
export const networkDevicesCanBeMoved: HostCheck = ({ spec: { linux }, machine }) =>
  Object.keys(linux?.netDevices ?? {}).length === 0 || mayUse(machine, Cap.NET_ADMIN)
    ? []
    : [cannot('/linux/netDevices', 'network devices cannot be moved: we have no CAP_NET_ADMIN')];

/** Devices are moved from the network namespace that we are in. */
export const networkDevicesExist: HostCheck = ({ spec: { linux }, machine }) =>
  Object.keys(linux?.netDevices ?? {}).flatMap((name) =>
    /^[^/]+$/.test(name) && name !== '..' && machine.look(`/sys/class/net/${name}`) === 'missing'
      ? [
          doubtful(
            `/linux/netDevices/${name.replaceAll('~', '~0')}`,
            `there is no network device ${name}`,
            'ip link shows those that there are',
          ),
        ]
      : [],
  );
