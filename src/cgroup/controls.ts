import { OcirunError } from '../errors/error.ts';
import type { Control } from '../plan/controls.ts';
import { attempt, orElse, readFile, writeControl } from '../sys/index.ts';

/**
 * Set the limits of a container's cgroup; their controllers are enabled on the way to it.
 * @param mount where the hierarchy is mounted
 */
export function setControls(mount: string, directory: string, controls: readonly Control[]): void {
  const enabled = new Set<string>();
  for (const { pointer, controller, file, value, without } of controls) {
    if (!enabled.has(controller)) enable(mount, directory, controller, pointer);
    enabled.add(controller);
    const path = `${directory}/${file}`;
    const write = (): boolean => {
      writeControl(path, value);
      return true;
    };
    const isThere = attempt('E_CGROUP', `write ${value} to ${path}`, () => orElse('ENOENT', false, write), {
      path,
      pointer,
    });
    if (!isThere && without) throw new OcirunError('E_CGROUP', `${without} (no ${path})`, { path, pointer });
  }
}

/** Each level has the controllers that the one above enables for its children, and only those. */
function enable(mount: string, directory: string, controller: string, pointer: string): void {
  if (has(directory, 'controllers', controller)) return;
  if (!has(mount, 'controllers', controller)) throw missing(mount, controller, pointer);
  let at = mount.length;
  for (; at >= 0; at = directory.indexOf('/', at + 1)) {
    const level = directory.slice(0, at);
    if (!has(level, 'subtree_control', controller)) enableBelow(level, controller, pointer);
  }
}

function enableBelow(level: string, controller: string, pointer: string): void {
  const path = `${level}/cgroup.subtree_control`;
  const action = `enable the cgroup controller ${controller} below ${level}`;
  attempt('E_CGROUP', action, () => writeControl(path, `+${controller}`), {
    path,
    pointer,
    hint: 'a cgroup with processes of its own cannot enable controllers (EBUSY); give linux.cgroupsPath another parent',
  });
}

const has = (directory: string, list: 'controllers' | 'subtree_control', controller: string): boolean =>
  ` ${readFile(`${directory}/cgroup.${list}`, 4096).trim()} `.includes(` ${controller} `);

/** Why the hierarchy does not have it (cgroups(7), "/proc/cgroups"). */
function missing(mount: string, controller: string, pointer: string): OcirunError {
  const line = orElse('ENOENT', '', () => readFile('/proc/cgroups', 65536))
    .split('\n')
    .find((entry) => entry.startsWith(`${controller}\t`));
  const isOld = line !== undefined && Number(line.split('\t')[1]) > 0;
  const hint = isOld
    ? `it is bound to a cgroup v1 hierarchy: unmount that, or boot with cgroup_no_v1=${controller}`
    : 'the kernel was built or booted without it';
  return new OcirunError('E_CGROUP', `the cgroup2 hierarchy at ${mount} has no controller ${controller}`, {
    pointer,
    path: `${mount}/cgroup.controllers`,
    hint,
  });
}
