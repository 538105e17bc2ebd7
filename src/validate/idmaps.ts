import type { IdMapping, Spec } from '../spec/types.ts';
import { type Refusal, broken } from './finding.ts';
import { namespaceOf } from './namespaces.ts';

const kinds = [
  { field: 'uidMappings', id: 'uid', who: 'user' },
  { field: 'gidMappings', id: 'gid', who: 'group' },
] as const;

/**
 * A new user namespace needs maps, with a root in them; one that is joined has its own: those in the document have to
 * be the same, which shows when it is joined. Containerd and CRI-O give both.
 */
export function mappingsAreOfUserNamespace(spec: Spec): Refusal[] {
  const user = namespaceOf(spec, 'user');
  return kinds.flatMap(({ field, id, who }) => {
    const mappings = spec.linux?.[field] ?? [];
    const pointer = `/linux/${field}`;
    if (!user && mappings.length > 0)
      return [broken(pointer, "User namespace mappings specified, but USER namespace isn't enabled in the config")];
    if (!user || user.path) return [];
    if (mappings.length === 0)
      return [broken('/linux/namespaces', `user namespaces enabled, but no ${id} mappings found`)];
    return isMapped(mappings, 0)
      ? []
      : [broken(pointer, `user namespaces enabled, but no ${who} mapping found for ${id} 0`)];
  });
}

/** setuid(2) and its like take mapped ids only. */
export function userIsMapped(spec: Spec): Refusal[] {
  if (!namespaceOf(spec, 'user')) return [];
  const { uid = 0, gid = 0, additionalGids = [] } = spec.process?.user ?? {};
  const { uidMappings = [], gidMappings = [] } = spec.linux ?? {};
  return [
    ...unmapped(uidMappings, uid, '/process/user/uid', 'setuid to unmapped uid'),
    ...unmapped(gidMappings, gid, '/process/user/gid', 'setgid to unmapped gid'),
    ...additionalGids.flatMap((group, index) =>
      unmapped(gidMappings, group, `/process/user/additionalGids/${index}`, 'setgroups to unmapped gid'),
    ),
  ];
}

/** Where there are no maps, another rule or the kernel has to say. */
function unmapped(mappings: readonly IdMapping[], id: number, pointer: string, doing: string): Refusal[] {
  if (mappings.length === 0 || isMapped(mappings, id)) return [];
  return [broken(pointer, `cannot ${doing} ${id} in user namespace`)];
}

const isMapped = (mappings: readonly IdMapping[], id: number): boolean =>
  mappings.some(({ containerID, size }) => id >= containerID && id < containerID + size);
