import { OcirunError } from '../errors/error.ts';

/** mount_setattr(2), the mount API, clone3(2) into a cgroup, cgroup.kill (design, section 6). */
const leastKernel = [5, 14] as const;

/**
 * Whether a kernel is of that version or newer.
 * @param release as uname(2) gives it: `6.18.44-fc`
 */
export function isFrom(release: string, major: number, minor: number): boolean {
  const [itsMajor = 0, itsMinor = 0] = release.split('.', 2).map((part) => Number.parseInt(part, 10));
  return itsMajor > major || (itsMajor === major && itsMinor >= minor);
}

/**
 * Refuse a kernel that is too old.
 * @param release as uname(2) gives it
 */
export function refuseOldKernel(release: string): void {
  if (isFrom(release, ...leastKernel)) return;
  throw new OcirunError('E_HOST', `this kernel is ${release}; ocirun needs ${leastKernel.join('.')} or newer`);
}
