import { OcirunError } from '../errors/error.ts';
import type { Control } from '../plan/cgroup/index.ts';
import { orElse, readFile, reason } from '../sys/index.ts';
import type { Refused } from './controllers.ts';

/** A controller that a cgroup should have, and what is known of the hierarchy. */
export interface Wanted {
  readonly mount: string;
  readonly directory: string;
  /** What the root of the hierarchy has. */
  readonly available: readonly string[];
  readonly control: Control;
}

/** Why a cgroup does not have a controller that is needed. */
export function whyNotEnabled(wanted: Wanted, refused: Refused | undefined): OcirunError {
  if (!wanted.available.includes(wanted.control.controller)) return notInHierarchy(wanted);
  const { directory, control } = wanted;
  const { controller, pointer } = control;
  const inWay = threadedOnTheWay(wanted);
  if (inWay) return inWay;
  if (!refused)
    return new OcirunError('E_CGROUP', `the cgroup controller ${controller} is not there for ${directory}`, {
      pointer,
      path: `${directory}/cgroup.controllers`,
      hint: 'somebody has disabled it meanwhile, or it was not delegated to the cgroups that we may change',
    });
  const { level, error } = refused;
  const doing = `enable the cgroup controller ${controller} below ${level}`;
  return new OcirunError('E_CGROUP', `${asked(control)}${doing}: ${reason(error)}`, {
    pointer,
    path: `${level}/cgroup.subtree_control`,
    errno: error.errno,
    errnoName: error.code,
    syscall: error.syscall,
    cause: error,
    ...(hints[error.code] ? { hint: hints[error.code] } : {}),
  });
}

const delegation =
  'ask whoever manages this cgroup to delegate the controller (with systemd: Delegate=yes for the unit), or run as root';

const hints: Readonly<Record<string, string>> = {
  EBUSY: 'a cgroup with processes of its own cannot enable controllers (EBUSY); give linux.cgroupsPath another parent',
  EOPNOTSUPP: 'this controller cannot be had among threaded cgroups; give linux.cgroupsPath another parent',
  EACCES: delegation,
  EPERM: delegation,
  EROFS: 'the hierarchy is mounted read-only: mount -o remount,rw it',
};

/** What the file of the document is to the user: runc's words for `unified`, which name the file. */
const asked = ({ pointer, file, controller }: Control): string =>
  pointer.includes('/unified/')
    ? `unified resource "${file}" can't be set: controller "${controller}" not available: `
    : '';

/** What cgroup v1 calls the same. */
const oldNames: Readonly<Record<string, string>> = { io: 'blkio' };

/** Why the hierarchy does not have it, and what to do (cgroups(7), "/proc/cgroups"). */
function notInHierarchy({ mount, control }: Wanted): OcirunError {
  const { controller, pointer } = control;
  const name = oldNames[controller] ?? controller;
  const line = orElse('ENOENT', '', () => readFile('/proc/cgroups', 65536))
    .split('\n')
    .find((entry) => entry.startsWith(`${name}\t`));
  const [, hierarchy = '0', , enabled = '1'] = line?.split('\t') ?? [];
  const hint =
    enabled === '0'
      ? `the kernel was booted with it disabled: boot without cgroup_disable=${name}`
      : hierarchy !== '0'
        ? `it is bound to a cgroup v1 hierarchy: unmount that, or boot with cgroup_no_v1=${name}`
        : 'the kernel was built or booted without it';
  return new OcirunError(
    'E_CGROUP',
    `${asked(control)}the cgroup2 hierarchy at ${mount} has no controller ${controller}`,
    {
      pointer,
      path: `${mount}/cgroup.controllers`,
      hint,
    },
  );
}

/** The first cgroup on the way that is threaded, or that can have no processes since it is below one; texts of runc. */
function threadedOnTheWay({ mount, directory, control: { pointer, controller } }: Wanted): OcirunError | undefined {
  for (let at = directory.indexOf('/', mount.length + 1); ; at = directory.indexOf('/', at + 1)) {
    const level = at < 0 ? directory : directory.slice(0, at);
    const type = cgroupType(level);
    if (type !== 'domain')
      return new OcirunError(
        'E_CGROUP',
        `cannot enter cgroupv2 "${level}" with domain controllers -- it is in ${type === 'domain invalid' ? 'an invalid state' : `${type} mode`}`,
        {
          pointer,
          path: `${level}/cgroup.type`,
          hint: `${controller} is not for threaded cgroups, nor beside processes of the cgroup above: give linux.cgroupsPath another parent`,
        },
      );
    if (at < 0) return undefined;
  }
}

/** cgroup.type; the root of the hierarchy has none. */
export const cgroupType = (directory: string): string =>
  orElse('ENOENT', 'domain', () => readFile(`${directory}/cgroup.type`, 64).trim());
