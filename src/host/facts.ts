import { OcirunError } from '../errors/error.ts';
import type { CapabilitySet } from '../plan/capabilities.ts';
import { At, Magic, O } from '../sys/constants.ts';
import { isFrom, refuseOldKernel } from './kernel.ts';
import { attempt, orElse, readFile, sys, withFd } from '../sys/index.ts';

/** What planning has to know of this machine: a read-only look, taken once. */
export interface HostFacts {
  /** Where the cgroup2 hierarchy is mounted. */
  readonly cgroupMount: string;
  /** Whether it is the only hierarchy, at the usual place. */
  readonly cgroup2Only: boolean;
  /** Our own cgroup in it, from its root: `/`, `/user.slice/…`. */
  readonly ownCgroup: string;
  /** The capabilities that can be given away. */
  readonly bounding: CapabilitySet;
  /** The greatest capability number of this kernel. */
  readonly lastCapability: number;
  readonly kcore: boolean;
  /** Whether overlay takes its lower directories one by one (`lowerdir+`, since 6.7). */
  readonly overlayAppends: boolean;
}

/** Look at this machine; refuse a kernel that is too old. */
export function hostFacts(): HostFacts {
  const release = sys.kernelRelease();
  refuseOldKernel(release);
  const capabilities = sys.capabilities();
  const cgroup2Only = isCgroup2('/sys/fs/cgroup');
  return {
    cgroupMount: cgroup2Only ? '/sys/fs/cgroup' : hybridMount(),
    cgroup2Only,
    ownCgroup: ownCgroup(),
    bounding: { low: capabilities[6] ?? 0, high: capabilities[7] ?? 0 },
    lastCapability: capabilities[10] ?? 0,
    kcore: sys.exists(At.FDCWD, '/proc/kcore'),
    overlayAppends: isFrom(release, 6, 7),
  };
}

function isCgroup2(path: string): boolean {
  const fd = orElse('ENOENT EACCES', -1, () => sys.open(path, O.PATH | O.DIRECTORY, 0));
  if (fd < 0) return false;
  return withFd(fd, sys.filesystemType) === Magic.CGROUP2;
}

/** The usual place on a hybrid host, else what the mount table says. */
function hybridMount(): string {
  if (isCgroup2('/sys/fs/cgroup/unified')) return '/sys/fs/cgroup/unified';
  const line = readSmall('/proc/self/mountinfo')
    .split('\n')
    .find((entry) => entry.includes(' - cgroup2 '));
  const mount = line?.split(' ')[4];
  if (mount !== undefined) return mount;
  throw new OcirunError('E_HOST', 'no cgroup2 hierarchy is mounted', {
    hint: 'mount one: mount -t cgroup2 none /sys/fs/cgroup (or /sys/fs/cgroup/unified beside cgroup v1)',
  });
}

function ownCgroup(): string {
  const line = readSmall('/proc/self/cgroup')
    .split('\n')
    .find((entry) => entry.startsWith('0::'));
  return line?.slice(3) ?? '/';
}

function readSmall(path: string): string {
  return attempt('E_HOST', `read ${path}`, () => readFile(path, 4 << 20), { path });
}
