import { cleanPath } from '../clean-path.ts';
import type { HostFacts } from '../host/facts.ts';
import type { Mount, Spec } from '../spec/types.ts';
import { attachStep, bindStep, insideProc, type MountPlace } from './bind.ts';
import { propagation } from './mount-flags.ts';
import { type MountOptions, mountOptions, superblockOptions } from './mount-options.ts';
import { hasNamespace, isNew } from './namespaces.ts';
import { overlayOptions } from './overlay.ts';
import type { Sources } from './sources.ts';
import { type Step, slots, stepOf } from './steps.ts';

/** What the mounts of a container depend on. */
export interface MountRequest {
  readonly spec: Spec;
  readonly bundle: string;
  readonly host: Pick<HostFacts, 'overlayAppends' | 'cgroup2Only' | 'cgroupMount'>;
}

/** The steps of `mounts`, in their order. */
export function mountSteps(request: MountRequest, sources: Sources): Step[] {
  const { spec, bundle, host } = request;
  const around = { spec, bundle, sources };
  return (spec.mounts ?? []).map((mount, index): Step => {
    // A relative destination counts from `/` (config.md "Mounts", deprecated).
    const place = { target: cleanPath(mount.destination), pointer: `/mounts/${index}` };
    const options = mountOptions(mount.options ?? []);
    if (options.remount) return remount(options, place);
    if (options.bind !== 'no' || mount.type === 'bind') return bindStep(mount, options, place, around);
    if (mount.type === 'cgroup' || mount.type === 'cgroup2') return cgroup(mount, options, place, request, sources);
    if (mount.type === 'overlay' && host.overlayAppends)
      return filesystem(mount, 'overlay', { ...options, data: overlayOptions(options.data) }, place);
    return filesystem(mount, mount.type ?? '', options, place);
  });
}

/**
 * cgroup v2 has one hierarchy. Where it is the only one, processes without a cgroup namespace of their own find in it
 * what /proc/self/cgroup says, as with runc; on hybrid hosts, as there, the mount begins at the container's cgroup.
 * To mount it anew there would take options such as nsdelegate from the host's mount (cgroup-v2.rst, "Mounting").
 */
function cgroup(mount: Mount, options: MountOptions, place: MountPlace, request: MountRequest, sources: Sources): Step {
  const { spec, host } = request;
  const whole = host.cgroup2Only && !hasNamespace(spec, 'cgroup');
  // The root of a user namespace may mount only what a cgroup namespace of that user namespace shows (cgroup_namespaces(7)).
  const mayMount = !hasNamespace(spec, 'user') || isNew(spec, 'cgroup');
  if (mayMount && hasNamespace(spec, 'cgroup')) return filesystem(mount, 'cgroup2', options, place);
  const { pointer } = place;
  const tree = { kind: 'tree', pointer, path: host.cgroupMount, recursive: false } as const;
  // Never a peer of the host's, even if other bind mounts are.
  return attachStep(sources.add(whole ? tree : { kind: 'cgroup', pointer }), options, place, propagation.slave);
}

function filesystem(mount: Mount, type: string, options: MountOptions, { target, pointer }: MountPlace): Step {
  const [set, , allSet, allClear] = options.attributes;
  const { data } = options;
  // A procfs or sysfs reached through a symbolic link of the image could be any directory (CVE-2019-19921).
  const realDirectory = type === 'proc' || type === 'sysfs' ? 1 : 0;
  const copyMode = type === 'tmpfs' && !data.some((option) => option.startsWith('mode=')) ? 1 : 0;
  const nums = [
    (set & ~allClear) | allSet,
    options.propagation & ~propagation.recursive,
    realDirectory,
    copyMode,
    options.copyUp ? 1 : 0,
    insideProc(target),
  ];
  const strs = [target, type, mount.source ?? '', ...superblockOptions(options, false), ...data];
  return stepOf('mount', pointer, nums, strs, [slots.root]);
}

/** `bind,remount` is about the mount alone, not about its filesystem (mount(8)). */
function remount(options: MountOptions, { target, pointer }: MountPlace): Step {
  const data = options.bind === 'no' ? [...superblockOptions(options, true), ...options.data] : [];
  const nums = [...options.attributes, options.propagation, data.length > 0 ? 1 : 0];
  return stepOf('remount', pointer, nums, [target, ...data], [slots.root]);
}
