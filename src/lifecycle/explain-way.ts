import type { Facts, File, Look } from './facts.ts';

/** What is wrong with a path that was looked at. */
export interface Blame {
  readonly kind: 'missing' | 'element' | 'link' | 'loop' | 'search' | 'long' | 'type' | 'noexec' | 'mode' | 'refused';
  /** What has to be said of it, behind its name: "does not exist". */
  readonly says: string;
  /** The same as a sentence, where it is the program itself. */
  readonly alone?: string;
  readonly hint: string;
}

type Self = Facts['self'];

const typeMask = 0o170000;

const types: Readonly<Record<number, string>> = {
  0o010000: 'a fifo',
  0o020000: 'a character device',
  0o040000: 'a directory',
  0o060000: 'a block device',
  0o100000: 'a regular file',
  0o140000: 'a socket',
};

/** `a directory`, `a fifo`. */
export const typeOf = (mode: number): string => types[mode & typeMask] ?? 'something unknown';

export const isDirectory = (mode: number): boolean => (mode & typeMask) === 0o040000;
const isRegular = (mode: number): boolean => (mode & typeMask) === 0o100000;

export const modeText = (mode: number): string => (mode & 0o7777).toString(8).padStart(4, '0');

/** The directory in its written form: init names it with the slash behind. */
export const directoryName = (path: string): string => (path.length > 1 ? path.replace(/\/+$/, '') || '/' : path);

/** Capabilities that pass over modes: to search and execute, CAP_DAC_OVERRIDE (number 1). */
const dacOverride = 2;

/** `user 1000 with group 1000`; root without the capability that makes it root. */
export function who(self: Self): string {
  if (!self) return 'the user';
  const powerless = self.uid === 0 && (self.effective & dacOverride) === 0 ? ', without CAP_DAC_OVERRIDE,' : '';
  return `user ${self.uid} with group ${self.gid}${powerless}`;
}

/** The same where nothing comes behind it. */
export const whoAtEnd = (self: Self): string => who(self).replace(/,$/, '');

/** The id that stands for all that a user namespace does not map (/proc/sys/kernel/overflowuid). */
const unmapped = 65534;

/** `mode 0700, owner 0:0`. */
export function ownedAs({ mode, uid, gid }: File): string {
  const nobody =
    uid === unmapped || gid === unmapped ? ': 65534 may be an id that the user namespace does not map' : '';
  return `mode ${modeText(mode)}, owner ${uid}:${gid}${nobody}`;
}

/** Whether the mode alone lets them search or execute it. */
export function mayExecute({ mode, uid, member }: File, self: Self): boolean {
  if (!self) return false;
  const shift = uid === self.uid ? 6 : member ? 3 : 0;
  return ((mode >> shift) & 1) !== 0;
}

/** What the path comes to with its links replaced, and the link that stood for all of it. */
function followed({ path, links }: Look): { path: string; whole: Look['links'][number] | undefined } {
  let whole: Look['links'][number] | undefined;
  for (const link of links) {
    if (path === link.path) whole ??= link;
    const behind = path.slice(link.path.length);
    const before = link.to.startsWith('/') ? '' : link.path.slice(0, link.path.lastIndexOf('/') + 1);
    path = before + link.to + behind;
  }
  return { path, whole };
}

function missing(look: Look, at: string): Blame {
  const { path, whole } = followed(look);
  if (whole) {
    const leads = whole.to === at ? 'which does not exist' : `and ${at} does not exist`;
    const hint = 'repair the link: it is followed inside the root filesystem of the container';
    return { kind: 'link', says: `is a symbolic link to ${whole.to}, ${leads}`, hint };
  }
  const hint = 'look whether the image has it, and whether a mount covers it';
  const as = look.links.length > 0 ? ` (as ${at})` : '';
  const none = `there is no directory ${at}`;
  if (path !== at) return { kind: 'element', says: `does not exist: ${none}`, alone: none, hint };
  const name = JSON.stringify(at.slice(at.lastIndexOf('/') + 1));
  const alone = look.parent && { alone: `there is no ${name} in ${directoryName(look.parent.path)}` };
  return { kind: 'missing', says: `does not exist${as}`, ...alone, hint };
}

