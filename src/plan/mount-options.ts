import { attr, propagation } from './mount-flags.ts';

/** What the option strings of one mount come to. */
export interface MountOptions {
  /** MOUNT_ATTR_* to set. */
  attributes: number;
  /** MS_* propagation of the new mount, 0 for none given. */
  propagation: number;
  /** Options of the filesystem itself, for fsconfig(2). */
  data: string[];
}

interface Rule {
  /** Mount attributes to set, after `clear`. */
  readonly set?: number;
  readonly clear?: number;
  /** Options of the superblock to pass. */
  readonly flag?: string;
  /** Options of the superblock that it takes back. */
  readonly unflag?: string;
  readonly propagation?: number;
}

const nothing: Rule = {};
const atime = (set: number): Rule => ({ set, clear: attr.atime });

/**
 * The options of runtime-spec config.md "Linux mount options" that are not a filesystem's own.
 * mount(8) gives `ro` both to the mount and to the superblock, and so do runc and crun.
 * `silent`, `loud` and `iversion` mean nothing to fsconfig(2) and are dropped.
 */
const rules: Readonly<Record<string, Rule>> = {
  async: { unflag: 'sync' },
  atime: { clear: attr.atime },
  defaults: nothing,
  dev: { clear: attr.nodev },
  diratime: { clear: attr.nodiratime },
  dirsync: { flag: 'dirsync' },
  exec: { clear: attr.noexec },
  iversion: nothing,
  lazytime: { flag: 'lazytime' },
  loud: nothing,
  mand: { flag: 'mand' },
  noatime: atime(attr.noatime),
  nodev: { set: attr.nodev },
  nodiratime: { set: attr.nodiratime },
  noexec: { set: attr.noexec },
  noiversion: nothing,
  nolazytime: { unflag: 'lazytime' },
  nomand: { unflag: 'mand' },
  norelatime: { clear: attr.atime },
  nostrictatime: { clear: attr.atime },
  nosuid: { set: attr.nosuid },
  nosymfollow: { set: attr.nosymfollow },
  private: { propagation: propagation.private },
  relatime: atime(attr.relatime),
  ro: { set: attr.rdonly, flag: 'ro' },
  rw: { clear: attr.rdonly, unflag: 'ro' },
  shared: { propagation: propagation.shared },
  silent: nothing,
  slave: { propagation: propagation.slave },
  strictatime: atime(attr.strictatime),
  suid: { clear: attr.nosuid },
  symfollow: { clear: attr.nosymfollow },
  sync: { flag: 'sync' },
  unbindable: { propagation: propagation.unbindable },
};

/** Sort the option strings of a mount; a later one wins over an earlier one, as with mount(8). */
export function mountOptions(options: readonly string[]): MountOptions {
  const result: MountOptions = { attributes: 0, propagation: 0, data: [] };
  for (const option of options) {
    const rule = Object.hasOwn(rules, option) ? rules[option] : undefined;
    if (rule) apply(result, rule);
    else if (option !== '') result.data.push(option);
  }
  return result;
}

function apply(result: MountOptions, rule: Rule): void {
  result.attributes = (result.attributes & ~(rule.clear ?? 0)) | (rule.set ?? 0);
  if (rule.propagation) result.propagation = rule.propagation;
  const gone = rule.unflag ?? rule.flag;
  if (gone !== undefined) result.data = result.data.filter((option) => option !== gone);
  if (rule.flag !== undefined) result.data.push(rule.flag);
}
