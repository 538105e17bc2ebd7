import { At, Mode, O } from '../sys/constants.ts';
import { isSystemError, orElse, readFile, sys } from '../sys/index.ts';
import type { File, Look } from './facts.ts';
import type { HostMount, MountHost } from './mount-failure.ts';

/** As many links as the kernel itself follows on one path. */
const mostLinks = 40;

/** CAP_SYS_ADMIN */
const admin = 21;

const mostText = 4 << 20;

/** Only explanations read here, so what cannot be read is as if it were empty. */
function text(path: string): string {
  try {
    return readFile(path, mostText);
  } catch (error) {
    if (isSystemError(error)) return '';
    throw error;
  }
}

/** A walk along a path of the host, as the kernel would go: every directory that it passes, and where it ends. */
function walk(path: string, pass: (directory: File) => void): Look {
  const look: Look = { word: '', path, links: [] };
  const rest = path.split('/').filter(Boolean);
  let at = '';
  pass(fileAt('/'));
  for (let element = rest.shift(); element !== undefined; element = rest.shift()) {
    const next = element === '..' ? at.slice(0, at.lastIndexOf('/')) : element === '.' ? at : `${at}/${element}`;
    const file = orStop(look, next || '/', at || '/');
    if (!file) return look;
    if ((file.mode & Mode.TYPE) === Mode.LINK) {
      if (look.links.length === mostLinks) return Object.assign(look, { stop: { errno: 'ELOOP', path: next } });
      const to = sys.readlinkat(At.FDCWD, next);
      look.links.push({ path: next, to });
      rest.unshift(...to.split('/').filter(Boolean));
      if (to.startsWith('/')) at = '';
      continue;
    }
    look.file = file;
    at = next;
    if (rest.length === 0) break;
    if ((file.mode & Mode.TYPE) !== Mode.DIRECTORY)
      return Object.assign(look, { stop: { errno: 'ENOTDIR', path: next } });
    pass(file);
  }
  if (at === '') look.file = fileAt('/');
  return look;
}

function fileAt(path: string): File {
  const [mode = 0, uid = 0, gid = 0] = sys.statat(At.FDCWD, path, At.SYMLINK_NOFOLLOW);
  return { path, mode, uid, gid, member: false };
}

/** What is there, or the end of the way, told in `look`. */
function orStop(look: Look, path: string, parent: string): File | undefined {
  try {
    return fileAt(path);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    look.stop = { errno: error.code, path };
    delete look.file;
    look.parent = fileAt(parent);
    return undefined;
  }
}

/** A path in mountinfo has some characters in octal (proc_pid_mountinfo(5)). */
const unescaped = (path: string): string =>
  path.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 8)));

function mounts(): HostMount[] {
  const lines = text('/proc/self/mountinfo').split('\n').filter(Boolean);
  return lines.map((line) => {
    const words = line.split(' ');
    const dash = words.indexOf('-');
    return {
      target: unescaped(words[4] ?? ''),
      type: words[dash + 1] ?? '',
      unbindable: words.slice(6, dash).includes('unbindable'),
    };
  });
}

const isBelow = (path: string, directory: string): boolean =>
  directory === '/' || path === directory || path.startsWith(`${directory}/`);

/** The path without links, as far as it leads. */
function realPath(path: string): string {
  const fd = orElse('ENOENT EACCES ENOTDIR ELOOP EPERM', -1, () => sys.open(path, O.PATH, 0));
  if (fd < 0) return path;
  try {
    return sys.readlinkat(At.FDCWD, `/proc/self/fd/${fd}`);
  } finally {
    sys.close(fd);
  }
}

/** The uppermost of those that the path lies in: the last one with the longest name. */
function mountOf(path: string): HostMount | undefined {
  const real = realPath(path);
  let found: HostMount | undefined;
  for (const mount of mounts())
    if (isBelow(real, mount.target) && mount.target.length >= (found?.target.length ?? 0)) found = mount;
  return found;
}

function hasCapability(number: number): boolean {
  const [low = 0, high = 0] = sys.capabilities();
  return ((number < 32 ? low >>> number : high >>> (number - 32)) & 1) === 1;
}

/** The host, for whoever explains why something could not be mounted; it is looked at when it is asked. */
export function mountHost(): MountHost {
  const [, uid, , gid] = sys.getids();
  const groups = /^Groups:\s*(.*)$/m.exec(text('/proc/self/status'))?.[1] ?? '';
  return {
    look: (path) => walk(path, () => undefined),
    passed: (path) => {
      const passed: File[] = [];
      walk(path, (directory) => passed.push(directory));
      return passed;
    },
    mountOf,
    // "nodev\ttmpfs": the last word of each line.
    types: () => (text('/proc/filesystems').match(/\S+$/gm) ?? []).map(String),
    mountsBelow: (directory) => [
      ...new Set(
        mounts()
          .map(({ target }) => target)
          .filter((target) => target !== directory && isBelow(target, directory)),
      ),
    ],
    line: (path) => text(path).trim(),
    administers: hasCapability(admin),
    nested: !/^\s*0\s+0\s+4294967295\s*$/.test(text('/proc/self/uid_map')),
    self: { uid, gid, groups: groups.split(' ').filter(Boolean).map(Number) },
  };
}
