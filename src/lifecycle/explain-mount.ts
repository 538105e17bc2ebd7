import { type Code } from '../errors/catalogue.ts';
import { type Details, OcirunError } from '../errors/error.ts';
import { filesystemRules } from './explain-filesystem.ts';
import { directoryName, modeText } from './explain-way.ts';
import { lockedFlags } from './explain-locked.ts';
import { byLink, closedTo, rootOf, whereItEnds } from './mount-path.ts';
import { nullDevice, targetRules } from './explain-target.ts';
import type { Finding, MountFailure, MountHost, Rule } from './mount-failure.ts';

/** CLONE_NEWUSER */
const newUser = 0x10000000;

const callOf = ({ facts }: MountFailure): string => facts.others.get('call')?.text ?? '';

const opensRoot = ({ step }: MountFailure): boolean => step.op === 'openRoot' || step.op === 'openDirectory';

/** The root filesystem is opened by the root of the user namespace, who is nobody outside. */
const rootfsTraverse: Rule = (failure, host) => {
  if (!opensRoot(failure) || failure.errnoName !== 'EACCES') return undefined;
  const path = failure.step.strs[0] ?? '';
  if (!failure.maps) return undefined;
  return closedTo(rootOf(failure.maps, host.self.groups), host.passed(path));
};

/** With maps that nobody told, or a list of access rights: what init saw. */
const rootfsClosed: Rule = (failure) => {
  const directory = opensRoot(failure) && failure.errnoName === 'EACCES' && failure.facts.looks[0]?.parent;
  if (!directory) return undefined;
  const path = directoryName(directory.path);
  return {
    code: 'E_MOUNT_TRAVERSE',
    finding: `the root of the user namespace may not pass through the directory ${path} (mode ${modeText(directory.mode)})`,
    path,
    hint: `chmod o+x ${path}`,
  };
};

const rootfsPath: Rule = (failure) => {
  const [way] = failure.facts.looks;
  return opensRoot(failure) && way ? whereItEnds(way, failure.step.strs[0] ?? '') : undefined;
};

/** A copy of an unbindable mount, or of one with mounts that only show together, is EINVAL. */
const uncopied: Rule = (failure, host) => {
  if (callOf(failure) !== 'open_tree' || failure.errnoName !== 'EINVAL') return undefined;
  const path = failure.step.strs[0] ?? '';
  const mount = opensRoot(failure) ? host.mountOf(path) : undefined;
  const reason = mount?.unbindable ? `: the mount at ${mount.target} is unbindable` : '';
  return { code: 'E_MOUNT', finding: `what is mounted there cannot be copied${reason}`, path };
};

/** fs.mount-max is counted for each mount namespace. */
const tooMany: Rule = ({ errnoName, ...failure }, host) => {
  const call = failure.facts.others.get('call')?.text;
  if (errnoName !== 'ENOSPC' || (call !== 'move_mount' && call !== 'open_tree')) return undefined;
  const most = host.line('/proc/sys/fs/mount-max');
  return {
    code: 'E_MOUNT',
    finding: `the mount namespace has as many mounts as it may have${most ? ` (fs.mount-max is ${most})` : ''}`,
    hint: 'raise the sysctl fs.mount-max, or mount less; with rbind, all that is mounted below the source counts',
    ...(most ? { expected: `at most ${most} mounts` } : {}),
  };
};

const cannotPivot: Rule = (failure) => {
  if (callOf(failure) !== 'pivot_root' || failure.errnoName !== 'EINVAL') return undefined;
  return {
    code: 'E_MOUNT',
    finding: 'the root that would be left is the initial ramdisk, or not a mount that can be left',
    hint: 'use --no-pivot',
  };
};

