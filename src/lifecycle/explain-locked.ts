import { attr } from '../plan/mount-flags.ts';
import type { MountFailure, Rule } from './mount-failure.ts';

/** Flags of a mount: the option that sets it, the bits of MOUNT_ATTR_*, and f_flag of statvfs(3). */
const flags: readonly (readonly [option: string, bits: number, shown: number])[] = [
  ['ro', attr.rdonly, 1],
  ['nosuid', attr.nosuid, 2],
  ['nodev', attr.nodev, 4],
  ['noexec', attr.noexec, 8],
];

const times: readonly (readonly [option: string, bits: number, shown: number])[] = [
  ['noatime', attr.noatime, 0x400],
  ['nodiratime', attr.nodiratime, 0x800],
  ['relatime', attr.relatime, 0x1000],
];

/** MOUNT_ATTR_* about access times: locked all together. */
const allTimes = attr.atime | attr.nodiratime;

/** The options that ask for the same, and keep what is locked. */
function workingOptions({ step, source }: MountFailure, shown: number): string[] {
  const [set = 0, , allSet = 0] = step.nums.map(Number);
  const kind = step.op === 'remount' ? ['remount', 'bind'] : [source?.recursive === true ? 'rbind' : 'bind'];
  const kept = flags.filter(([, bits, flag]) => ((set | allSet) & bits) !== 0 || (shown & flag) !== 0);
  const keptTimes = times.filter(([, , flag]) => (shown & flag) !== 0);
  const links = ((set | allSet) & attr.nosymfollow) !== 0 ? ['nosymfollow'] : [];
  return [...kind, ...[...kept, ...keptTimes].map(([option]) => option), ...links];
}

/**
 * What a mount has when it comes to a user namespace with fewer rights stays (mount_namespaces(7)): runc #1229. The
 * words are those of runc.
 */
export const lockedFlags: Rule = (failure) => {
  const bits = failure.facts.others.get('locked')?.numbers[0];
  if (bits === undefined) return undefined;
  const shown = failure.facts.others.get('statvfs')?.numbers[0] ?? 0;
  const names = flags.filter(([, bit]) => (bits & bit) !== 0).map(([option]) => option);
  const cleared =
    names.length === 0 ? '' : `cannot clear locked flag${names.length > 1 ? 's' : ''} ${names.join(', ')}`;
  const changed = (bits & allTimes) === 0 ? '' : 'cannot change locked access times';
  const options = workingOptions(failure, shown).map((option) => JSON.stringify(option));
  const has = [...flags, ...times].filter(([, , flag]) => (shown & flag) !== 0).map(([option]) => option);
  return {
    code: 'E_MOUNT_LOCKED',
    finding: [cleared, changed].filter(Boolean).join(' and '),
    path: failure.step.strs[0] ?? '',
    hint: `the mount comes from outside the user namespace with ${has.join(',')}; these options would work: [${options.join(', ')}]`,
    found: has.join(','),
    expected: `[${options.join(', ')}]`,
  };
};
