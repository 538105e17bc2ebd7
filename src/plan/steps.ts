/**
 * The operations of the init program: the one vocabulary that src/plan writes and addon/init executes.
 *
 * A step is `{op, pointer, slots, nums, strs}`; what the operands of an op mean stands beside its number.
 * addon/generated/plan.h is made from this file by `npm run generate` and committed.
 *
 * Numbers are never reused: saved plans outlive an upgrade of the runtime.
 */
export const ops = {
  /** Announce `nums[0]` (a message kind) to the runtime and wait for the answer `nums[1]`; what comes with it goes to `slots`. */
  await: 1,
  /** Make stage 2 with the namespaces `nums[0]` (CLONE_NEW*), announce its pid, end. The last step of stage 1. */
  clone: 2,
  /** Be killed when the runtime dies (PR_SET_PDEATHSIG SIGKILL). */
  tieToRuntime: 3,
  /** Give the tie up (PR_SET_PDEATHSIG 0); from here on only the end of the protocol socket ends init. */
  untieFromRuntime: 4,
  /** Allow all CPUs again: entering a cgroup does not undo the caller's own affinity (sched_setaffinity(2)). */
  resetAffinity: 5,
  /** setsid(2). */
  newSession: 6,
  /** Join a new session keyring called `strs[0]`; a kernel without keyrings (ENOSYS) is no failure. */
  sessionKeyring: 7,
  /** Set the interface `lo` up. */
  loopbackUp: 8,
  /**
   * Set the propagation `nums[0]` (MS_SLAVE, …; with MS_REC for every mount below, too) on the mount in `slots[0]`, or on
   * `/` where there is no slot.
   */
  propagation: 9,
  /** Open a private procfs into the slot `slots[0]`; outcomes: a fresh one, or the verified inherited one on EPERM. */
  openProc: 10,
  /** Clone the tree at `strs[0]` (absolute), mount it over itself, keep it in the slot `slots[0]`. */
  openRoot: 11,
  /**
   * Mount a new filesystem inside the root `slots[0]`: strs = target, filesystem type, source, options…
   * (`key` or `key=value`, for fsconfig(2)); nums = mount attributes (MOUNT_ATTR_*), propagation (MS_* or 0),
   * 1 where the target must not be reached through a symbolic link (procfs and sysfs, CVE-2019-19921),
   * 1 to give the new root directory the mode of the one it covers, 1 to copy what the target holds into it (tmpcopyup),
   * 1 where the target may lie inside a procfs. A missing target directory is made (0755).
   * Outcomes: by descriptors, or with mount(2) where a value is too long for fsconfig(2).
   */
  mount: 12,
  /**
   * Attach the detached tree in the slot `slots[1]` inside the root `slots[0]`: strs = target;
   * nums = attributes to set and to clear on its top, the same recursively, propagation that comes first, propagation
   * (MS_* with or without MS_REC, or 0), 1 where the target may lie inside a procfs.
   * Outcomes: a directory or a file, as the tree is; a missing target is made as such.
   */
  attach: 13,
  /** Make the device `strs[0]` inside `slots[0]`: nums = mode with type, major, minor, uid, gid; one that is there must match. */
  device: 14,
  /** Make the symbolic link `strs[1]` inside `slots[0]` with the content `strs[0]`; one that is there is left. */
  symlink: 15,
  /** Make the root in `slots[0]` the root of this process (pivot_root(2)) and detach the old one. */
  pivot: 16,
  /**
   * The same without pivot_root(2), for `--no-pivot`: move the mount, which is at `strs[0]`, to `/` and chroot(2).
   * Every procfs and sysfs of the host is detached before, by what the procfs in `slots[1]` says.
   */
  moveRoot: 17,
  /** Make the root mount `slots[0]` read-only. */
  rootReadonly: 18,
  /**
   * Hide each of the paths strs[0]… inside `slots[0]`; outcomes: nothing there, a file (null device), a directory
   * (shared empty tmpfs). What fails is named by its path first.
   */
  mask: 19,
  /** Make each of the paths strs[0]… inside `slots[0]` read-only; outcomes and failure as for `mask`. */
  readonlyPath: 20,
  /** sethostname(2) to `strs[0]`. */
  hostname: 21,
  /** setdomainname(2) to `strs[0]`. */
  domainname: 22,
  /** umask(2) of `nums[0]`. */
  umask: 23,
  /** Make the directory `strs[0]` inside `slots[0]` where it is missing. */
  makeDirectory: 24,
  /**
   * Change into `strs[0]` inside `slots[0]`, and check that it lies inside the root (CVE-2024-21626). `nums[0]` 0: a first
   * try, with the caller's rights; 1: with the user's, unless that has worked.
   */
  changeDirectory: 25,
  /** PR_SET_NO_NEW_PRIVS. */
  noNewPrivileges: 26,
  /** Drop every capability that is not in the mask `nums[0]` from the bounding set; nums[1] is the kernel's last capability. */
  boundingSet: 27,
  /** Become uid `nums[0]`, gid `nums[1]`, with the supplementary groups `nums[2]`…; permitted capabilities are kept. */
  user: 28,
  /** capset(2): effective, permitted, inheritable, ambient masks. */
  capabilities: 29,
  /** Read HOME of uid `nums[0]` from /etc/passwd inside `slots[0]` (`/` where it names none), for `execute`. */
  findHome: 30,
  /** Find the program `strs[0]` on the PATH `strs[1]` for `execute`. */
  findProgram: 31,
  /** Open the fifo in `slots[0]` for writing through the procfs in `slots[1]` (waits for `start`), write "0". */
  awaitStart: 32,
  /** PR_SET_DUMPABLE `nums[0]`. */
  dumpable: 33,
  /** Close every descriptor from `nums[0]` on, but those that init itself still needs, which close at exec. */
  closeDescriptors: 34,
  /** execve(2): nums = number of arguments, 1 to add the HOME that was found; strs = arguments…, environment…. */
  execute: 35,
  /** setrlimit(2): nums = resource, soft, hard, and so on; 64-bit, all ones is RLIM_INFINITY. */
  limits: 36,
  /**
   * Change the mount at `strs[0]` inside the root `slots[0]`: nums = attributes to set and to clear on it, the same
   * recursively, propagation (as for `attach`), 1 to reconfigure its filesystem with the options strs[1]…
   */
  remount: 37,
  /** Attach the device in the slot `slots[1]`, which has to be type and number nums[0], nums[1], nums[2], at `strs[0]` inside `slots[0]`. */
  attachDevice: 38,
  /**
   * setns(2) with the namespace file in `slots[0]`, which has to be of the type nums[0] (CLONE_NEW*); strs = its path.
   * `nums[1]` 1: a first try, EPERM is no failure (a user namespace that is joined later may give the right);
   * 0: unless that has worked.
   */
  join: 39,
  /** Make a time namespace for the processes to come, with the offsets `strs` ("monotonic 3600 0"; time_namespaces(7)). */
  timeOffsets: 40,
  /** Open the directory `strs[0]` into `slots[0]` as it is, for a container without a mount namespace of its own. */
  openDirectory: 41,
  /** chroot(2) into `slots[0]`, for the same. */
  chroot: 42,
  /** Write `strs[0]` to the file oom_score_adj of this process. */
  oomScoreAdj: 43,
  /** Write `strs[1]` to the file `strs[0]` below `sys` of the procfs in `slots[0]`. */
  sysctl: 44,
  /** sched_setattr(2): nums = policy, flags, nice, priority, runtime, deadline, period. */
  scheduler: 45,
  /** ioprio_set(2) of this process to `nums[0]`. */
  ioPriority: 46,
  /** personality(2) of `nums[0]`. */
  personality: 47,
  /** set_mempolicy(2): nums = mode with flags, then the mask of nodes, 64 a number. */
  memoryPolicy: 48,
  /**
   * Run the program strs[0] and wait for it: nums = number of arguments, timeout in milliseconds (0: none);
   * strs = path, what it reads: the text before this process's pid and the one behind it, arguments…, environment….
   * A status other than 0 is a failure, told with the end of what it has written.
   */
  runProgram: 49,
  /** Make the namespaces `nums[0]` (CLONE_NEW*) for this process (unshare(2)). */
  unshare: 50,
  /**
   * Load a filter of system calls (seccomp(2)): nums = flags (SECCOMP_FILTER_FLAG_*), 1 to raise CAP_SYS_ADMIN for it,
   * and its instructions (struct sock_filter), which are `words`. With SECCOMP_FILTER_FLAG_NEW_LISTENER, the runtime
   * takes the listener before anything else is done.
   */
  seccomp: 51,
} as const;

export type Op = keyof typeof ops;

/** Descriptor slots with a fixed place; trees and namespace files come from `slots.first` on. */
export const slots = { root: 0, proc: 1, fifo: 2, first: 8, limit: 1024 } as const;

/** One operation: see `ops` for what the operands mean. */
export interface Step {
  readonly op: Op;
  /** The part of config.json that asks for it (RFC 6901), or '' for what every container gets. */
  readonly pointer: string;
  readonly slots: readonly number[];
  /** Unsigned 64-bit numbers; a plain number where it is a safe integer. */
  readonly nums: readonly (number | bigint)[];
  /** More of these behind them, two words each, the lower half first: those of a program are hundreds. */
  readonly words?: Uint32Array;
  readonly strs: readonly string[];
}

/** A step; without a pointer, one that every container gets. */
export const stepOf = (
  op: Op,
  pointer: string,
  nums: readonly (number | bigint)[] = [],
  strs: readonly string[] = [],
  inSlots: readonly number[] = [],
): Step => ({ op, pointer, slots: inSlots, nums, strs });