/** Where a tree cannot be attached for what it is. */
const cannotAttach: Rule = (failure) => {
  if (callOf(failure) !== 'move_mount') return undefined;
  const reasons: Readonly<Record<string, string>> = {
    EINVAL: 'the mount is unbindable and its target shared, or it has been taken away meanwhile',
    ELOOP: 'the source lies below itself, or mounts are nested too deep',
    EBUSY: 'something else is being mounted there',
    ENOENT: 'the mount point has been removed meanwhile',
  };
  const finding = reasons[failure.errnoName];
  return finding === undefined ? undefined : { code: 'E_MOUNT', finding, path: failure.facts.about };
};

/** What init itself says: "PATH: words". */
const inWords: Rule = ({ facts: { about, looks }, step }) => {
  const path = step.op === 'openRoot' ? '' : (step.strs[0] ?? '');
  if (path === '' || !about.startsWith(`${path}: `)) return undefined;
  const [way] = looks;
  return { code: 'E_MOUNT', finding: about.slice(path.length + 2) + (way ? byLink(way) : ''), path };
};

/** Words of init (addon/init/copyup.cc) behind the path that could not be copied. */
const copying = ': while copying what is below the mount';

const cannotCopyUp: Rule = ({ facts: { about }, errnoName }) => {
  if (!about.endsWith(copying)) return undefined;
  const path = about.slice(0, -copying.length);
  return {
    code: 'E_MOUNT',
    finding: `tmpcopyup cannot copy ${path}`,
    path,
    ...(errnoName === 'ENOSPC' ? { hint: 'let it have more room: the option "size="' } : {}),
  };
};

/** Nobody but who administers the mount namespace may mount. */
const noRight: Rule = ({ errnoName, facts, namespaces }, host) => {
  if (errnoName !== 'EPERM' || !facts.others.has('call')) return undefined;
  const hint = 'a container in a container needs an outer one that is privileged enough';
  const code = 'E_MOUNT';
  if (!host.administers) return { code, finding: 'ocirun has no capability CAP_SYS_ADMIN', hint };
  if (host.nested)
    return { code, finding: 'ocirun runs in a user namespace, and has not all rights of the host', hint };
  if ((namespaces & newUser) !== 0) return undefined;
  const outside =
    'ocirun has CAP_SYS_ADMIN: a seccomp filter or a security module (AppArmor, SELinux) may be what refuses';
  return { code, finding: '', hint: outside };
};

/** In this order: what is known for certain first. */
const rules: readonly Rule[] = [
  lockedFlags,
  nullDevice,
  rootfsTraverse,
  rootfsClosed,
  rootfsPath,
  uncopied,
  tooMany,
  cannotPivot,
  ...filesystemRules,
  ...targetRules,
  cannotAttach,
  cannotCopyUp,
  inWords,
  noRight,
];

/** The cause of a mount that could not be made, if it can be told. */
export function findCause(failure: MountFailure, host: MountHost): Finding | undefined {
  for (const rule of rules) {
    const finding = rule(failure, host);
    if (finding) return finding;
  }
  return undefined;
}

/**
 * The error of a mount that could not be made.
 * @param action what was being done to what
 */
export function explainMount(failure: MountFailure, host: MountHost, action: string, details: Details): OcirunError {
  const { facts, why } = failure;
  const cause = findCause(failure, host);
  const call = callOf(failure);
  // What init was busy with need not be a path: an option, a filesystem.
  const known = { ...details, path: pathOf(failure), ...(call ? { syscall: call } : {}) };
  if (cause) return errorOf(cause, action, why, known);
  const about = facts.about && !action.includes(facts.about) ? ` (${facts.about})` : '';
  return new OcirunError('E_MOUNT', `${action}${about}: ${why}`, known);
}

/** The path inside the root that the step is about. */
const pathOf = ({ step: { op, strs }, facts: { about } }: MountFailure): string =>
  (op === 'symlink' ? strs[1] : strs[0]) ?? about;

/** "ACTION: FINDING: WHY", with the kernel's words at the end, where engines look for them. */
export function errorOf(
  { code, finding, ...more }: { readonly code: Code; readonly finding: string } & Details,
  action: string,
  why: string,
  details: Details,
): OcirunError {
  return new OcirunError(code, [action, finding, why].filter(Boolean).join(': '), { ...details, ...more });
}
