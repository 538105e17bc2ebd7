import { cleanPath } from '../clean-path.ts';

/**
 * The directory of a container's cgroup. An absolute `cgroupsPath` counts from the mount of the hierarchy, a relative
 * one and a missing one from beside our own cgroup (config-linux.md "Cgroups Path"; runc does the same).
 * @param mount where the hierarchy is mounted
 * @param own our own cgroup, from the hierarchy's root
 */
export function cgroupDirectory(mount: string, own: string, cgroupsPath: string | undefined, id: string): string {
  const parent = own.slice(0, own.lastIndexOf('/'));
  const inside = cgroupsPath
    ? cgroupsPath.startsWith('/')
      ? cgroupsPath
      : `${parent}/${cgroupsPath}`
    : `${parent}/${id}`;
  const clean = cleanPath(inside);
  return clean === '/' ? mount : mount + clean;
}
