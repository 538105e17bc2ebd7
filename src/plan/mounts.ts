import type { Mount, Spec } from '../spec/types.ts';
import { propagation } from './mount-flags.ts';
import { mountOptions } from './mount-options.ts';
import { hasNamespace } from './namespaces.ts';
import { type Step, slots } from './steps.ts';

/** A descriptor that the runtime has to open for a slot before init gets its plan. */
export type SlotSource = { readonly slot: number; readonly pointer: string } & (
  { readonly kind: 'fifo' | 'cgroup' } | TreeSource | NamespaceSource
);

/** A detached copy of what is mounted at `path`, made by the runtime in its own mount namespace. */
export interface TreeSource {
  readonly kind: 'tree';
  readonly path: string;
  /** With everything that is mounted below it (`rbind`). */
  readonly recursive: boolean;
  /** It goes to /proc: it has to be the root of a procfs (CVE-2019-16884). */
  readonly mustBeProc?: boolean;
  /** It gets the ids of these maps, in the format of uid_map (user_namespaces(7)); `recursive`: what is below, too. */
  readonly idmap?: { readonly uid: string; readonly gid: string; readonly recursive: boolean };
}

/** The namespace of the type `type` (CLONE_NEW*) that the file `path` stands for. */
export interface NamespaceSource {
  readonly kind: 'namespace';
  readonly path: string;
  readonly type: number;
  /** It may not be the runtime's own: something would be set in it (net.* sysctls). */
  readonly mustBeForeign?: boolean;
}

/** The steps of `mounts`, in their order, and what the runtime must open for them. */
export function mountSteps(spec: Spec): { steps: Step[]; sources: SlotSource[] } {
  const sources: SlotSource[] = [];
  const steps = (spec.mounts ?? []).map((mount, index): Step => {
    const pointer = `/mounts/${index}`;
    if (mount.type !== 'cgroup') return filesystem(mount, mount.type ?? '', pointer);
    // cgroup v2 has one hierarchy; what a namespaced mount of it shows begins at the container's own cgroup.
    if (hasNamespace(spec, 'cgroup')) return filesystem(mount, 'cgroup2', pointer);
    const slot = slots.first + sources.length;
    sources.push({ slot, kind: 'cgroup', pointer });
    return attached(mount, slot, pointer);
  });
  return { steps, sources };
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
