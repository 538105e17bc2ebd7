import type { Cgroup } from '../cgroup/cgroupfs.ts';
import { OcirunError } from '../errors/error.ts';
import { At, O } from '../sys/constants.ts';
import { attempt, orElse, part, readFile, sys, withFd } from '../sys/index.ts';
import { tryLock } from '../waiting.ts';
import type { Identity } from './identity.ts';

/** Hooks that run after `create` and in the runtime. */
export type LaterHook = 'poststart' | 'poststop';

/** What is kept of a container in `state.json`. */
export interface ContainerRecord {
  /** Format of this record. */
  readonly version: 1;
  readonly id: string;
  readonly ociVersion: string;
  /** Absolute paths. */
  readonly bundle: string;
  readonly rootfs: string;
  /** RFC 3339, UTC. */
  readonly created: string;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Recorded before it is made, so that `delete` finds it whatever happens. */
  readonly cgroup?: Cgroup;
  /** Whether killing init ends all its processes (a pid namespace of its own). */
  readonly privatePids: boolean;
  /** The kinds of hooks that a later command has to run; what they are is in the saved config. */
  readonly laterHooks?: readonly LaterHook[];
}

/** A container that was found. */
export interface Container {
  readonly directory: string;
  readonly record: ContainerRecord;
  /** Missing until `create` has come to its end. */
  readonly init: Identity | undefined;
}

/** Annotations make it as long as config.json may be. */
const recordLimit = 128 << 20;

/** Refuse an id that is not one path element of the characters runc allows. */
export function checkId(id: string): void {
  if (/^[A-Za-z0-9_+.-]+$/.test(id) && id !== '.' && id !== '..') return;
  throw new OcirunError('E_ID_INVALID', `invalid container ID format: ${JSON.stringify(id)}`, {
    hint: 'letters, digits and _ + - . are allowed',
  });
}

/** Claim an id: its state directory is made and locked. Returns the descriptor that holds the lock. */
export function claim(root: string, id: string): number {
  const directory = `${root}/${id}`;
  const details = { path: directory };
  const inUse = new OcirunError('E_ID_IN_USE', `container with given ID already exists: ${id}`, details);
  const made = attempt(
    'E_STATE',
    `create ${directory}`,
    () =>
      orElse('EEXIST', false, () => {
        sys.mkdirat(At.FDCWD, directory, 0o711);
        return true;
      }),
    details,
  );
  if (!made) throw inUse;
  const fd = lock(directory);
  // Between the two it may have been deleted, and claimed and left to us by another create of that id.
  if (!sys.exists(fd, 'state.json')) return fd;
  sys.close(fd);
  throw inUse;
}

/** Lock a state directory against every other command that changes the container; waits for its turn. */
export function lock(directory: string): number {
  const details = { path: directory };
  for (;;) {
    const fd = attempt('E_STATE', `open ${directory}`, () => sys.open(directory, O.RDONLY | O.DIRECTORY, 0), details);
    attempt('E_STATE', `lock ${directory}`, () => tryLock(fd) || part('waits').awaitLock(fd, directory), details);
    if (isStill(directory, fd)) return fd;
    sys.close(fd);
  }
}

/** While we waited, the directory may have been removed, and made anew for another container of that name. */
function isStill(directory: string, fd: number): boolean {
  const now = orElse('ENOENT', [], () => sys.statat(At.FDCWD, directory, At.SYMLINK_NOFOLLOW));
  // A number beyond 2^53 comes as NaN, which is itself here.
  return Object.is(now[8], sys.statat(fd, '', At.EMPTY_PATH)[8]);
}

/** Write a file that nobody reads before init is recorded. */
export const writeNew = (directory: number, name: string, data: string | Uint8Array): void =>
  attempt('E_STATE', `write ${name}`, () =>
    withFd(sys.openat(directory, name, O.WRONLY | O.CREAT | O.EXCL, 0o600), (fd) => sys.write(fd, data)),
  );

