import { OcirunError } from '../errors/error.ts';
import type { IdmapSource, NamespaceSource, SlotSource, TreeSource } from '../plan/sources.ts';
import { slots } from '../plan/steps.ts';
import { At, Magic, MountAttribute, O, OpenTree } from '../sys/constants.ts';
import { attempt, sys, withFd } from '../sys/index.ts';
import { orExplain } from './or-explain.ts';

/** What the sources of a plan are opened from. */
export interface Places {
  /** The container's cgroup. */
  readonly cgroup: string;
  /** Descriptor of the state directory. */
  readonly state: number;
}

/**
 * Open what the plan names for its slots, in the runtime's own namespaces, for init to get it with the plan. Here they
 * are closed again: `run` would hold them for as long as the container lives, and undoing wants descriptors, too.
 */
export function withSources(
  sources: readonly SlotSource[],
  places: Places,
  use: (filled: ReadonlyMap<number, number>) => void,
): void {
  const filled = new Map<number, number>();
  try {
    for (const source of sources) {
      if (source.slot >= slots.limit) throw tooMany(source);
      filled.set(source.slot, open(source, places));
    }
    use(filled);
  } finally {
    for (const fd of filled.values()) sys.close(fd);
  }
}

const tooMany = ({ pointer }: SlotSource): OcirunError =>
  new OcirunError(
    'E_CONFIG_RULE',
    `more than ${slots.limit - slots.first} bind mounts, devices and namespaces to open`,
    {
      pointer,
    },
  );

function open(source: SlotSource, places: Places): number {
  const { kind, pointer } = source;
  if (kind === 'tree') return tree(source, pointer);
  if (kind === 'namespace') return namespace(source, pointer);
  if (kind === 'fifo') return attempt('E_SYSTEM', 'open the fifo of the container', () => fifo(places), { pointer });
  const told = { action: `open the cgroup of the container ${places.cgroup}`, path: places.cgroup, pointer };
  return orExplain(told, 'sourceError', () => cgroup(places));
}

const fifo = ({ state }: Places): number => sys.openat(state, 'exec.fifo', O.PATH | O.NOFOLLOW, 0);

const cgroup = (places: Places): number => sys.openTree(At.FDCWD, places.cgroup, OpenTree.CLONE | OpenTree.CLOEXEC);

/** A child cannot clone what is mounted in the mount namespace of its parent: the runtime does it (design 6.1). */
function tree({ path, recursive, mustBeProc, idmap }: TreeSource, pointer: string): number {
  const flags = OpenTree.CLONE | OpenTree.CLOEXEC | (recursive ? At.RECURSIVE : 0);
  const details = { pointer, path };
  const told = { action: `open mount source ${path}`, path, pointer };
  const fd = orExplain(told, 'sourceError', () => sys.openTree(At.FDCWD, path, flags));
  if (mustBeProc && !isProcRoot(fd))
    throw new OcirunError('E_CONFIG_RULE', `"${path}" cannot be mounted to /proc because it is not a procfs`, details);
  if (idmap) orExplain({ ...told, action: `map the ids of ${path}` }, 'idmapError', () => mapIds(fd, idmap));
  return fd;
}

function mapIds(fd: number, idmap: IdmapSource): number {
  const flags = idmap.recursive ? At.RECURSIVE : 0;
  withFd(mapsOf(idmap), (userns) => sys.mountSetattr(fd, flags, MountAttribute.IDMAP, 0, userns));
  return fd;
}

const mapsOf = (idmap: IdmapSource): number =>
  'path' in idmap ? sys.open(idmap.path, O.RDONLY, 0) : sys.userNamespace(idmap.uid, idmap.gid);

/** The root directory of a procfs has the inode 1 (linux/proc_fs.h, PROC_ROOT_INO). */
const isProcRoot = (fd: number): boolean =>
  sys.filesystemType(fd) === Magic.PROC && sys.statat(fd, '', At.EMPTY_PATH)[8] === 1;

/** What has to be another one than the runtime's own (CLONE_NEW*): its file in /proc, and why. */
const foreign: Readonly<Record<number, readonly [name: string, why: string]>> = {
  0x40000000: ['net', 'sysctl net.* not allowed in host network namespace'],
  0x20000: ['mnt', "cannot change the root of the runtime's own mount namespace"],
};

function namespace({ path, type, mustBeForeign }: NamespaceSource, pointer: string): number {
  const details = { pointer, path };
  const fd = attempt('E_NAMESPACE', `open namespace ${path}`, () => sys.open(path, O.RDONLY, 0), details);
  const [name, why] = (mustBeForeign && foreign[type]) || [];
  if (name !== undefined && isOwn(name, fd)) throw new OcirunError('E_CONFIG_RULE', `${why} ${path}`, details);
  return fd;
}

function isOwn(name: string, fd: number): boolean {
  const [mine, theirs] = [sys.statat(At.FDCWD, `/proc/self/ns/${name}`, 0), sys.statat(fd, '', At.EMPTY_PATH)];
  return [4, 5, 8].every((index) => mine[index] === theirs[index]);
}
