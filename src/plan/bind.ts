import type { Mount, Spec } from '../spec/types.ts';
import { mapText } from './idmaps.ts';
import { propagation } from './mount-flags.ts';
import type { MountOptions } from './mount-options.ts';
import { namespaceOf } from './namespaces.ts';
import { bindPropagation } from './propagation.ts';
import type { Sources, TreeSource } from './sources.ts';
import { type Step, slots, stepOf } from './steps.ts';

/** Where a mount goes: the target is clean and absolute. */
export interface MountPlace {
  readonly target: string;
  readonly pointer: string;
}

/** What is said about the whole container. */
export interface Surroundings {
  readonly spec: Spec;
  /** Absolute: what a relative source counts from. */
  readonly bundle: string;
  readonly sources: Sources;
}

/** A bind mount: the runtime clones the source, init attaches it. */
export function bindStep(mount: Mount, options: MountOptions, place: MountPlace, around: Surroundings): Step {
  const source = mount.source ?? '';
  const slot = around.sources.add({
    kind: 'tree',
    pointer: `${place.pointer}/source`,
    path: source.startsWith('/') ? source : `${around.bundle}/${source}`,
    recursive: options.bind === 'rbind',
    ...(place.target === '/proc' ? { mustBeProc: true } : {}),
    ...idmapOf(mount, options, around.spec),
  });
  return attachStep(slot, options, place, bindPropagation(around.spec));
}

/**
 * Attach the tree in a slot. Only the attributes that are named change: nosuid, nodev and noexec of the source stay.
 * @param base the propagation without an option for it
 */
export function attachStep(slot: number, options: MountOptions, { target, pointer }: MountPlace, base: number): Step {
  const first = isCovered(base, options) ? 0 : options.first || base;
  const nums = [...options.attributes, first, options.propagation, insideProc(target)];
  return stepOf('attach', pointer, nums, [target], [slots.root, slot]);
}

/** Of the files that a mount may cover in /proc, init has to know: it refuses to mount inside a procfs otherwise. */
export const insideProc = (target: string): 0 | 1 => (target.startsWith('/proc/') ? 1 : 0);

/** Whether the propagation that is asked for ends where it would have ended with the one that comes first. */
function isCovered(base: number, { first, propagation: last, bind }: MountOptions): boolean {
  if (first !== 0 || (bind === 'rbind' && (last & propagation.recursive) === 0)) return false;
  return (last & (propagation.private | propagation.unbindable | (base & propagation.slave))) !== 0;
}

function idmapOf({ uidMappings, gidMappings }: Mount, { idmap }: MountOptions, spec: Spec): Pick<TreeSource, 'idmap'> {
  const recursive = idmap === 'ridmap';
  if (uidMappings?.length && gidMappings?.length)
    return { idmap: { uid: mapText(uidMappings), gid: mapText(gidMappings), recursive } };
  return idmap === 'no' ? {} : { idmap: { ...containerMaps(spec), recursive } };
}

/** Without maps of its own, a mount takes those of the container's user namespace (config.md "Mounts"). */
function containerMaps(spec: Spec): { uid: string; gid: string } | { path: string } {
  const path = namespaceOf(spec, 'user')?.path;
  return path ? { path } : { uid: mapText(spec.linux?.uidMappings ?? []), gid: mapText(spec.linux?.gidMappings ?? []) };
}
