import type { Mount, Spec } from '../spec/types.ts';
import { type Refusal, broken } from './finding.ts';
import { hasNamespace } from './namespaces.ts';
import { isAmong } from './words.ts';

/** The options that are no filesystem's own (config.md "Linux mount options"): plan/mount-options.ts knows them all. */
const knownOptions =
  ' async atime bind defaults dev diratime dirsync exec idmap iversion lazytime loud mand noatime nodev nodiratime ' +
  'noexec noiversion nolazytime nomand norelatime nostrictatime nosuid nosymfollow private ratime rbind rdev ' +
  'rdiratime relatime remount rexec ridmap rnoatime rnodev rnodiratime rnoexec rnorelatime rnostrictatime rnosuid ' +
  'rnosymfollow ro rprivate rrelatime rro rrw rshared rslave rstrictatime rsuid rsymfollow runbindable rw shared ' +
  'silent slave strictatime suid symfollow sync tmpcopyup unbindable ';

type Kind = 'bind' | 'remount' | 'filesystem';

/** The options say whether it is a bind mount (config.md "Mounts"); engines' users take the type for enough. */
export function kindOf({ type, options }: Mount): Kind {
  let kind: Kind = type === 'bind' ? 'bind' : 'filesystem';
  for (const option of options ?? []) {
    if (option === 'remount') return 'remount';
    if (option === 'bind' || option === 'rbind') kind = 'bind';
  }
  return kind;
}

/** Each mount says what is mounted. */
export function mountsAreWhole({ mounts }: Spec): Refusal[] {
  return (mounts ?? []).flatMap((mount, index) => {
    const kind = kindOf(mount);
    if (kind === 'filesystem' && !mount.type)
      return [broken(`/mounts/${index}/type`, 'a mount needs a type, or one of the options bind and rbind')];
    return kind === 'bind' && !mount.source ? [broken(`/mounts/${index}/source`, 'a bind mount needs a source')] : [];
  });
}

/** A bind mount shows a filesystem that is there: it cannot take options of its own. */
export function bindsHaveNoData(spec: Spec): Refusal[] {
  return (spec.mounts ?? []).flatMap((mount, index) => {
    const reason = noDataBecause(mount, spec);
    if (reason === undefined) return [];
    return (mount.options ?? []).flatMap((option, at) =>
      option === '' || isAmong(knownOptions, option)
        ? []
        : [broken(`/mounts/${index}/options/${at}`, `${reason}: ${option}`)],
    );
  });
}

function noDataBecause(mount: Mount, spec: Spec): string | undefined {
  if (mount.options?.includes('bind') || mount.options?.includes('rbind') || mount.type === 'bind')
    return 'bind mounts cannot have any filesystem-specific options applied';
  const isCgroup = mount.type === 'cgroup' || mount.type === 'cgroup2';
  return isCgroup && !hasNamespace(spec, 'cgroup')
    ? 'without a cgroup namespace, a cgroup mount cannot have any filesystem-specific options applied'
    : undefined;
}

/** Both maps or none, and something to map (config.md "Mounts", idmap). */
export function idmapsAreWhole(spec: Spec): Refusal[] {
  return (spec.mounts ?? []).flatMap((mount, index) => idmapRefusals(mount, spec, `/mounts/${index}`));
}

const needBoth = 'id-mapped mounts must have both uid and gid mappings specified';

function idmapRefusals(mount: Mount, spec: Spec, pointer: string): Refusal[] {
  const { uidMappings = [], gidMappings = [], options = [] } = mount;
  const option = options.findIndex((name) => name === 'idmap' || name === 'ridmap');
  const mapped = uidMappings.length > 0 || gidMappings.length > 0;
  if (!mapped && option < 0) return [];
  const place = mapped ? `/${uidMappings.length > 0 ? 'uid' : 'gid'}Mappings` : `/options/${option}`;
  if (kindOf(mount) !== 'bind') return [broken(pointer + place, 'id-mapped mounts are only supported for bind-mounts')];
  if (mapped) return uidMappings.length > 0 && gidMappings.length > 0 ? [] : [broken(pointer + place, needBoth)];
  return hasNamespace(spec, 'user')
    ? []
    : [broken(pointer + place, `${needBoth}: there is no user namespace to take them from`)];
}

/** A private mount at the root does not hear of mounts that the host takes away, which then stay busy below it. */
export function privateRootIsPivoted({ linux }: Spec): Refusal[] {
  const value = linux?.rootfsPropagation;
  return value === 'private' || value === 'rprivate'
    ? [broken('/linux/rootfsPropagation', 'rootfsPropagation of [r]private is not safe without pivot_root')]
    : [];
}
