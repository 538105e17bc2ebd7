import { OcirunError } from '../errors/error.ts';

/** mount_setattr(2), the mount API, clone3(2) into a cgroup, cgroup.kill (design, section 6). */
const leastKernel = [5, 14] as const;

/**
 * Refuse a kernel that is too old.
 * @param release as uname(2) gives it: `6.18.44-fc`
 */
export function refuseOldKernel(release: string): void {
  const [major = 0, minor = 0] = release.split('.').map((part) => Number.parseInt(part, 10));
  if (major > leastKernel[0] || (major === leastKernel[0] && minor >= leastKernel[1])) return;
  throw new OcirunError('E_HOST', `this kernel is ${release}; ocirun needs ${leastKernel.join('.')} or newer`);
}
