import { attr, propagation, superblock } from './mount-flags.ts';

/** What the option strings of one mount come to. */
export interface MountOptions {
  /** MOUNT_ATTR_*: to set and to clear on the mount; to set and to clear on it and on all below it. */
  readonly attributes: [set: number, clear: number, allSet: number, allClear: number];
  /** Flags of the superblock (MS_*), to set and to clear. */
  readonly superblock: [set: number, clear: number];
  /** MS_* propagation that comes before `propagation`, 0 for none. */
  first: number;
  /** MS_* propagation, with MS_REC or without, 0 for none. */
  propagation: number;
  bind: 'no' | 'bind' | 'rbind';
  idmap: 'no' | 'idmap' | 'ridmap';
  remount: boolean;
  /** tmpcopyup: what the mount covers is copied into it. */
  copyUp: boolean;
  /** Options of the filesystem itself. */
  readonly data: string[];
}

type Rule = (to: MountOptions) => void;

const nothing: Rule = () => undefined;
const set =
  (bits: number, flag = 0): Rule =>
  ({ attributes, superblock }) => {
    attributes[0] |= bits;
    attributes[1] &= ~bits;
    superblock[0] |= flag;
    superblock[1] &= ~flag;
  };
const clear =
  (bits: number, flag = 0): Rule =>
  ({ attributes, superblock }) => {
    attributes[0] &= ~bits;
    attributes[1] |= bits;
    superblock[0] &= ~flag;
    superblock[1] |= flag;
  };
const setAll =
  (bits: number): Rule =>
  ({ attributes }) => {
    attributes[2] |= bits;
    attributes[3] &= ~bits;
  };
const clearAll =
  (bits: number): Rule =>
  ({ attributes }) => {
    attributes[2] &= ~bits;
    attributes[3] |= bits;
  };

/** The ways of keeping access times are one field: the kernel takes one only where all are cleared (mount_setattr(2)). */
const atime =
  (mode: number, at: 0 | 2 = 0): Rule =>
  ({ attributes }) => {
    attributes[at] = (attributes[at] & ~attr.atime) | mode;
    attributes[at + 1] = (attributes[at + 1] as number) | attr.atime;
  };

/** Not that way: the default one, relatime; another one that was asked for stays. */
const notAtime =
  (mode: number, at: 0 | 2 = 0): Rule =>
  ({ attributes }) => {
    if ((attributes[at] & attr.atime) === mode) attributes[at] &= ~attr.atime;
    attributes[at + 1] = (attributes[at + 1] as number) | attr.atime;
  };

const spread =
  (flags: number): Rule =>
  (to) => {
    if (to.propagation !== 0) to.first = to.propagation;
    to.propagation = flags;
  };

/**
 * The options of runtime-spec config.md "Linux mount options"; every other one is the filesystem's own.
 * mount(8) gives `ro` both to the mount and to the superblock, and so do runc and crun.
 * `silent`, `loud` and `iversion` mean nothing to fsconfig(2) and are dropped.
 */
