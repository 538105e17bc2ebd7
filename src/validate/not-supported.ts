import type { Mount, Spec } from '../spec/types.ts';
import { type Refusal, type Warning, notSupported } from './finding.ts';
import { isAmong } from './words.ts';

/**
 * Fields that this version does nothing with, by the object they are in: to ignore one would make a container that
 * is not what was asked for. Packed, because lists of strings cost at load.
 */
export const refusedFields = {
  '/process': ' terminal apparmorProfile selinuxLabel ',
  '/linux': ' devices netDevices intelRdt seccomp rootfsPropagation mountLabel ',
  '/linux/resources': ' unified pids blockIO cpu hugepageLimits memory network rdma ',
} as const;

export const fieldsAreSupported = ({ process, linux }: Spec): Refusal[] => [
  ...fieldRefusals('/process', process),
  ...fieldRefusals('/linux', linux),
  ...fieldRefusals('/linux/resources', linux?.resources),
];

function fieldRefusals(parent: keyof typeof refusedFields, members: object | undefined): Refusal[] {
  const refusals: Refusal[] = [];
  for (const name in members) {
    if (!isAmong(refusedFields[parent], name) || !asksForSomething(members[name as never])) continue;
    refusals.push(notSupported(`${parent}/${name}`, `${parent}/${name} is not supported yet`));
  }
  return refusals;
}

/** Nothing is asked for by false, '', an empty list, or an object of such; 0 is a value. */
export function asksForSomething(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (typeof value !== 'object') return value !== undefined && value !== false && value !== '';
  return value !== null && Object.values(value).some(asksForSomething);
}

const mountTypes = ' proc sysfs tmpfs devpts mqueue cgroup ';

/** Options that neither a new mount nor its filesystem knows: they are about other mounts, or work of the runtime. */
const mountOptions =
  ' bind rbind remount rprivate rshared rslave runbindable idmap ridmap tmpcopyup rro rrw rnosuid rsuid rnodev rdev ' +
  'rnoexec rexec rnodiratime rdiratime rrelatime rnorelatime rnoatime ratime rstrictatime rnostrictatime ' +
  'rnosymfollow rsymfollow ';

export function mountsAreSupported({ mounts }: Spec): Refusal[] {
  return (mounts ?? []).flatMap((mount, index) => mountRefusals(mount, `/mounts/${index}`));
}

function mountRefusals({ type = '', options = [], uidMappings, gidMappings }: Mount, pointer: string): Refusal[] {
  const refusals = options.flatMap((option, index) =>
    // A look at the first letter spares most options the search.
    'rbit'.includes(option.charAt(0)) && isAmong(mountOptions, option)
      ? [notSupported(`${pointer}/options/${index}`, `the mount option ${option} is not supported yet`)]
      : [],
  );
  // The type of a bind mount says nothing: the option is what is wrong with it.
  if (refusals.length === 0 && !isAmong(mountTypes, type))
    refusals.push(notSupported(`${pointer}/type`, `mounts of the type "${type}" are not supported yet`));
  if (asksForSomething(uidMappings)) refusals.push(idmapped(`${pointer}/uidMappings`));
  if (asksForSomething(gidMappings)) refusals.push(idmapped(`${pointer}/gidMappings`));
  return refusals;
}

const idmapped = (pointer: string): Refusal => notSupported(pointer, 'idmapped mounts are not supported yet');

/** Every default document has these rules: to refuse them would be to refuse them all. */
export function deviceRulesAreNotEnforced({ linux }: Spec): Warning[] {
  const pointer = '/linux/resources/devices';
  return asksForSomething(linux?.resources?.devices)
    ? [{ message: 'linux.resources.devices is not enforced yet', pointer }]
    : [];
}
