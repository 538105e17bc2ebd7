import type { Mount, Spec } from '../spec/types.ts';
import { type Refusal, broken } from './finding.ts';
import { rangesRefusals } from './idmaps.ts';
import { hasNamespace } from './namespaces.ts';

/** The options that are no filesystem's own (config.md "Linux mount options"): plan/mount-options.ts knows them all. */
const knownOptions = new Set(
  (
    'async atime bind defaults dev diratime dirsync exec idmap iversion lazytime loud mand noatime nodev nodiratime ' +
    'noexec noiversion nolazytime nomand norelatime nostrictatime nosuid nosymfollow private ratime rbind rdev ' +
    'rdiratime relatime remount rexec ridmap rnoatime rnodev rnodiratime rnoexec rnorelatime rnostrictatime rnosuid ' +
    'rnosymfollow ro rprivate rrelatime rro rrw rshared rslave rstrictatime rsuid rsymfollow runbindable rw shared ' +
    'silent slave strictatime suid symfollow sync tmpcopyup unbindable'
  ).split(' '),
);

/** What the options say about the kind of a mount, as bits. */
const says = { bind: 1, remount: 2, idmap: 4 } as const;

const kindOf: ReadonlyMap<string, number> = new Map([
  ['bind', says.bind],
  ['rbind', says.bind],
  ['remount', says.remount],
  ['idmap', says.idmap],
  ['ridmap', says.idmap],
]);

/** The options say whether it is a bind mount (config.md "Mounts"); engines' users take the type for enough. */
function kindsOf({ type, options = [] }: Mount): number {
  let kinds: number = type === 'bind' ? says.bind : 0;
  for (let index = 0; index < options.length; index += 1) kinds |= kindOf.get(options[index] ?? '') ?? 0;
  return kinds;
}

/** Whether it makes a new filesystem, and neither shows nor changes one that is there. */
export const isFilesystem = (mount: Mount): boolean => (kindsOf(mount) & (says.bind | says.remount)) === 0;

/** Each mount says what is mounted, and asks for nothing that cannot be done with it. */
export function mountsAreSound(spec: Spec): Refusal[] {
  const found: Refusal[] = [];
  spec.mounts?.forEach((mount, index) => {
    const kinds = kindsOf(mount);
    if (isPlain(mount, kinds, spec)) return;
    const { uidMappings, gidMappings } = mount;
    const mapped = (kinds & says.idmap) !== 0 || uidMappings !== undefined || gidMappings !== undefined;
    const pointer = `/mounts/${index}`;
    found.push(
      ...wholeRefusals(mount, kinds, pointer),
      ...dataRefusals(mount, kinds, spec, pointer),
      ...(mapped ? idmapRefusals(mount, kinds, spec, pointer) : []),
      ...rangesRefusals(uidMappings ?? [], `${pointer}/uidMappings`),
      ...rangesRefusals(gidMappings ?? [], `${pointer}/gidMappings`),
    );
  });
  return found;
}

/** Whether a mount is one of the two kinds that most are, and sound: engines have dozens of them. */
function isPlain(mount: Mount, kinds: number, spec: Spec): boolean {
  const { type, source, options, uidMappings, gidMappings } = mount;
  if (uidMappings ?? gidMappings) return false;
  if (kinds === 0) return Boolean(type) && (!type?.startsWith('cgroup') || hasNamespace(spec, 'cgroup'));
  return kinds === says.bind && Boolean(source) && (options ?? []).every(isKnown);
}

const isKnown = (option: string): boolean => knownOptions.has(option);

function wholeRefusals({ type, source }: Mount, kinds: number, pointer: string): Refusal[] {
  if ((kinds & says.remount) !== 0) return [];
  if ((kinds & says.bind) !== 0)
    return source
      ? []
      : [
          broken(`${pointer}/source`, 'a bind mount needs a source', {
            hint: 'give the path of the host that is to be mounted',
          }),
        ];
  return type ? [] : [broken(`${pointer}/type`, 'a mount needs a type, or one of the options bind and rbind')];
}

/** A bind mount shows a filesystem that is there: it cannot take options of its own. */
function dataRefusals(mount: Mount, kinds: number, spec: Spec, pointer: string): Refusal[] {
  const isBind = (kinds & says.bind) !== 0;
  const isCgroup = mount.type === 'cgroup' || mount.type === 'cgroup2';
  if (!isBind && (!isCgroup || hasNamespace(spec, 'cgroup'))) return [];
  const what = isBind ? 'bind mounts' : 'without a cgroup namespace, cgroup mounts';
  return (mount.options ?? []).flatMap((option, at) =>
    option === '' || knownOptions.has(option)
      ? []
      : [
          broken(`${pointer}/options/${at}`, `${what} cannot have any filesystem-specific options applied: ${option}`, {
            expected: 'an option that is for every filesystem',
          }),
        ],
  );
}

const needBoth = 'id-mapped mounts must have both uid and gid mappings specified';

/** Both maps or none, and something to map (config.md "Mounts", idmap). */
function idmapRefusals(mount: Mount, kinds: number, spec: Spec, pointer: string): Refusal[] {
  const { uidMappings = [], gidMappings = [], options = [] } = mount;
  const mapped = uidMappings.length > 0 || gidMappings.length > 0;
  if (!mapped && (kinds & says.idmap) === 0) return [];
  const place = mapped
    ? `/${uidMappings.length > 0 ? 'uid' : 'gid'}Mappings`
    : `/options/${options.findIndex((name) => name === 'idmap' || name === 'ridmap')}`;
  if ((kinds & (says.bind | says.remount)) !== says.bind)
    return [broken(pointer + place, 'id-mapped mounts are only supported for bind-mounts')];
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
