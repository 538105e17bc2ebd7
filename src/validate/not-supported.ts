import type { Mount, Namespace, Spec } from '../spec/types.ts';
import { type Refusal, type Warning, notSupported } from './finding.ts';

/** Fields that this version does nothing with: to ignore one would make a container that is not what was asked for. */
export const refusedFields =
  '/process/terminal /process/apparmorProfile /process/oomScoreAdj /process/selinuxLabel /process/scheduler ' +
  '/process/ioPriority /hooks/prestart /hooks/createRuntime /hooks/createContainer /hooks/startContainer ' +
  '/hooks/poststart /hooks/poststop /linux/uidMappings /linux/gidMappings /linux/timeOffsets /linux/devices ' +
  '/linux/netDevices /linux/resources/unified /linux/resources/pids /linux/resources/blockIO /linux/resources/cpu ' +
  '/linux/resources/hugepageLimits /linux/resources/memory /linux/resources/network /linux/resources/rdma ' +
  '/linux/intelRdt /linux/memoryPolicy /linux/sysctl /linux/seccomp /linux/rootfsPropagation /linux/mountLabel ' +
  '/linux/personality';

type Members = Readonly<Record<string, unknown>>;

export function fieldsAreSupported(spec: Spec): Refusal[] {
  return refusedFields
    .split(' ')
    .filter((pointer) => asksForSomething(valueAt(spec, pointer)))
    .map((pointer) => notSupported(pointer, `${pointer} is not supported yet`));
}

function valueAt(spec: Spec, pointer: string): unknown {
  let value: unknown = spec;
  for (const name of pointer.slice(1).split('/')) value = (value as Members | undefined)?.[name];
  return value;
}

/** Nothing is asked for by false, '', an empty list, or an object of such; 0 is a value. */
export function asksForSomething(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (typeof value !== 'object' || value === null) return value !== undefined && value !== false && value !== '';
  return Object.values(value).some(asksForSomething);
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
    isAmong(mountOptions, option)
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

const isAmong = (words: string, word: string): boolean => !word.includes(' ') && words.includes(` ${word} `);

/** Namespaces that this version makes; to join one is another matter. */
const namespaceTypes = ' pid network ipc uts mount cgroup ';

export function namespacesAreSupported({ linux }: Spec): Refusal[] {
  const namespaces = linux?.namespaces ?? [];
  const refusals = namespaces.flatMap(namespaceRefusals);
  if (!namespaces.some(({ type }) => type === 'mount'))
    refusals.push(
      notSupported('/linux/namespaces', 'a container without a mount namespace of its own is not supported yet'),
    );
  return refusals;
}

function namespaceRefusals({ type, path }: Namespace, index: number): Refusal[] {
  const pointer = `/linux/namespaces/${index}`;
  if (!isAmong(namespaceTypes, type))
    return [notSupported(`${pointer}/type`, `namespaces of the type ${type} are not supported yet`)];
  return path ? [notSupported(`${pointer}/path`, `joining the namespace ${path} is not supported yet`)] : [];
}

/** Every default document has these rules: to refuse them would be to refuse them all. */
export function deviceRulesAreNotEnforced({ linux }: Spec): Warning[] {
  const pointer = '/linux/resources/devices';
  return asksForSomething(linux?.resources?.devices)
    ? [{ message: 'linux.resources.devices is not enforced yet', pointer }]
    : [];
}
