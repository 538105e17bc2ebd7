import { hostId } from '../plan/idmaps.ts';
import { modeText, typeOf } from './explain-way.ts';
import type { File, Look } from './facts.ts';
import type { Finding, Ids } from './mount-failure.ts';

/** The longest name of a file (NAME_MAX). */
const longestName = 255;

/** Mode and owner in the notation of stat(1). */
export const ownership = ({ mode, uid, gid }: File): string => `mode ${modeText(mode)}, owner ${uid}:${gid}`;

/** The last link on the way, with an arrow; '' where there is none. */
export function byLink({ links }: Look): string {
  const link = links[links.length - 1];
  return link ? ` (by the symbolic link ${link.path} -> ${link.to})` : '';
}

/** An absolute link that counts from the root of the container surprises those who made it for the host. */
export const absoluteLink = ({ links }: Look): Pick<Finding, 'hint'> => {
  const link = links.find(({ to }) => to.startsWith('/'));
  return link ? { hint: `inside the container, ${link.to} counts from its own root` } : {};
};

/**
 * Why a path leads nowhere, or not to what it should; nothing where it leads to something, or that may not be seen.
 * Where all of `path` is missing, the words of the kernel say enough.
 */
export function whereItEnds(look: Look, path: string, inside = false): Finding | undefined {
  const { stop, file } = look;
  const code = 'E_MOUNT_PATH';
  if (!stop) return undefined;
  const told = (finding: string): Finding => {
    return { code, finding: finding + byLink(look), path: stop.path, ...(inside ? absoluteLink(look) : {}) };
  };
  if (stop.errno === 'ENOENT') return told(stop.path === path ? '' : `${stop.path} does not exist`);
  if (stop.errno === 'ENOTDIR') return told(`${stop.path} is ${file ? typeOf(file.mode) : 'a file'}`);
  if (stop.errno === 'ELOOP') return { code, finding: loop(look), path: stop.path };
  if (stop.errno === 'ENAMETOOLONG') return { code, finding: tooLong(stop.path), path: stop.path };
  return undefined;
}

function loop({ links, stop }: Look): string {
  const [first] = links;
  return first
    ? `too many symbolic links, from ${first.path} -> ${first.to} on`
    : `the link ${stop?.path ?? ''} is none that may be followed`;
}

function tooLong(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (name.length > longestName)
    return `the name ${name.slice(0, 32)}… has ${name.length} characters, and filesystems take ${longestName}`;
  return `the path has ${path.length} characters, and the kernel takes 4095`;
}

/** Whether a process with these ids may pass through a directory, by mode and owner alone. */
function mayPass({ mode, uid, gid }: File, ids: Ids): boolean {
  if (uid === ids.uid) return (mode & 0o100) !== 0;
  if (gid === ids.gid || ids.groups.includes(gid)) return (mode & 0o010) !== 0;
  return (mode & 0o001) !== 0;
}

/** Those who fail at a directory, and what they are told. */
export interface Traveller {
  readonly ids: Ids;
  /** In words: "uid 0 of the container (uid 100000, gid 100000 outside)". */
  readonly name: string;
  /** Whether it may do anything with what has this owner (CAP_DAC_OVERRIDE): it knows both ids. */
  owns(file: File): boolean;
}

const knows = (map: string, id: number): boolean =>
  map.split('\n').some((line) => {
    const [, outside = NaN, size = NaN] = line.trim().split(/\s+/).map(Number);
    return id >= outside && id < outside + size;
  });

/** The root of a user namespace, as the host sees it. */
export function rootOf(maps: { readonly uid: string; readonly gid: string }, groups: readonly number[]): Traveller {
  const [uid = -1, gid = -1] = [hostId(maps.uid, 0), hostId(maps.gid, 0)];
  return {
    ids: { uid, gid, groups },
    name: `uid 0 of the container (${uid < 0 ? 'nobody' : `uid ${uid}, gid ${gid}`} outside)`,
    owns: (file) => knows(maps.uid, file.uid) && knows(maps.gid, file.gid),
  };
}

/** The first directory among these that somebody may not pass through. */
export function closedTo(traveller: Traveller, directories: readonly File[]): Finding | undefined {
  const closed = directories.find((file) => !traveller.owns(file) && !mayPass(file, traveller.ids));
  if (!closed) return undefined;
  return {
    code: 'E_MOUNT_TRAVERSE',
    finding: `${traveller.name} may not pass through the directory ${closed.path} (${ownership(closed)})`,
    path: closed.path,
    hint: `chmod o+x ${closed.path}`,
    found: ownership(closed),
  };
}
