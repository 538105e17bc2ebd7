import type { Call } from './calls.ts';

/** Which process of init, and when. */
export type Part = 'stage 1' | 'stage 2' | 'start';

/**
 * What else may come of a failure than an error that names it:
 * `works`: the container is as if the call had been made; `either`: it is, or the failure is told; `dies`: init ends
 * without a word, and that is told; `garbled`: the runtime hears something else than it waits for, or it works.
 */
export interface Tolerated {
  readonly outcome: 'works' | 'either' | 'dies' | 'garbled';
  readonly reason: string;
}

/** Calls that have no way to fail, and so nobody who looks. */
export const cannotFail: readonly string[] = ['umask', 'getpid', 'getppid', 'exit_group', 'set_tid_address'];

interface Row extends Tolerated {
  readonly part?: Part;
  readonly call: string;
  /** What came right before it, the last one last. */
  readonly after?: readonly string[];
}

const row = (call: string, after: readonly string[], outcome: Tolerated['outcome'], reason: string): Row => ({
  call,
  after,
  outcome,
  reason,
});

const tie = 'a look at whether the runtime had died before the kernel was told to tie us to it';
const home = 'where /etc/passwd cannot be found or read, HOME is /';
const turn = 'the wait for one’s turn to speak, without which there is no way to say why; stage 1 may have been faster';

/** What comes before /etc/passwd is looked for: limits, or, where the runtime sets them, the propagation of the root. */
const beforeHome: readonly (readonly string[])[] = [['prlimit64'], ['move_mount', 'mount_setattr']];

const rows: readonly Row[] = [
  row('close', [], 'works', 'the kernel has taken the descriptor away all the same'),
  row('rt_sigprocmask', [], 'works', 'it fails for a bad pointer alone'),
  row('rt_sigaction', [], 'works', 'it fails for a bad pointer or number alone'),
  row('arch_prctl', [], 'dies', 'the C library cannot begin without its thread pointer'),
  row('prctl', ['set_tid_address', 'umask'], 'works', 'the name of the process'),
  { ...row('unshare', ['recvmsg'], 'works', '`clone` makes what was not made ahead'), part: 'stage 1' },
  row('poll', ['prctl'], 'either', tie),
  row('prctl', ['prctl', 'prctl'], 'either', 'a capability cannot be dropped that this machine does not have either'),
  row('lseek', ['openat', 'lseek'], 'works', 'where the kernel does not tell the holes of a file, it is copied whole'),
  ...beforeHome.flatMap((before) => [
    row('openat2', before, 'works', home),
    row('fstat', [...before, 'openat2'], 'works', home),
    row('openat', [...before, 'openat2', 'fstat'].slice(-3), 'works', home),
  ]),
  row('read', ['openat2', 'fstat', 'openat'], 'either', home),
  row('openat2', ['prctl', 'poll'], 'works', 'the second try to enter the working directory: the first has worked'),
  row('stat', ['poll', 'openat2'], 'works', 'the first directory of PATH: the program is in the second'),
  row('read', ['prctl', 'poll'], 'garbled', turn),
  row('read', ['faccessat2', 'prctl'], 'garbled', turn),
];

const isBehind = (call: Call, after: readonly string[]): boolean =>
  after.length === 0 || after.every((name, index) => call.after.at(index - after.length) === name);

/** Standard streams are given to the user; what cannot be looked at is not. */
const givesStreams = ({ name, after }: Call): boolean =>
  ['fstat', 'fcntl'].includes(name) &&
  ['setgroups', 'fstat', 'fcntl', 'fchown'].includes(after.at(-1) ?? '') &&
  after.every((each) => ['recvmsg', 'prctl', 'setgroups', 'fstat', 'fcntl', 'fchown'].includes(each));

/** Of a hook's end and its output: how often there is something to take depends on how fast it is. */
export const followsHook = ({ name, after }: Call): boolean =>
  ['poll', 'read', 'ioctl'].includes(name) && ['clone', 'poll', 'read', 'ioctl'].includes(after.at(-1) ?? '');

/** Why a failure of this call need not be told. */
export const toleratedBy = (part: Part, call: Call): Tolerated | undefined => {
  const found = rows.find(
    (each) => each.call === call.name && (each.part ?? part) === part && isBehind(call, each.after ?? []),
  );
  if (found) return found;
  // Before stage 2 the plan is read with calls of the same names.
  if (part === 'stage 2' && givesStreams(call))
    return { outcome: 'works', reason: 'a stream that cannot be looked at is not given away' };
  if (followsHook(call)) return { outcome: 'either', reason: 'the status of a hook tells what its output would' };
  return undefined;
};