/** Write a file of the state directory as a whole: others see the old one or the new one. */
function writeState(directory: number, name: string, data: string | Uint8Array): void {
  attempt('E_STATE', `write ${name}`, () => {
    const temporary = `.${name}`;
    withFd(sys.openat(directory, temporary, O.WRONLY | O.CREAT | O.TRUNC, 0o600), (fd) => sys.write(fd, data));
    sys.renameat(directory, temporary, directory, name);
  });
}

/** Write what the container may use since it was updated. */
export const writeResources = (directory: number, text: string): void => writeState(directory, 'resources.json', text);

/** Write the record. */
export const writeRecord = (directory: number, record: ContainerRecord): void =>
  writeState(directory, 'state.json', JSON.stringify(record));

/**
 * The second thing that is kept, once init is ready: the content of a symbolic link. That is made whole or not at all
 * by one system call, and costs no write; replacing a file makes ext4 flush it (its auto_da_alloc).
 */
export const writeInit = (directory: number, { pid, startTime, cgroup }: Identity): void =>
  attempt('E_STATE', 'record the init process', () =>
    sys.symlinkat(cgroup === undefined ? `${pid} ${startTime}` : `${pid} ${startTime} ${cgroup}`, directory, 'init'),
  );

/** The identity that `writeInit` has left there. */
export function readInit(directory: string): Identity | undefined {
  const text = orElse('ENOENT', undefined, () => sys.readlinkat(At.FDCWD, `${directory}/init`));
  const match = text === undefined ? null : /^(\d+) (\d+)(?: (\d+))?$/.exec(text);
  return match
    ? { pid: Number(match[1]), startTime: Number(match[2]), ...(match[3] ? { cgroup: Number(match[3]) } : {}) }
    : undefined;
}

const notFound = (id: string, directory: string): OcirunError =>
  new OcirunError('E_NOT_FOUND', `container does not exist: ${id}`, { path: directory });

/** The container with that id. */
export function load(root: string, id: string): Container {
  checkId(id);
  const directory = `${root}/${id}`;
  const text = attempt('E_STATE', `read the state of container ${id}`, () =>
    orElse('ENOENT ENOTDIR', undefined, () => readFile(`${directory}/state.json`, recordLimit)),
  );
  if (text === undefined) throw notFound(id, directory);
  return { directory, record: parseRecord(text, directory), init: readInit(directory) };
}

function parseRecord(text: string, directory: string): ContainerRecord {
  let record: ContainerRecord | null | undefined;
  try {
    record = JSON.parse(text) as ContainerRecord;
  } catch (cause) {
    throw new OcirunError('E_STATE', `${directory}/state.json is damaged`, { path: directory, cause });
  }
  if (record?.version === 1) return record;
  throw new OcirunError(
    'E_STATE',
    `${directory}/state.json has the unknown format ${JSON.stringify(record?.version)}`,
    {
      path: directory,
      hint: 'it was written by another version of ocirun, or by another runtime',
    },
  );
}

/** Remove what is in a directory. */
function empty(directory: number): void {
  for (const name of sys.listDirectory(directory)) {
    const isDirectory = orElse('ENOENT', false, () => orElse('EISDIR', true, () => unlink(directory, name)));
    if (!isDirectory) continue;
    withFd(sys.openat(directory, name, O.RDONLY | O.DIRECTORY | O.NOFOLLOW, 0), empty);
    sys.unlinkat(directory, name, At.REMOVEDIR);
  }
}

function unlink(directory: number, name: string): false {
  sys.unlinkat(directory, name, 0);
  return false;
}

/** Remove a state directory and everything in it. */
export function discard(directory: string): void {
  attempt(
    'E_STATE',
    `remove ${directory}`,
    () => {
      const fd = orElse('ENOENT', -1, () => sys.open(directory, O.RDONLY | O.DIRECTORY | O.NOFOLLOW, 0));
      if (fd < 0) return;
      withFd(fd, empty);
      orElse('ENOENT', undefined, () => sys.unlinkat(At.FDCWD, directory, At.REMOVEDIR));
    },
    { path: directory },
  );
}
