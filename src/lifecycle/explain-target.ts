import { hostId } from '../plan/idmaps.ts';
import { directoryName, isDirectory, typeOf } from './explain-way.ts';
import { byLink, ownership, whereItEnds } from './mount-path.ts';
import type { File, Look } from './facts.ts';
import type { Finding, MountFailure, Rule } from './mount-failure.ts';

/** What an id of nobody looks like from inside a user namespace (/proc/sys/kernel/overflowuid). */
const nobody = 65534;

/** f_flag of a mount that is read-only (statvfs(3)). */
const readOnly = 1;

const code = 'E_MOUNT_PATH';

const wayOf = ({ facts }: MountFailure): Look | undefined => facts.looks[0];

/** The directory in which the way ends. */
const directoryOf = ({ parent }: Look): File | undefined => parent && { ...parent, path: directoryName(parent.path) };

/** A directory goes on a directory, anything else on anything else. */
const mismatch: Rule = (failure) => {
  const way = wayOf(failure);
  const tree = failure.facts.others.get('tree')?.numbers[0];
  if (tree === undefined || !way?.file || way.stop || failure.errnoName !== 'ENOTDIR') return undefined;
  const [source, target] = [typeOf(tree), typeOf(way.file.mode)];
  return {
    code,
    finding: `the source is ${source}, but ${way.file.path} in the root filesystem is ${target}${byLink(way)}`,
    path: way.file.path,
    hint: isDirectory(tree) ? 'a directory can be mounted on a directory only' : 'a file can be mounted on a file only',
    found: target,
    expected: source,
  };
};

/** These are mounted on directories that no link leads to (CVE-2019-19921). */
const behindLink: Rule = (failure) => {
  const { step, errnoName } = failure;
  const [link] = wayOf(failure)?.links ?? [];
  if (errnoName !== 'ELOOP' || !link || wayOf(failure)?.stop?.errno === 'ELOOP') return undefined;
  const what =
    step.op === 'mount' ? `${step.strs[1] ?? ''} is mounted on a real directory only` : 'it leads to the kernel';
  return { code, finding: `${link.path} is a symbolic link to ${link.to}, and ${what}`, path: link.path };
};

/** Owner and mode as somebody inside sees them, and who that is outside. */
function seenInside(directory: File, { maps }: MountFailure): string {
  if (!maps) return ownership(directory);
  const uid = directory.uid === nobody ? undefined : hostId(maps.uid, directory.uid);
  return `${ownership(directory)}${uid === undefined ? ', which is no id of the container' : `, uid ${uid} outside`}`;
}

const rootInside = ({ maps }: MountFailure): string =>
  maps ? `uid 0 of the container (uid ${hostId(maps.uid, 0) ?? 'nobody'} outside)` : 'the root of the container';

const closed: Rule = (failure) => {
  const way = wayOf(failure);
  const directory = way && directoryOf(way);
  if (way?.stop?.errno !== 'EACCES' || !directory) return undefined;
  const finding = `${rootInside(failure)} may not pass through ${directory.path} of the root filesystem`;
  return {
    code: 'E_MOUNT_TRAVERSE',
    finding: `${finding} (${seenInside(directory, failure)})${byLink(way)}`,
    path: directory.path,
    hint: `chmod o+x ${directory.path} in the root filesystem, or give it to the container's ids`,
    found: ownership(directory),
  };
};

/** Why nothing can be made in a directory. */
const cannotMake: Readonly<Record<string, (directory: File | undefined, failure: MountFailure) => string>> = {
  // The kernel's words say it.
  EROFS: () => '',
  ENOSPC: () => '',
  EDQUOT: () => '',
  EACCES: (directory, failure) =>
    directory ? `${directory.path} is not writable for ${rootInside(failure)} (${seenInside(directory, failure)})` : '',
  EPERM: (directory) => (directory ? `${directory.path} takes no new entries` : ''),
};

/** A mount point that is missing is made, where it can be. */
const missing: Rule = (failure) => {
  const way = wayOf(failure);
  const { errnoName } = failure;
  if (way?.stop?.errno !== 'ENOENT' || failure.step.op === 'remount') return undefined;
  const directory = directoryOf(way);
  const because = (cannotMake[errnoName] ?? noEntries)(directory, failure);
  return {
    code,
    finding: `${way.stop.path} is missing in the root filesystem${byLink(way)}, and cannot be made${because ? `: ${because}` : ''}`,
    path: way.stop.path,
    hint: hintFor(way.stop.path, directory),
  };
};

function hintFor(path: string, directory: File | undefined): string {
  const late = directory !== undefined && directory.path !== '/' && ((directory.flags ?? 0) & readOnly) !== 0;
  return late ? `make ${path} before ${directory.path} becomes read-only` : `make ${path} in the image`;
}

/** The kernel's own filesystems have no place for new entries: there mkdir(2) is ENOENT. */
const noEntries = (directory: File | undefined): string => (directory ? `${directory.path} takes no new entries` : '');

const leadsNowhere: Rule = (failure) => {
  const way = wayOf(failure);
  return way && whereItEnds(way, failure.step.strs[0] ?? '', true);
};

/** There is something, but not what is wanted. */
const another: Rule = (failure) => {
  const way = wayOf(failure);
  if (!way?.file || way.stop) return undefined;
  const { path, mode } = way.file;
  if (failure.errnoName !== 'EEXIST' && failure.errnoName !== 'ENOTDIR') return undefined;
  return { code, finding: `${path} is ${typeOf(mode)}${byLink(way)}`, path, found: typeOf(mode) };
};

/** What may be wrong on the way to a mount point inside the root, by what init has found there. */
export const targetRules: readonly Rule[] = [mismatch, behindLink, closed, missing, leadsNowhere, another];

/** What has to be there to hide files behind. */
export const nullDevice: Rule = (failure): Finding | undefined => {
  const { step, facts } = failure;
  if (step.op !== 'mask' || !facts.about.endsWith(': /dev/null')) return undefined;
  const way = wayOf(failure);
  const [major = 0, minor = 0] = facts.others.get('number')?.numbers ?? [];
  const file = way?.file;
  const found = !file
    ? 'is missing'
    : /device/.test(typeOf(file.mode))
      ? `is the device ${major}:${minor}`
      : `is ${typeOf(file.mode)}`;
  return {
    code,
    finding: `files are hidden behind /dev/null, which ${way?.links[0] ? 'is a symbolic link' : found} in the root filesystem`,
    path: '/dev/null',
    hint: 'the container needs the character device 1:3 there; is a mount over /dev that hides it?',
  };
};
