/**
 * The system calls that init makes, by their numbers on x86-64, and how each is made to fail: with what the kernel
 * might say, and never with what init takes for an answer.
 */
const errnos = { EPERM: 1, EIO: 5, ENOMEM: 12 } as const;

export type Errno = keyof typeof errnos;

export const numberOf = (errno: Errno): number => errnos[errno];

const table: Readonly<Record<string, readonly [call: number, errno: Errno]>> = {
  read: [0, 'EIO'],
  write: [1, 'EIO'],
  close: [3, 'EIO'],
  stat: [4, 'EIO'],
  fstat: [5, 'EIO'],
  poll: [7, 'ENOMEM'],
  lseek: [8, 'EIO'],
  mmap: [9, 'ENOMEM'],
  munmap: [11, 'ENOMEM'],
  rt_sigaction: [13, 'ENOMEM'],
  rt_sigprocmask: [14, 'ENOMEM'],
  ioctl: [16, 'EPERM'],
  pread64: [17, 'EIO'],
  pwrite64: [18, 'EIO'],
  dup2: [33, 'EIO'],
  getpid: [39, 'EPERM'],
  sendfile: [40, 'EIO'],
  socket: [41, 'ENOMEM'],
  sendmsg: [46, 'ENOMEM'],
  recvmsg: [47, 'ENOMEM'],
  clone: [56, 'ENOMEM'],
  execve: [59, 'ENOMEM'],
  exit: [60, 'EPERM'],
  fcntl: [72, 'EPERM'],
  getcwd: [79, 'ENOMEM'],
  chdir: [80, 'EIO'],
  fchdir: [81, 'EIO'],
  fchmod: [91, 'EIO'],
  fchown: [93, 'EIO'],
  umask: [95, 'EPERM'],
  getuid: [102, 'EPERM'],
  getppid: [110, 'EPERM'],
  setsid: [112, 'ENOMEM'],
  setgroups: [116, 'ENOMEM'],
  setresuid: [117, 'ENOMEM'],
  setresgid: [119, 'ENOMEM'],
  capget: [125, 'ENOMEM'],
  capset: [126, 'EPERM'],
  personality: [135, 'EPERM'],
  fstatfs: [138, 'EIO'],
  pivot_root: [155, 'EPERM'],
  prctl: [157, 'EPERM'],
  arch_prctl: [158, 'EPERM'],
  chroot: [161, 'EPERM'],
  mount: [165, 'ENOMEM'],
  umount2: [166, 'ENOMEM'],
  sethostname: [170, 'EPERM'],
  setdomainname: [171, 'EPERM'],
  sched_setaffinity: [203, 'EPERM'],
  set_tid_address: [218, 'EPERM'],
  getdents64: [217, 'EIO'],
  exit_group: [231, 'EPERM'],
  set_mempolicy: [238, 'ENOMEM'],
  waitid: [247, 'ENOMEM'],
  keyctl: [250, 'ENOMEM'],
  ioprio_set: [251, 'EPERM'],
  openat: [257, 'EIO'],
  mkdirat: [258, 'EIO'],
  mknodat: [259, 'EPERM'],
  fchownat: [260, 'EIO'],
  unlinkat: [263, 'EIO'],
  symlinkat: [266, 'EIO'],
  readlinkat: [267, 'EIO'],
  fchmodat: [268, 'EIO'],
  faccessat: [269, 'EIO'],
  unshare: [272, 'ENOMEM'],
  utimensat: [280, 'EIO'],
  dup3: [292, 'EIO'],
  pipe2: [293, 'ENOMEM'],
  preadv: [295, 'EIO'],
  prlimit64: [302, 'EPERM'],
  setns: [308, 'ENOMEM'],
  sched_setattr: [314, 'EPERM'],
  memfd_create: [319, 'ENOMEM'],
  execveat: [322, 'ENOMEM'],
  copy_file_range: [326, 'EIO'],
  statx: [332, 'EIO'],
  pidfd_send_signal: [424, 'EPERM'],
  open_tree: [428, 'ENOMEM'],
  move_mount: [429, 'EPERM'],
  fsopen: [430, 'ENOMEM'],
  fsconfig: [431, 'ENOMEM'],
  fsmount: [432, 'ENOMEM'],
  fspick: [433, 'ENOMEM'],
  clone3: [435, 'ENOMEM'],
  close_range: [436, 'ENOMEM'],
  openat2: [437, 'EIO'],
  faccessat2: [439, 'EIO'],
  mount_setattr: [442, 'EPERM'],
  open: [2, 'EIO'],
  lstat: [6, 'EIO'],
  brk: [12, 'ENOMEM'],
  readv: [19, 'EIO'],
  writev: [20, 'EIO'],
  access: [21, 'EIO'],
  dup: [32, 'EIO'],
  pause: [34, 'EPERM'],
  wait4: [61, 'EPERM'],
  kill: [62, 'EPERM'],
  ftruncate: [77, 'EIO'],
  readlink: [89, 'EIO'],
  statfs: [137, 'EIO'],
  mlock: [149, 'EPERM'],
  gettid: [186, 'EPERM'],
  fsetxattr: [190, 'EIO'],
  getxattr: [191, 'EIO'],
  fgetxattr: [193, 'EIO'],
  flistxattr: [196, 'EIO'],
  clock_gettime: [228, 'EPERM'],
  tgkill: [234, 'EPERM'],
  fstatat: [262, 'EIO'],
  renameat: [264, 'EIO'],
  linkat: [265, 'EIO'],
  ppoll: [271, 'ENOMEM'],
  fchmodat2: [452, 'EIO'],
};

const byNumber = new Map(Object.entries(table).map(([name, [number, errno]]) => [number, { name, number, errno }]));

/** One call of a process: its name, and the how-many-th of this name it is, from 1 on. */
export interface Call {
  readonly name: string;
  readonly number: number;
  readonly errno: Errno;
  readonly count: number;
  /** What was called before it, close(2) left out: three calls, the last one last. */
  readonly after: readonly string[];
}

/** The calls of a process in their order; a number that is not in the table is an error of this test. */
export const callsOf = (numbers: readonly number[]): Call[] => {
  const counts = new Map<number, number>();
  const names: string[] = [];
  return numbers.map((number) => {
    const known = byNumber.get(number);
    if (!known) throw new Error(`system call ${number} is not in the table`);
    const count = (counts.get(number) ?? 0) + 1;
    counts.set(number, count);
    const after = names.slice(-3);
    if (known.name !== 'close') names.push(known.name);
    return { ...known, count, after };
  });
};
