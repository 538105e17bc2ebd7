import type { Mount, Spec } from '../spec/types.ts';
import { propagation } from './mount-flags.ts';
import { mountOptions } from './mount-options.ts';
import { hasNamespace } from './namespaces.ts';
import type { Sources } from './sources.ts';
import { type Step, slots } from './steps.ts';

/** The steps of `mounts`, in their order. */
export function mountSteps(spec: Spec, sources: Sources): Step[] {
  return (spec.mounts ?? []).map((mount, index): Step => {
    const pointer = `/mounts/${index}`;
    if (mount.type !== 'cgroup') return filesystem(mount, mount.type ?? '', pointer);
    // cgroup v2 has one hierarchy; what a namespaced mount of it shows begins at the container's own cgroup.
    if (hasNamespace(spec, 'cgroup')) return filesystem(mount, 'cgroup2', pointer);
    return attached(mount, sources.add({ kind: 'cgroup', pointer }), pointer);
  });
}

/** A relative destination counts from `/` (config.md "Mounts", deprecated). */
const target = (mount: Mount): string => (mount.destination.startsWith('/') ? '' : '/') + mount.destination;

function filesystem(mount: Mount, type: string, pointer: string): Step {
  const options = mountOptions(mount.options ?? []);
  // A procfs or sysfs reached through a symbolic link of the image could be any directory (CVE-2019-19921).
  const realDirectory = type === 'proc' || type === 'sysfs' ? 1 : 0;
  return {
    op: 'mount',
    pointer,
    slots: [slots.root],
    nums: [options.attributes, options.propagation, realDirectory, 0, 0, 0],
    strs: [target(mount), type, mount.source ?? '', ...options.data],
  };
}

function attached(mount: Mount, slot: number, pointer: string): Step {
  const options = mountOptions(mount.options ?? []);
  return {
    op: 'attach',
    pointer,
    slots: [slots.root, slot],
    nums: [options.attributes, 0, 0, 0, options.propagation || propagation.slave, 0, 0],
    strs: [target(mount)],
  };
}
