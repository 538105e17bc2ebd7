import type { Namespace, NamespaceType, Spec } from '../spec/types.ts';
import type { Sources } from './sources.ts';
import { type Step, stepOf } from './steps.ts';
import { hasNetworkSysctl } from './sysctl.ts';

/** CLONE_NEW* of clone(2) by the runtime-spec's name. */
const flags: Readonly<Record<NamespaceType, number>> = {
  time: 0x80,
  mount: 0x20000,
  cgroup: 0x2000000,
  uts: 0x4000000,
  ipc: 0x8000000,
  user: 0x10000000,
  pid: 0x20000000,
  network: 0x40000000,
};

/** The container's namespace of that type, if it has one of its own. */
export const namespaceOf = (spec: Spec, type: NamespaceType): Namespace | undefined =>
  spec.linux?.namespaces?.find((namespace) => namespace.type === type);

/** Whether the container gets a namespace of that type (config-linux.md "Namespaces"), new or joined. */
export const hasNamespace = (spec: Spec, type: NamespaceType): boolean => namespaceOf(spec, type) !== undefined;

/** Whether a namespace of that type is made for the container. */
export function isNew(spec: Spec, type: NamespaceType): boolean {
  const namespace = namespaceOf(spec, type);
  return namespace !== undefined && !namespace.path;
}

/**
 * Those of the new namespaces that init may make before it has its plan: they are the slow ones, and depend on nothing
 * else in it. Not with a user namespace, which has to own them; other joined ones have no say in what is made here.
 */
export function namespacesAhead(spec: Spec): number {
  const made = newNamespaces(spec);
  const flagOf = (type: NamespaceType): number => (made & flags[type]) >>> 0;
  return hasNamespace(spec, 'user') ? 0 : flagOf('network') + flagOf('ipc') + flagOf('uts') + flagOf('mount');
}

/** The flags of the namespaces to make. */
export function newNamespaces(spec: Spec): number {
  let result = 0;
  for (const { type, path } of spec.linux?.namespaces ?? []) if (!path) result += flags[type];
  return result;
}

/**
 * Those of the new namespaces that are made by the root of the container's user namespace, once it is one: what the
 * kernel makes with them, /proc/net and the root of mqueue, belongs to nobody where ids have no map yet.
 */
export function namespacesOfRoot(spec: Spec): number {
  const made = newNamespaces(spec);
  return hasNamespace(spec, 'user') ? ((made & flags.network) >>> 0) + (made & flags.ipc) : 0;
}

/** `timeOffsets` makes the time namespace itself; clone3(2) takes the one that is waiting for children. */
export const namespacesToClone = (spec: Spec, timeIsMade: boolean): number =>
  newNamespaces(spec) - namespacesOfRoot(spec) - (timeIsMade ? flags.time : 0);

/** A namespace to join, and the slot that its file is in. */
interface Joined {
  readonly type: NamespaceType;
  readonly path: string;
  readonly pointer: string;
  readonly slot: number;
}

/**
 * Steps that join namespaces. The right to join one is a right in the user namespace that owns it: the caller's, or the
 * one that is joined as well. So all others are tried before that one, and those that could not be had, after it.
 */
export function joinSteps(spec: Spec, sources: Sources): Step[] {
  const user: Joined[] = [];
  const others: Joined[] = [];
  const namespaces = spec.linux?.namespaces ?? [];
  for (let index = 0; index < namespaces.length; index += 1) {
    const { type, path } = namespaces[index] as Namespace;
    if (!path) continue;
    const pointer = `/linux/namespaces/${index}/path`;
    // What is done to a mount namespace, and to its root, is done to everybody who is in it.
    const mustBeForeign = type === 'mount' || (type === 'network' && hasNetworkSysctl(spec));
    const source = { kind: 'namespace', pointer, path, type: flags[type] } as const;
    const slot = sources.add(mustBeForeign ? { ...source, mustBeForeign } : source);
    (type === 'user' ? user : others).push({ type, path, pointer, slot });
  }
  const firstTries = user.length > 0 ? others.map((joined) => joinStep(joined, 1)) : [];
  return [...firstTries, ...[...user, ...others].map((joined) => joinStep(joined, 0))];
}

const joinStep = ({ type, path, pointer, slot }: Joined, firstTry: 0 | 1): Step =>
  stepOf('join', pointer, [flags[type], firstTry], [path], [slot]);
