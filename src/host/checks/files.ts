import type { Mount } from '../../spec/types.ts';
import { Cap, fromBundle, mayUse, namespaceOf } from '../ask.ts';
import { type HostCheck, cannot, doubtful } from '../finding.ts';
import { isFrom } from '../kernel.ts';

/** "A directory MUST exist at the path" (config.md "Root"). */
export const rootfsIsThere: HostCheck = ({ spec: { root }, bundle, machine }) => {
  if (!root?.path) return [];
  const path = fromBundle(root.path, bundle);
  const seen = machine.look(path);
  if (seen === 'missing') return [cannot('/root/path', `the root filesystem ${path} does not exist`)];
  return seen === 'unknown' || seen.isDirectory
    ? []
    : [cannot('/root/path', `the root filesystem ${path} is not a directory`)];
};

const isBind = ({ type, options = [] }: Mount): boolean =>
  type === 'bind' || options.includes('bind') || options.includes('rbind');

const isRemount = ({ options = [] }: Mount): boolean => options.includes('remount');

export const bindSourcesAreThere: HostCheck = ({ spec: { mounts = [] }, bundle, machine }) =>
  mounts.flatMap((mount, index) => {
    if (!isBind(mount) || isRemount(mount) || !mount.source) return [];
    const path = fromBundle(mount.source, bundle);
    return machine.look(path) === 'missing'
      ? [
          cannot(
            `/mounts/${index}/source`,
            `the source ${path} of the bind mount on ${mount.destination} does not exist`,
          ),
        ]
      : [];
  });

/** What /proc/filesystems lists is there; a module may bring more, which the kernel loads by itself where it can. */
export const filesystemsAreKnown: HostCheck = ({ spec: { mounts = [] }, machine }) => {
  const known = machine
    .text('/proc/filesystems')
    ?.split('\n')
    .map((line) => line.split('\t')[1]);
  if (!known) return [];
  return mounts.flatMap((mount, index) => {
    const { type = '' } = mount;
    // A cgroup mount shows cgroup2, whatever it is called.
    if (isBind(mount) || isRemount(mount) || type === '' || type === 'cgroup') return [];
    const name = type.split('.')[0] ?? type;
    if (known.includes(name)) return [];
    return [
      doubtful(
        `/mounts/${index}/type`,
        `this kernel has no filesystem ${name}, unless a module brings it`,
        `modprobe ${name}`,
      ),
    ];
  });
};

/** Filesystems that can be idmapped, by the magic number of statfs(2), and the kernel that brought it. */
const idmapped: Readonly<Record<number, readonly [name: string, major: number, minor: number]>> = {
  0xef53: ['ext4', 5, 12],
  0x58465342: ['xfs', 5, 12],
  0x4d44: ['vfat', 5, 12],
  0x9123683e: ['btrfs', 5, 15],
  0xf2f52010: ['f2fs', 5, 18],
  0xe0f5e1e2: ['erofs', 5, 19],
  0x73717368: ['squashfs', 6, 2],
  0x01021994: ['tmpfs', 6, 3],
  0x00c36400: ['ceph', 6, 7],
};

const isIdmapped = ({ options = [], uidMappings = [] }: Mount): boolean =>
  uidMappings.length > 0 || options.includes('idmap') || options.includes('ridmap');

/** Each filesystem learned to be idmapped in its own time (mount_setattr(2), MOUNT_ATTR_IDMAP). */
export const idmapsAreOfThisKernel: HostCheck = ({ spec: { mounts = [] }, bundle, machine }) =>
  mounts.flatMap((mount, index) => {
    if (!isBind(mount) || !isIdmapped(mount) || !mount.source) return [];
    const [name, major, minor] = idmapped[machine.filesystem(fromBundle(mount.source, bundle)) ?? 0] ?? [];
    if (name === undefined || major === undefined || minor === undefined) return [];
    if (isFrom(machine.release, major, minor)) return [];
    return [
      cannot(
        `/mounts/${index}/source`,
        `this kernel is ${machine.release}; an id-mapped mount of ${name} needs ${major}.${minor} or newer`,
      ),
    ];
  });

/** Hooks whose paths are of the host; that of a startContainer hook is the container's (config.md "POSIX-platform Hooks"). */
const hostHooks = ['prestart', 'createRuntime', 'createContainer', 'poststart', 'poststop'] as const;

export const hooksAreThere: HostCheck = ({ spec: { hooks }, machine }) =>
  hostHooks.flatMap((kind) =>
    (hooks?.[kind] ?? []).flatMap(({ path }, index) => {
      if (!path.startsWith('/')) return [];
      const pointer = `/hooks/${kind}/${index}/path`;
      const what = `the program of ${kind} hook #${index}, ${path},`;
      const seen = machine.look(path);
      if (seen === 'missing') return [cannot(pointer, `${what} does not exist`)];
      if (seen === 'unknown') return [];
      if (seen.isDirectory) return [cannot(pointer, `${what} is a directory`)];
      return (seen.mode & 0o111) === 0 ? [cannot(pointer, `${what} is not executable`, `chmod +x ${path}`)] : [];
    }),
  );

/** In a user namespace, nobody makes device nodes: those of the host are shown. */
export const devicesAreThere: HostCheck = ({ spec, machine }) =>
  (spec.linux?.devices ?? []).flatMap(({ path, type }, index) => {
    if (type === 'p') return [];
    const pointer = `/linux/devices/${index}`;
    if (!namespaceOf(spec, 'user'))
      return mayUse(machine, Cap.MKNOD) ? [] : [cannot(pointer, `device ${path} cannot be made: we have no CAP_MKNOD`)];
    return path.startsWith('/') && machine.look(path) === 'missing'
      ? [
          cannot(
            `${pointer}/path`,
            `the host has no device ${path}: a container in a user namespace is shown the host's`,
          ),
        ]
      : [];
  });
