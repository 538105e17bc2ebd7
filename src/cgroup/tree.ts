import { OcirunError } from '../errors/error.ts';
import { At, Mode, O, Resolve } from '../sys/constants.ts';
import { orElse, readFile, sys, withFd } from '../sys/index.ts';

/*
 * A container may nest cgroups deeper than a path may be long (PATH_MAX), and deeper than descriptors would last: one
 * goes down and up again by names alone, with one descriptor. Nobody can move a cgroup meanwhile: cgroup v2 has no rename.
 */

const flags = O.RDONLY | O.DIRECTORY;

/** A container can mount anything on a cgroup of its own, also for the host to see (rshared): that is no cgroup of its. */
const within = Resolve.NO_XDEV | Resolve.NO_SYMLINKS;

const gone = 'ENOENT ENODEV';

/** The cgroups in the one that is open. */
function childrenOf(fd: number): string[] {
  const isDirectory = (name: string): boolean => {
    const [mode = 0] = orElse(gone, [0], () => sys.statat(fd, name, At.SYMLINK_NOFOLLOW));
    return (mode & Mode.TYPE) === Mode.DIRECTORY;
  };
  return orElse(gone, [], () => sys.listDirectory(fd)).filter(isDirectory);
}

/** Open what is in a directory; -1 where it has gone. */
function openIn(fd: number, name: string, path: () => string): number {
  const opened = orElse('EXDEV', undefined, () => orElse(gone, -1, () => sys.openat2(fd, name, flags, 0, within)));
  if (opened !== undefined) return opened;
  throw new OcirunError('E_CGROUP', `something is mounted on cgroup ${path()}`, {
    path: path(),
    hint: `what is there is left alone: umount ${path()}, and try again`,
  });
}

/** Open a cgroup by its path. */
function openCgroup(directory: string): number {
  const end = directory.lastIndexOf('/');
  const above = orElse(gone, -1, () => sys.open(directory.slice(0, end) || '/', flags, 0));
  return above < 0 ? above : withFd(above, () => openIn(above, directory.slice(end + 1), () => directory));
}

/**
 * Look at a cgroup and all below it; one that goes meanwhile is passed over.
 * @param enter is given a descriptor of each
 * @param leave is given the name of each that is below another, and a descriptor of that, once it has been left
 */
function walk(directory: string, enter: (fd: number) => void, leave: (above: number, name: string) => void): void {
  let at = openCgroup(directory);
  const path: string[] = [];
  const move = (name: string): boolean => {
    const next = openIn(at, name, () => [directory, ...path, name].join('/'));
    if (next < 0) return false;
    sys.close(at);
    at = next;
    return true;
  };
  if (at < 0) return;
  try {
    enter(at);
    for (const levels = [childrenOf(at)]; levels.length > 0;) {
      const name = levels.at(-1)?.pop();
      if (name !== undefined) {
        if (!move(name)) continue;
        path.push(name);
        enter(at);
        levels.push(childrenOf(at));
      } else {
        levels.pop();
        const left = path.pop();
        if (left === undefined || !move('..')) return;
        leave(at, left);
      }
    }
  } finally {
    sys.close(at);
  }
}

/** Remove a cgroup with all below it; EBUSY where somebody is in one of them. */
export function removeTree(directory: string): void {
  const remove = (above: number, name: string): void =>
    orElse(gone, undefined, () => sys.unlinkat(above, name, At.REMOVEDIR));
  walk(directory, () => undefined, remove);
  remove(At.FDCWD, directory);
}

const numbers = (lines: string): number[] => lines.split('\n').filter(Boolean).map(Number);

const read = (cgroup: number, file: string): string =>
  orElse(gone, '', () => withFd(sys.openat(cgroup, file, O.RDONLY, 0), (fd) => sys.readText(fd, 16 << 20)));

/** The process of a thread; 0 for one that has gone. */
function processOfThread(thread: number): number {
  const status = orElse('ENOENT ESRCH', '', () => readFile(`/proc/${thread}/status`, 65536));
  return Number(/^Tgid:\s*(\d+)$/m.exec(status)?.[1] ?? 0);
}

/**
 * The processes in a cgroup and below. A threaded one tells none (EOPNOTSUPP): they are among those of the domain above
 * it (cgroup-v2.rst, "Threads"). Where that is outside, they are those that have threads inside.
 */
export function processesOf(directory: string): number[] {
  const found = new Set<number>();
  let threaded: boolean | undefined;
  const look = (cgroup: number): void => {
    const own = orElse('EOPNOTSUPP', undefined, () => read(cgroup, 'cgroup.procs'));
    threaded ??= own === undefined;
    if (own !== undefined) for (const pid of numbers(own)) found.add(pid);
    else if (threaded) for (const thread of numbers(read(cgroup, 'cgroup.threads'))) found.add(processOfThread(thread));
  };
  walk(directory, look, () => undefined);
  // 0 is one that our own pid namespace does not see.
  found.delete(0);
  return [...found];
}
