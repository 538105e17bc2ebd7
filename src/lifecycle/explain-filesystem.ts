import { mountOptionNames } from '../plan/mount-options.ts';
import { nearest } from '../spec/suggest.ts';
import { whereItEnds } from './mount-path.ts';
import type { Finding, MountFailure, MountHost, Rule } from './mount-failure.ts';

const callOf = ({ facts }: MountFailure): string => facts.others.get('call')?.text ?? '';

/** A remount is not told the type. */
const typeOf = ({ step }: MountFailure): string => (step.op === 'mount' ? (step.strs[1] ?? '') : '');
const sourceOf = ({ step }: MountFailure): string => (step.op === 'mount' ? (step.strs[2] ?? '') : '');
const nameOf = (failure: MountFailure): string => typeOf(failure) || 'mounted there';

/** CLONE_NEWUSER */
const newUser = 0x10000000;

/** What the filesystem itself has said: "e tmpfs: Bad value for 'size'", one message behind the other. */
export function logOf({ facts: { about, others } }: MountFailure): string {
  const option = others.get('option')?.text;
  const head = option !== undefined && about.startsWith(option) ? option.length : about.search(/: [ewi] /);
  const log = head < 0 ? '' : about.slice(head);
  return log.replace(/(^|: )[ewi] /g, '$1').replace(/^: /, '');
}

/** Options that are ids. */
const idOptions: ReadonlySet<string> = new Set(['uid', 'gid', 'user_id', 'group_id']);

/** The filesystem, or the kernel for it, does not take an option. */
const refusedOption: Rule = (failure, host) => {
  const option = failure.facts.others.get('option')?.text;
  if (option === undefined) return undefined;
  const log = logOf(failure);
  const key = option.split('=')[0] ?? '';
  const mapped = (failure.namespaces & newUser) !== 0 || host.nested;
  const hint = /unknown parameter/i.test(log)
    ? hintForUnknown(key, typeOf(failure))
    : mapped && idOptions.has(key) && 'the id has to be one of the user namespace: map it, or take the option away';
  return {
    code: 'E_MOUNT_OPTION',
    finding: `the filesystem ${nameOf(failure)} refuses the option "${option}"${log ? `: ${log}` : ''}`,
    found: option,
    ...(hint ? { hint } : {}),
  };
};

/** Options of filesystems that containers mount, for those who have misspelt one. */
const known: Readonly<Record<string, string>> = {
  tmpfs: 'size nr_blocks nr_inodes mode uid gid huge mpol noswap',
  proc: 'hidepid gid subset',
  devpts: 'newinstance ptmxmode mode uid gid max',
  overlay: 'lowerdir upperdir workdir redirect_dir index metacopy userxattr volatile xino',
  cgroup2: 'nsdelegate memory_localevents memory_recursiveprot',
};

function hintForUnknown(key: string, type: string): string {
  const meant = nearest(key, [...mountOptionNames(), ...(known[type]?.split(' ') ?? [])]);
  return meant === undefined
    ? `"${key}" is neither an option of that filesystem nor one of mounts in general`
    : `did you mean "${meant}"?`;
}

const unknownType: Rule = (failure, host) => {
  if (callOf(failure) !== 'fsopen' && callOf(failure) !== 'mount') return undefined;
  const type = typeOf(failure);
  if (failure.errnoName !== 'ENODEV' || host.types().includes(type)) return undefined;
  return {
    code: 'E_MOUNT',
    finding: type === '' ? 'the mount has no type' : `the kernel knows no filesystem type "${type}"`,
    found: type,
    hint: hintForType(type, sourceOf(failure), host),
  };
};

function hintForType(type: string, source: string, host: MountHost): string {
  if (source.startsWith('/') && host.look(source).file !== undefined)
    return `is ${source} to be bind mounted? That needs the option "bind" or "rbind"`;
  const meant = nearest(type, host.types());
  return meant === undefined
    ? `it is not in /proc/filesystems, and no module of that name could be loaded (modprobe ${type || 'TYPE'})`
    : `did you mean "${meant}"?`;
}

/** Filesystems that show something of a namespace: only its owner may mount one (and its CLONE_NEW*). */
const ofNamespace: Readonly<Record<string, readonly [name: string, flag: number]>> = {
  proc: ['pid', 0x20000000],
  sysfs: ['network', 0x40000000],
  mqueue: ['ipc', 0x8000000],
  cgroup: ['cgroup', 0x2000000],
  cgroup2: ['cgroup', 0x2000000],
};

/** A procfs or sysfs may not show what the one outside hides (kernel: mount_too_revealing). */
const tooRevealing: Rule = (failure, host) => {
  const type = typeOf(failure);
  const said = /too revealing/i.test(failure.facts.about);
  if (failure.errnoName !== 'EPERM' || !(said || callOf(failure) === 'fsmount')) return undefined;
  if (type !== 'proc' && type !== 'sysfs') return undefined;
  const outer = type === 'proc' ? '/proc' : '/sys';
  const covered = host.mountsBelow(outer);
  // Older kernels do not say that it is this.
  if (!said && covered.length === 0) return undefined;
  const shown = covered.slice(0, 3).join(', ') + (covered.length > 3 ? `, … (${covered.length} in all)` : '');
  return {
    code: 'E_MOUNT',
    finding: `the kernel refuses a new ${type} where the one outside is covered in part${covered.length > 0 ? `, by mounts on ${shown}` : ''}`,
    path: outer,
    hint: `in a user namespace, bind mount ${outer} with "rbind" instead, or run the outer container with unmasked paths`,
  };
};