const rules: Readonly<Record<string, Rule>> = {
  // A table without a prototype: "constructor" is no option.
  __proto__: null as never,
  async: clear(0, superblock.sync),
  atime: notAtime(attr.noatime),
  // As with the flags of mount(2), `rbind` is `bind` and more.
  bind: (to) => (to.bind = to.bind === 'no' ? 'bind' : to.bind),
  defaults: nothing,
  dev: clear(attr.nodev),
  diratime: clear(attr.nodiratime),
  dirsync: set(0, superblock.dirsync),
  exec: clear(attr.noexec),
  idmap: (to) => (to.idmap = 'idmap'),
  iversion: nothing,
  lazytime: set(0, superblock.lazytime),
  loud: nothing,
  mand: set(0, superblock.mand),
  noatime: atime(attr.noatime),
  nodev: set(attr.nodev),
  nodiratime: set(attr.nodiratime),
  noexec: set(attr.noexec),
  noiversion: nothing,
  nolazytime: clear(0, superblock.lazytime),
  nomand: clear(0, superblock.mand),
  norelatime: notAtime(attr.relatime),
  nostrictatime: notAtime(attr.strictatime),
  nosuid: set(attr.nosuid),
  nosymfollow: set(attr.nosymfollow),
  private: spread(propagation.private),
  ratime: notAtime(attr.noatime, 2),
  rbind: (to) => (to.bind = 'rbind'),
  rdev: clearAll(attr.nodev),
  rdiratime: clearAll(attr.nodiratime),
  relatime: atime(attr.relatime),
  remount: (to) => (to.remount = true),
  rexec: clearAll(attr.noexec),
  ridmap: (to) => (to.idmap = 'ridmap'),
  rnoatime: atime(attr.noatime, 2),
  rnodev: setAll(attr.nodev),
  rnodiratime: setAll(attr.nodiratime),
  rnoexec: setAll(attr.noexec),
  rnorelatime: notAtime(attr.relatime, 2),
  rnostrictatime: notAtime(attr.strictatime, 2),
  rnosuid: setAll(attr.nosuid),
  rnosymfollow: setAll(attr.nosymfollow),
  ro: set(attr.rdonly, superblock.ro),
  rprivate: spread(propagation.private | propagation.recursive),
  rrelatime: atime(attr.relatime, 2),
  rro: setAll(attr.rdonly),
  rrw: clearAll(attr.rdonly),
  rshared: spread(propagation.shared | propagation.recursive),
  rslave: spread(propagation.slave | propagation.recursive),
  rstrictatime: atime(attr.strictatime, 2),
  rsuid: clearAll(attr.nosuid),
  rsymfollow: clearAll(attr.nosymfollow),
  runbindable: spread(propagation.unbindable | propagation.recursive),
  rw: clear(attr.rdonly, superblock.ro),
  shared: spread(propagation.shared),
  silent: nothing,
  slave: spread(propagation.slave),
  strictatime: atime(attr.strictatime),
  suid: clear(attr.nosuid),
  symfollow: clear(attr.nosymfollow),
  sync: set(0, superblock.sync),
  tmpcopyup: (to) => (to.copyUp = true),
  unbindable: spread(propagation.unbindable),
};

/** Every name in the table. */
export const mountOptionNames = (): string[] => Object.keys(rules);

/** Sort the option strings of a mount; a later one wins over an earlier one, as with mount(8). */
export function mountOptions(options: readonly string[]): MountOptions {
  const result: MountOptions = {
    attributes: [0, 0, 0, 0],
    superblock: [0, 0],
    first: 0,
    propagation: 0,
    bind: 'no',
    idmap: 'no',
    remount: false,
    copyUp: false,
    data: [],
  };
  for (const option of options) {
    const rule = rules[option];
    if (rule) rule(result);
    else if (option !== '') addData(result.data, option);
  }
  return result;
}

/** Options that mount(8) takes in quotes: a level of SELinux has commas of its own. */
const quoted = /^((?:fs|def|root)?context=)"(.*)"$/s;

/** One string may hold several options, as in fstab(5); a comma that is none of these is in quotes or behind a backslash. */
function addData(data: string[], option: string): void {
  const parts = option.includes(',') ? (option.match(/(?:[^,"\\]|\\.|"[^"]*"|["\\])+/gs) ?? []) : [option];
  for (const part of parts) data.push(part.endsWith('"') ? part.replace(quoted, '$1$2') : part);
}

const superblockNames: readonly (readonly [flag: number, set: string, clear: string])[] = [
  [superblock.ro, 'ro', 'rw'],
  [superblock.sync, 'sync', 'async'],
  [superblock.mand, 'mand', 'nomand'],
  // Nothing takes it back.
  [superblock.dirsync, 'dirsync', ''],
  [superblock.lazytime, 'lazytime', 'nolazytime'],
];

/** The names that fsconfig(2) knows for the superblock's flags; for a new one there is nothing to clear. */
export function superblockOptions({ superblock: [set, clear] }: MountOptions, existing: boolean): string[] {
  const cleared = existing ? clear : 0;
  if ((set | cleared) === 0) return [];
  return superblockNames.flatMap(([flag, on, off]) => (set & flag ? [on] : cleared & flag && off ? [off] : []));
}
