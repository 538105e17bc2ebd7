import type { NamespaceType, Spec } from '../spec/types.ts';
import { type Refusal, broken } from './finding.ts';

/** Whether the container gets a namespace of that type, new or joined. */
export const hasNamespace = ({ linux }: Spec, type: NamespaceType): boolean =>
  (linux?.namespaces ?? []).some((namespace) => namespace.type === type);

/** "The runtime MUST generate an error if any namespace type is duplicated" (config-linux.md "Namespaces"). */
export function namespacesAreUnique({ linux }: Spec): Refusal[] {
  const seen = new Set<string>();
  return (linux?.namespaces ?? []).flatMap(({ type }, index) => {
    if (seen.has(type)) return [broken(`/linux/namespaces/${index}`, `duplicated namespace ${type}`)];
    seen.add(type);
    return [];
  });
}

/** Without a UTS namespace of its own, a container would rename the host. */
export function namesNeedUtsNamespace(spec: Spec): Refusal[] {
  if (hasNamespace(spec, 'uts')) return [];
  return (['hostname', 'domainname'] as const)
    .filter((field) => Boolean(spec[field]))
    .map((field) => broken(`/${field}`, `unable to set ${field} without a private UTS namespace`));
}
