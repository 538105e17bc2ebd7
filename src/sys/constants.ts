/** Numbers of the kernel's interface that the runtime side uses (x86-64, and the same on every architecture listed in fcntl.h's generic part). */

/** open(2) */
export const enum O {
  RDONLY = 0,
  WRONLY = 1,
  RDWR = 2,
  CREAT = 0o100,
  EXCL = 0o200,
  TRUNC = 0o1000,
  APPEND = 0o2000,
  NONBLOCK = 0o4000,
  SYNC = 0o4010000,
  DIRECTORY = 0o200000,
  NOFOLLOW = 0o400000,
  PATH = 0o10000000,
  TMPFILE = 0o20200000,
}

/** *at(2) */
export const enum At {
  FDCWD = -100,
  SYMLINK_NOFOLLOW = 0x100,
  REMOVEDIR = 0x200,
  EMPTY_PATH = 0x1000,
  RECURSIVE = 0x8000,
}

/** st_mode */
export const enum Mode {
  TYPE = 0o170000,
  FIFO = 0o010000,
  CHARACTER = 0o020000,
  DIRECTORY = 0o040000,
  BLOCK = 0o060000,
  REGULAR = 0o100000,
  SOCKET = 0o140000,
  LINK = 0o120000,
}

/** flock(2) */
export const enum Lock {
  SHARED = 1,
  EXCLUSIVE = 2,
  NONBLOCK = 4,
}

/** socket(2) */
export const enum SocketType {
  STREAM = 1,
  DATAGRAM = 2,
  /** Besides one of the others: reading, writing and connecting fail with EAGAIN where they would wait. */
  NONBLOCK = 0o4000,
}

/** poll(2) */
export const enum Poll {
  IN = 1,
  PRI = 2,
  OUT = 4,
  ERR = 8,
  HUP = 16,
}

/** memfd_create(2), fcntl(2) F_ADD_SEALS */
export const enum Memfd {
  CLOEXEC = 1,
  ALLOW_SEALING = 2,
  EXEC = 0x10,
  SEAL_SEAL = 1,
  SEAL_SHRINK = 2,
  SEAL_GROW = 4,
  SEAL_WRITE = 8,
  SEAL_EXEC = 0x20,
}

/** waitid(2) */
export const enum Wait {
  NOHANG = 1,
  EXITED = 4,
}

/** si_code of a child's end */
export const enum ChildEnd {
  EXITED = 1,
  KILLED = 2,
  DUMPED = 3,
}

/** openat2(2) */
export const enum Resolve {
  NO_XDEV = 0x1,
  NO_SYMLINKS = 0x4,
}

/** open_tree(2) */
export const enum OpenTree {
  CLONE = 1,
  CLOEXEC = 0o2000000,
}

/** Flags of BPF_PROG_ATTACH (linux/bpf.h, BPF_F_*). */
export const enum Bpf {
  ALLOW_MULTI = 2,
  REPLACE = 4,
}

/** f_type of statfs(2) */
export const enum Magic {
  CGROUP2 = 0x63677270,
  PROC = 0x9fa0,
}

export const enum Signal {
  HUP = 1,
  INT = 2,
  QUIT = 3,
  KILL = 9,
  TERM = 15,
  CHLD = 17,
  URG = 23,
  WINCH = 28,
}

/** mount_setattr(2) */
export const enum MountAttribute {
  IDMAP = 0x100000,
}