const notInUserNamespace: Rule = (failure) => {
  const type = typeOf(failure);
  const refused = ['fsopen', 'fsconfig'].includes(callOf(failure));
  if (failure.errnoName !== 'EPERM' || !refused || logOf(failure) !== '') return undefined;
  if ((failure.namespaces & newUser) === 0 || failure.step.op !== 'mount') return undefined;
  const [name, flag = 0] = ofNamespace[type] ?? [];
  if (name !== undefined && (failure.namespaces & flag) === 0)
    return {
      code: 'E_MOUNT',
      finding: `a ${type} shows the ${name} namespace, which is not the container's own and belongs to another user namespace`,
      hint: `add a ${name} namespace to the container, or bind mount what there is outside`,
    };
  return {
    code: 'E_MOUNT',
    finding: `a filesystem of type ${type} may not be mounted in a user namespace`,
    hint: 'mount it outside, and bind mount it',
  };
};

/** Options of overlay that are paths, or lists of them (a colon in a name is behind a backslash). */
const layers: Readonly<Record<string, boolean>> = {
  lowerdir: true,
  'lowerdir+': false,
  'datadir+': false,
  upperdir: false,
  workdir: false,
};

function layerPaths(option: string): string[] {
  const [key = '', ...rest] = option.split('=');
  const list = layers[key];
  if (list === undefined) return [];
  const parts = list ? (rest.join('=').match(/(?:[^:\\]|\\.)+/g) ?? []) : [rest.join('=')];
  return parts.map((path) => (list ? path.replace(/\\(.)/g, '$1') : path)).filter((path) => path.startsWith('/'));
}

/** The first directory of an overlay that is missing. */
const missingLayer: Rule = ({ step, errnoName }, host) => {
  if (step.op !== 'mount' || step.strs[1] !== 'overlay') return undefined;
  if (errnoName !== 'ENOENT' && errnoName !== 'ENOTDIR' && errnoName !== 'ELOOP') return undefined;
  for (const option of step.strs.slice(3))
    for (const path of layerPaths(option)) {
      const look = host.look(path);
      const end = whereItEnds(look, '') ?? fileInPlace(look.path, look.file?.mode);
      if (end) return { ...end, finding: `${option.split('=')[0] ?? ''}=${path}: ${end.finding}` };
    }
  return undefined;
};

const fileInPlace = (path: string, mode?: number): Finding | undefined =>
  mode === undefined || (mode & 0o170000) === 0o040000
    ? undefined
    : { code: 'E_MOUNT_PATH', finding: `${path} is not a directory`, path };

/** The device (or file) that a filesystem is to be read from. */
const missingSource: Rule = (failure, host) => {
  const source = sourceOf(failure);
  if (callOf(failure) !== 'fsconfig' && callOf(failure) !== 'mount') return undefined;
  if (failure.errnoName === 'ENOENT' && source !== '') {
    const end = source.startsWith('/') ? whereItEnds(host.look(source), '') : undefined;
    const finding = end?.finding ?? `there is no device ${source}`;
    return {
      ...end,
      code: 'E_MOUNT_PATH',
      finding: `the source device for ${typeOf(failure)}: ${finding}`,
      path: end?.path ?? source,
    };
  }
  const reasons: Readonly<Record<string, string>> = {
    ENOTBLK: 'is not a block device',
    ENXIO: 'is a device that nothing stands behind',
    ENOMEDIUM: 'has no medium in it',
    EBUSY: 'is in use, mounted elsewhere with other options or by somebody else',
  };
  const reason = reasons[failure.errnoName];
  if (reason === undefined || failure.step.op !== 'mount' || typeOf(failure) === 'overlay') return undefined;
  return { code: 'E_MOUNT_PATH', finding: `the source ${source || '(none)'} ${reason}`, path: source };
};

/** The options of a mounted filesystem belong to who mounted it. */
const cannotReconfigure: Rule = (failure) => {
  if (failure.step.op !== 'remount' || callOf(failure) !== 'fsconfig') return undefined;
  if (failure.errnoName === 'EPERM')
    return {
      code: 'E_MOUNT_OPTION',
      finding: 'the filesystem belongs to another user namespace, and its own options stay as they are',
      hint: 'with the option "bind", a remount changes the flags of this mount alone',
    };
  if (failure.errnoName !== 'EBUSY') return undefined;
  return {
    code: 'E_MOUNT',
    finding: 'the filesystem is in use: it has files that are open for writing',
    hint: 'with the option "bind", a remount makes this mount alone read-only',
  };
};

/** Whatever else the filesystem had to say. */
const inItsWords: Rule = (failure) => {
  const log = logOf(failure);
  const call = callOf(failure);
  if (call !== 'fsconfig' && call !== 'fsmount') return undefined;
  if (log !== '') return { code: 'E_MOUNT_OPTION', finding: `the filesystem ${nameOf(failure)} says: ${log}` };
  return failure.errnoName === 'EINVAL' ? inGeneral(failure) : undefined;
};

function inGeneral(failure: MountFailure): Finding {
  if (typeOf(failure) === 'overlay' && !failure.step.strs.slice(3).some((option) => option.startsWith('lowerdir')))
    return {
      code: 'E_MOUNT_OPTION',
      finding: 'an overlay needs a directory below it',
      hint: 'the option "lowerdir="',
    };
  const source = sourceOf(failure);
  const device = source.startsWith('/') ? `, or no ${typeOf(failure)} is on ${source}` : '';
  return {
    code: 'E_MOUNT_OPTION',
    finding: `the filesystem ${nameOf(failure)} refuses its options together${device}`,
    hint: 'the log of the kernel may say more (dmesg)',
  };
}

/** What may be wrong with a filesystem and its options. */
export const filesystemRules: readonly Rule[] = [
  missingLayer,
  refusedOption,
  unknownType,
  tooRevealing,
  notInUserNamespace,
  missingSource,
  cannotReconfigure,
  inItsWords,
];
