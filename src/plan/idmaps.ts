import type { IdMapping, Spec } from '../spec/types.ts';
import { namespaceOf } from './namespaces.ts';

/** The ids of a user namespace, as the files uid_map and gid_map take them (user_namespaces(7)). */
export interface IdMaps {
  readonly uid: string;
  readonly gid: string;
}

/** The text of uid_map or gid_map. */
export const mapText = (mappings: readonly IdMapping[]): string =>
  mappings.map(({ containerID, hostID, size }) => `${containerID} ${hostID} ${size}\n`).join('');

/** The maps of the container's user namespace as config.json has them; undefined where it has none. */
export function idMaps({ linux }: Spec): IdMaps | undefined {
  const { uidMappings = [], gidMappings = [] } = linux ?? {};
  if (uidMappings.length === 0 && gidMappings.length === 0) return undefined;
  return { uid: mapText(uidMappings), gid: mapText(gidMappings) };
}

/** The maps that the runtime has to write: those of a new user namespace. */
export const newIdMaps = (spec: Spec): IdMaps | undefined =>
  namespaceOf(spec, 'user')?.path ? undefined : idMaps(spec);

/** What an id of the container is on the host by the text of a map, or undefined for one that is not in it. */
export function hostId(map: string, id: number): number | undefined {
  for (const line of map.split('\n')) {
    const [inside = NaN, outside = NaN, size = NaN] = line.trim().split(/\s+/).map(Number);
    if (id >= inside && id < inside + size) return outside + (id - inside);
  }
  return undefined;
}
