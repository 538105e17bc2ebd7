import type { IdMapping, NamespaceType } from '../../spec/types.ts';
import { namespaceOf, numberIn } from '../ask.ts';
import { type HostCheck, cannot, doubtful } from '../finding.ts';

/** How /proc calls the kinds (namespaces(7)). */
const fileOf: Readonly<Record<NamespaceType, string>> = {
  mount: 'mnt',
  pid: 'pid',
  network: 'net',
  uts: 'uts',
  ipc: 'ipc',
  user: 'user',
  cgroup: 'cgroup',
  time: 'time',
};

export const kindsOfNamespacesExist: HostCheck = ({ spec: { linux }, machine }) =>
  (linux?.namespaces ?? []).flatMap(({ type }, index) =>
    machine.look(`/proc/self/ns/${fileOf[type]}`) === 'missing'
      ? [cannot(`/linux/namespaces/${index}`, `this kernel is built without ${type} namespaces`)]
      : [],
  );

/** namespaces(7), "The /proc/sys/user directory": 0 allows none, even to root. */
export const namespacesAreAllowed: HostCheck = ({ spec: { linux }, machine }) =>
  (linux?.namespaces ?? []).flatMap(({ type, path }, index) => {
    const name = `max_${fileOf[type]}_namespaces`;
    if (path || numberIn(machine, `/proc/sys/user/${name}`) !== 0) return [];
    return [
      cannot(
        `/linux/namespaces/${index}`,
        `no ${type} namespace can be made: user.${name} is 0`,
        `sysctl -w user.${name}=10000`,
      ),
    ];
  });

/** What distributions let only root have. */
export const userNamespacesAreForUs: HostCheck = ({ spec, machine }) => {
  const user = namespaceOf(spec, 'user');
  if (!user || user.path || machine.euid === 0) return [];
  const pointer = `/linux/namespaces/${spec.linux?.namespaces?.indexOf(user)}`;
  if (numberIn(machine, '/proc/sys/kernel/unprivileged_userns_clone') === 0)
    return [
      cannot(
        pointer,
        'only root can make a user namespace: kernel.unprivileged_userns_clone is 0',
        'sysctl -w kernel.unprivileged_userns_clone=1',
      ),
    ];
  if (numberIn(machine, '/proc/sys/kernel/apparmor_restrict_unprivileged_userns') !== 1) return [];
  return [
    doubtful(
      pointer,
      'AppArmor may take all capabilities away in a user namespace: kernel.apparmor_restrict_unprivileged_userns is 1',
      'sysctl -w kernel.apparmor_restrict_unprivileged_userns=0, or give ocirun an AppArmor profile with userns',
    ),
  ];
};

/** "err if path is not associated with a namespace of type `type`" (config-linux.md "Namespaces"). */
export const namespacePathsLeadThere: HostCheck = ({ spec: { linux }, machine }) =>
  (linux?.namespaces ?? []).flatMap(({ type, path }, index) => {
    if (!path?.startsWith('/')) return [];
    const pointer = `/linux/namespaces/${index}/path`;
    if (machine.look(path) === 'missing')
      return [cannot(pointer, `the ${type} namespace ${path} does not exist`, 'its process may have ended')];
    const kind = machine.namespace(path);
    if (kind === undefined || kind === fileOf[type]) return [];
    return [
      cannot(pointer, kind === '' ? `${path} is no namespace` : `${path} is a namespace of kind ${kind}, not ${type}`),
    ];
  });

const maps = [
  { field: 'uidMappings', file: '/proc/self/uid_map', what: 'user' },
  { field: 'gidMappings', file: '/proc/self/gid_map', what: 'group' },
] as const;

/** Inside a user namespace, only its own ids can be mapped further (user_namespaces(7)). */
export const hostIdsAreOurs: HostCheck = ({ spec: { linux }, machine }) =>
  maps.flatMap(({ field, file, what }) => {
    const ours = machine.text(file);
    if (ours === undefined) return [];
    const ranges = ours
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/\s+/).map(Number));
    const isOurs = ({ hostID, size }: IdMapping): boolean =>
      ranges.some(([first = 0, , count = 0]) => hostID >= first && hostID + size <= first + count);
    return (linux?.[field] ?? []).flatMap((mapping, index) => {
      if (isOurs(mapping)) return [];
      const { hostID, size } = mapping;
      return [
        cannot(
          `/linux/${field}/${index}/hostID`,
          `the ${what} ids ${hostID} to ${hostID + size - 1} are not all mapped where ocirun runs`,
        ),
      ];
    });
  });
