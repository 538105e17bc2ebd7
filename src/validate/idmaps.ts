import type { IdMapping, Spec } from '../spec/types.ts';
import { type Refusal, adding, broken } from './finding.ts';
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
      return [
        broken(
          pointer,
          "User namespace mappings specified, but USER namespace isn't enabled in the config",
          adding('user'),
        ),
      ];
    if (!user || user.path) return [];
    if (mappings.length === 0)
      return [
        broken('/linux/namespaces', `user namespaces enabled, but no ${id} mappings found`, {
          hint: `give linux.${field}`,
        }),
      ];
    return isMapped(mappings, 0)
      ? []
      : [
          broken(pointer, `user namespaces enabled, but no ${who} mapping found for ${id} 0`, {
            expected: 'a range from containerID 0',
          }),
        ];
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

/** What the kernel takes in uid_map and gid_map (user_namespaces(7)). */
const [mostMappings, lastId] = [340, 2 ** 32 - 1];

/** Ranges have ids in them, end where ids end, and do not overlap: else the kernel takes none of them (EINVAL). */
export const mappingsAreRanges = ({ linux }: Spec): Refusal[] =>
  kinds.flatMap(({ field }) => rangesRefusals(linux?.[field] ?? [], `/linux/${field}`));

/** What is wrong with the ranges of one map, of a user namespace or of a mount. Too many are not compared. */
export const rangesRefusals = (mappings: readonly IdMapping[], pointer: string): Refusal[] =>
  mappings.length > mostMappings
    ? [broken(pointer, `${mappings.length} ranges of ids`, { expected: `${mostMappings} at most` })]
    : mappings.flatMap((mapping, index) => rangeRefusals(mapping, mappings.slice(0, index), `${pointer}/${index}`));

const sides = ['containerID', 'hostID'] as const;

function rangeRefusals(mapping: IdMapping, earlier: readonly IdMapping[], pointer: string): Refusal[] {
  const { size } = mapping;
  if (size === 0) return [broken(`${pointer}/size`, 'a range of ids is empty', { expected: '1 or more' })];
  return sides.flatMap((side) => {
    const first = mapping[side];
    if (first + size > lastId)
      return [broken(`${pointer}/size`, `the range of ids from ${side} ${first} goes beyond ${lastId - 1}`)];
    const other = earlier.findIndex((range) => range[side] < first + size && first < range[side] + range.size);
    if (other < 0) return [];
    const message = `the range of ids from ${side} ${first} overlaps the one from ${earlier[other]?.[side]}`;
    return [broken(`${pointer}/${side}`, message, { expected: 'each id once' })];
  });
}

/** Filesystems of a new user namespace belong to ids that it has (as runc checks without root). */
export function mountOwnersAreMapped(spec: Spec): Refusal[] {
  if (namespaceOf(spec, 'user')?.path) return [];
  const maps = { uid: spec.linux?.uidMappings ?? [], gid: spec.linux?.gidMappings ?? [] };
  return (spec.mounts ?? []).flatMap(({ options = [] }, index) =>
    options.flatMap((option, at) => {
      const [, kind, id] = /^([ug]id)=(\d+)$/.exec(option) ?? [];
      if ((kind !== 'uid' && kind !== 'gid') || maps[kind].length === 0 || isMapped(maps[kind], Number(id))) return [];
      const message = `cannot specify ${option} mount option for unmapped ${kind}`;
      return [
        broken(`/mounts/${index}/options/${at}`, message, {
          hint: `map ${kind} ${id} in linux.${kind}Mappings, or take the option away`,
        }),
      ];
    }),
  );
}
