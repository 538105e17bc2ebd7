import type { CapabilitySet } from '../plan/capabilities.ts';
import { At, Mode, O } from '../sys/constants.ts';
import { isSystemError, orElse, readFile, sys, withFd } from '../sys/index.ts';

/** What is at a path, behind its links. `unknown`: we may not look. */
export type Seen = 'missing' | 'unknown' | { readonly isDirectory: boolean; readonly mode: number };

/** What there is to ask of a machine; tests invent one. Nothing is changed by asking. */
export interface Machine {
  /** The kernel's release, as in uname(2). */
  readonly release: string;
  /** Our effective user id. */
  readonly euid: number;
  /** Our effective capabilities, and those that we can give away. */
  readonly effective: CapabilitySet;
  readonly bounding: CapabilitySet;
  readonly lastCapability: number;
  /** The text of a file; undefined where it is missing or cannot be read. */
  text(path: string): string | undefined;
  look(path: string): Seen;
  /** f_type of statfs(2). */
  filesystem(path: string): number | undefined;
  /** The kind of a namespace as its file in /proc has it (`net`); '' for a file that is none; undefined: unknown. */
  namespace(path: string): string | undefined;
}

const textLimit = 4 << 20;

/** NSFS_MAGIC of linux/magic.h. */
const nsfs = 0x6e736673;

const readable = (path: string): string | undefined => failing(undefined, () => readFile(path, textLimit));

/** Whatever the kernel says against it: we only wanted to look. */
function failing<Result>(otherwise: Result, action: () => Result): Result {
  try {
    return action();
  } catch (error) {
    if (isSystemError(error)) return otherwise;
    throw error;
  }
}

function look(path: string): Seen {
  const see = (): Seen => {
    const [mode = 0] = sys.statat(At.FDCWD, path, 0);
    return { isDirectory: (mode & Mode.TYPE) === Mode.DIRECTORY, mode };
  };
  return failing<Seen>('unknown', () => orElse('ENOENT ENOTDIR', 'missing', see));
}

const filesystem = (path: string): number | undefined =>
  failing(undefined, () => withFd(sys.open(path, O.PATH, 0), sys.filesystemType));

/** A link of /proc names the kind, and so does the mount table where a namespace is mounted (as ip-netns(8) does). */
function namespace(path: string): string | undefined {
  const type = filesystem(path);
  if (type === undefined) return undefined;
  // A link of /proc is in procfs to readlink(2) alone: opened, it is what it leads to.
  if (type !== nsfs) return '';
  const link = failing('', () => sys.readlinkat(At.FDCWD, path));
  const named = /^(\w+):\[\d+\]$/.exec(link)?.[1];
  if (named !== undefined) return named;
  const mounts = (readable('/proc/self/mountinfo') ?? '').split('\n').map((line) => line.split(' '));
  const root = mounts.findLast((fields) => fields[4] === path)?.[3] ?? '';
  return /^(\w+):\[\d+\]$/.exec(root)?.[1];
}

/** This machine. */
export function thisMachine(): Machine {
  const capabilities = sys.capabilities();
  const set = (at: number): CapabilitySet => ({ low: capabilities[at] ?? 0, high: capabilities[at + 1] ?? 0 });
  return {
    release: sys.kernelRelease(),
    euid: sys.getids()[1],
    effective: set(0),
    bounding: set(6),
    lastCapability: capabilities[10] ?? 0,
    text: readable,
    look,
    filesystem,
    namespace,
  };
}
