import type { Spec } from '../spec/types.ts';

/** CLONE_NEW* of clone(2) by the runtime-spec's name. */
const flags: Readonly<Record<string, number>> = {
  time: 0x80,
  mount: 0x20000,
  cgroup: 0x2000000,
  uts: 0x4000000,
  ipc: 0x8000000,
  user: 0x10000000,
  pid: 0x20000000,
  network: 0x40000000,
};

/** Whether the container gets a namespace of that type (config-linux.md "Namespaces"), new or joined. */
export const hasNamespace = (spec: Spec, type: string): boolean =>
  (spec.linux?.namespaces ?? []).some((namespace) => namespace.type === type);

/**
 * Those of the new namespaces that init may make before it has its plan: they are the slow ones, and depend on nothing
 * else in it. Not with a new user namespace, which has to own them.
 */
export function namespacesAhead(spec: Spec): number {
  const flagsOf = (type: string): number => (newNamespaces(spec) & (flags[type] ?? 0)) >>> 0;
  return flagsOf('user') === 0 ? flagsOf('network') + flagsOf('ipc') + flagsOf('uts') + flagsOf('mount') : 0;
}

/** The flags of the namespaces to make. */
export function newNamespaces(spec: Spec): number {
  let result = 0;
  for (const { type, path } of spec.linux?.namespaces ?? []) if (!path) result += flags[type] ?? 0;
  return result;
}