const searching = (self: Self, directory: File): string =>
  `${who(self)} may not search ${directoryName(directory.path)} (${ownedAs(directory)})`;

const bySearch = (says: string): Blame => ({
  kind: 'search',
  says,
  hint: 'chmod +x that directory, or choose another user in process.user',
});

/** Why the way to a path ends before the path does; undefined where it does not, or nobody knows. */
export function blockedWay(look: Look, self: Self): Blame | undefined {
  const { stop, parent, file } = look;
  if (!stop) return undefined;
  const reach = 'cannot be reached';
  const table: Readonly<Record<string, () => Blame | undefined>> = {
    ENOENT: () => missing(look, stop.path),
    ENOTDIR: () =>
      file && {
        kind: 'element',
        says: `${reach}: ${stop.path} is ${typeOf(file.mode)} and cannot have anything in it`,
        hint: 'look at the path: only its last element may be a file',
      },
    ELOOP: () => ({
      kind: 'loop',
      says: `is a symbolic link that never ends${look.links.length > 0 ? `: ${chain(look.links)}` : ''}`,
      hint: 'repair the links: they lead back to themselves',
    }),
    EACCES: () => parent && bySearch(`${reach}: ${searching(self, parent)}`),
    ENAMETOOLONG: () => ({
      kind: 'long',
      says: 'is too long: an element of a path may have 255 bytes, all of it 4095',
      hint: 'shorten it',
    }),
  };
  return table[stop.errno]?.();
}

/** The links of a loop, each once. */
const chain = (links: Look['links']): string =>
  [...new Set(links.map(({ path, to }) => `${path} -> ${to}`))].slice(0, 4).join(', ');

const ofWrongType = ({ mode }: File, through: string): Blame => ({
  kind: 'type',
  says: `${through}is ${typeOf(mode)}, and no program`,
  // The kernel has said that it is one.
  ...(isDirectory(mode) && through === '' ? { alone: 'only a regular file can be executed' } : {}),
  hint: 'name the program itself',
});

const noexecFlag = 8;

/** Why a file that is there may not be executed; undefined where it may, or nobody knows. */
export function notExecutable(look: Look, self: Self): Blame | undefined {
  const { file, access } = look;
  if (!file) return undefined;
  const through = look.links.length > 0 ? `leads to ${file.path}, which ` : '';
  if (!isRegular(file.mode)) return ofWrongType(file, through);
  if (access !== 'EACCES') return undefined;
  const blame = (kind: Blame['kind'], says: string, hint: string): Blame => ({ kind, says: through + says, hint });
  if ((file.mode & 0o111) === 0)
    return blame('mode', `has the mode ${modeText(file.mode)}: nobody may execute it`, 'chmod +x');
  if (((file.flags ?? 0) & noexecFlag) !== 0)
    return blame(
      'noexec',
      'lies on a mount with the option noexec',
      'take noexec out of the options of that mount, or put the program elsewhere',
    );
  if (!mayExecute(file, self))
    return blame(
      'mode',
      `has ${ownedAs(file)}: ${who(self)} may not execute it`,
      'chmod +x for everybody, chown, or choose another user in process.user',
    );
  return blame(
    'refused',
    `may not be executed by ${who(self)}, though its mode ${modeText(file.mode)} allows that`,
    'an access control list (getfacl) or a security module may forbid it: see the audit log',
  );
}

/** Why a directory that is there may not be entered. */
export function notSearchable({ file }: Look, self: Self): Blame | undefined {
  return file && isDirectory(file.mode) ? bySearch(searching(self, file)) : undefined;
}
