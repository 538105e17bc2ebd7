/**
 * The surface of the addon: one line per kernel operation, flat arguments, no policy.
 *
 * Every function that can fail throws an Error with `errno` (number), `code` ("ENOENT") and `syscall` ("openat2").
 * Every descriptor it returns is close-on-exec. A string argument with a NUL byte or a lone surrogate is refused
 * (EINVAL / EILSEQ); text that the kernel gives back and that is not UTF-8 is refused with EILSEQ.
 * EINTR is retried inside, except in `poll`, which has signals come through a signalfd.
 */
export interface Native {
  // -- the host ------------------------------------------------------------------------------------------------
  /** Arguments, the program's own name first. */
  argv(): string[];
  /** The environment as `KEY=value`. */
  environ(): string[];
  /** The value of a variable of the environment. */
  getenv(variable: string): string | undefined;
  /** End the process (_exit(2)). */
  exit(status: number): never;
  /** Run the lazily loaded script of that name and return its value. */
  lazy(name: string): unknown;
  /** UTF-8 bytes of a text, without a NUL behind; lone surrogates are EILSEQ, NUL is allowed. */
  encodeText(text: string): Uint8Array;
  /** The text of UTF-8 bytes; EILSEQ where they are not. */
  decodeText(bytes: Uint8Array): string;
  /** Name and words of an errno(3) number, in English: ["ENOENT", "No such file or directory"]. */
  describeErrno(errno: number): [string, string];
  /** [seconds, nanoseconds] of a clock: 0 CLOCK_REALTIME, 1 CLOCK_MONOTONIC. */
  clock(id: number): [number, number];

  // -- files ---------------------------------------------------------------------------------------------------
  open(path: string, flags: number, mode: number): number;
  openat(dir: number, path: string, flags: number, mode: number): number;
  openat2(dir: number, path: string, flags: number, mode: number, resolve: number): number;
  close(fd: number): void;
  /** The rest of the file as text; EFBIG beyond `limit` bytes. */
  readText(fd: number, limit: number): string;
  /** The rest of the file, at most `limit` bytes; of a non-blocking pipe what is there. */
  readBytes(fd: number, limit: number): Uint8Array;
  /** Write all of it. */
  write(fd: number, data: string | Uint8Array): void;
  mkdirat(dir: number, path: string, mode: number): void;
  mknodat(dir: number, path: string, mode: number, major: number, minor: number): void;
  symlinkat(content: string, dir: number, path: string): void;
  unlinkat(dir: number, path: string, flags: number): void;
  renameat(oldDir: number, oldPath: string, newDir: number, newPath: string): void;
  readlinkat(dir: number, path: string): string;
  /** Names in a directory, without `.` and `..`. */
  listDirectory(fd: number): string[];
  /**
   * [mode with type, uid, gid, size, device major, minor, rdev major, minor, inode]; AT_EMPTY_PATH for a descriptor.
   * A size or an inode that is no safe integer is NaN, which equals nothing.
   */
  statat(dir: number, path: string, flags: number): number[];
  /** Whether there is something at that path, a link that leads nowhere too; ENOENT and ENOTDIR are no errors here. */
  exists(dir: number, path: string): boolean;
  /** f_type of statfs(2). */
  filesystemType(fd: number): number;
  fchownat(dir: number, path: string, uid: number, gid: number, flags: number): void;
  flock(fd: number, operation: number): void;
  /** A pidfd of a child that waits for the exclusive flock(2) of `fd`, which is ours, too, and ends once it has it. */
  lockBeside(fd: number): number;
  /** Set (true) or clear close-on-exec. */
  closeOnExec(fd: number, on: boolean): void;
  /** Whether the descriptor was open when this process began; on Node.js, whether it is open. */
  isInherited(fd: number): boolean;

  // -- memory files and init -----------------------------------------------------------------------------------
  memfdCreate(name: string, flags: number): number;
  addSeals(fd: number, seals: number): void;
  /** Write the init program that this build carries into a file. */
  writeInitImage(fd: number): void;
  /**
   * clone3(2) and execveat(2) of `image` with argv [`name`, socket number, `keep`, "0000000000"] and no environment,
   * straight into the cgroup directory `cgroup` (-1: the caller's). Signal mask, ignored signals and RLIMIT_NOFILE are the
   * caller's, as they were when this process began. `socket` stays open in it and so do the descriptors
   * 3 … 2 + `keep`. Returns [pid, pidfd]; a failing execveat(2) is thrown here too. ETIMEDOUT: it has not executed
   * within `timeout` milliseconds (-1: no limit), as in a frozen cgroup, and was killed.
   */
  spawnInit(
    image: number,
    socket: number,
    cgroup: number,
    name: string,
    keep: number,
    timeout: number,
  ): [number, number];

  // -- processes -----------------------------------------------------------------------------------------------
  getpid(): number;
  /** [uid, effective uid, gid, effective gid] */
  getids(): [number, number, number, number];
  getcwd(): string;
  /** The kernel's release, as in uname(2). */
  kernelRelease(): string;
  /** [effective, permitted, inheritable, bounding, ambient, last capability]; masks as bigints would be slow: lo and hi 32 bits of each: 5 × 2 numbers, then the last capability. */
  capabilities(): number[];
  setSubreaper(on: boolean): void;
  setDumpable(on: boolean): void;
  umask(mask: number): number;
  pidfdOpen(pid: number): number;
  /** A descriptor of our own for the file that is the descriptor `fd` of another process (pidfd_getfd(2)). */
  pidfdGetfd(pidfd: number, fd: number): number;
  pidfdSendSignal(pidfd: number, signal: number): void;
  /** waitid(2) on a pidfd: [si_code, si_status], or [] where it goes on and `flags` has WNOHANG. */
  waitPidfd(pidfd: number, flags: number): number[];
  /**
   * Reap one child that has ended (waitid(2)): its pid, 0 where none has, -1 where there are no children.
   * The child `except` is left to whoever waits for it.
   */
  reapAny(except: number): number;
  /** prlimit(2) of another process; 64-bit, all ones is RLIM_INFINITY. */
  setRlimit(pid: number, resource: number, soft: bigint, hard: bigint): void;

  // -- waiting and talking -------------------------------------------------------------------------------------
  /** A SOCK_SEQPACKET pair. */
  socketPair(): [number, number];
  /**
   * One record with descriptors; never raises SIGPIPE. Gives how many bytes were taken, which are all of them but on a
   * stream socket that does not block.
   */
  sendRecord(fd: number, data: Uint8Array, fds: number[]): number;
  /**
   * One record, at most `limit` bytes: [bytes, descriptor…]; no bytes at the end of the socket. Of a stream socket, what
   * is there.
   */
  receiveRecord(fd: number, limit: number): [Uint8Array, ...number[]];
  /** Have `receiveRecord` fail with EAGAIN after so many milliseconds (SO_RCVTIMEO); 0: wait for ever, as at first. */
  receiveTimeout(fd: number, timeout: number): void;
  /** poll(2): `wanted[i]` for `fds[i]`; the events that came. Timeout in milliseconds, -1 for none. */
  poll(fds: number[], wanted: number[], timeout: number): number[];
  /** Give a signal its default action; a program that init executes finds it as our caller had it. */
  defaultSignal(signal: number): void;
  /** Block these signals and have them come through the signalfd that is returned. */
  signalFd(signals: number[]): number;
  /** The number of the next signal, 0 where none waits. */
  readSignal(fd: number): number;

  /**
   * connect(2) of a new Unix socket of that type (SocketType) to the socket file `address`; one that
   * begins with @ is a name in the abstract namespace. ENAMETOOLONG beyond 107 bytes.
   */
  connectUnix(address: string, type: number): number;
  /** A Unix datagram socket bound to `address`, in the same way. */
  bindDatagram(address: string): number;

  // -- programs ------------------------------------------------------------------------------------------------
  /**
   * Start the program `path` with arguments and environment, our caller's signal mask, ignored signals and limits;
   * it begins in `directory` ('': ours), with standard input, output and error alone; `input` is what it reads.
   * A failing execve(2) is thrown. Returns a pidfd, which `awaitProgram` closes.
   */
  startProgram(path: string, args: string[], env: string[], directory: string, input: string, limit: number): number;
  /**
   * Take what such a program writes until it ends, at most `timeout` milliseconds (-1: no limit). Returns [si_code and
   * si_status of waitid(2); the end of its standard output and of its standard error, `limit` bytes at most of each],
   * or [] for one that has not ended.
   */
  awaitProgram(pidfd: number, timeout: number): [] | [number, number, Uint8Array, Uint8Array];

  // -- mounts and namespaces -----------------------------------------------------------------------------------
  openTree(dir: number, path: string, flags: number): number;
  /**
   * mount_setattr(2) of the mount `fd` (AT_EMPTY_PATH) with further `flags` (AT_RECURSIVE): attributes to set and to
   * clear; `userns` is the user namespace of MOUNT_ATTR_IDMAP, -1 for none.
   */
  mountSetattr(fd: number, flags: number, set: number, clear: number, userns: number): void;
  /** A new user namespace with these maps (the text of uid_map and gid_map), held by the descriptor alone. */
  userNamespace(uidMap: string, gidMap: string): number;

  // -- device programs of cgroups (bpf(2)) ---------------------------------------------------------------------
  /** Load a program of type BPF_PROG_TYPE_CGROUP_DEVICE from its instructions, of 8 bytes each. */
  loadDeviceProgram(program: Uint8Array): number;
  /** Attach it to a cgroup directory (BPF_CGROUP_DEVICE); with BPF_F_REPLACE in the place of `replaced`. */
  attachDeviceProgram(cgroup: number, program: number, flags: number, replaced: number): void;
  detachDeviceProgram(cgroup: number, program: number): void;
  /** The ids of the programs of this kind that are attached to a cgroup directory itself. */
  devicePrograms(directory: number): number[];
  /** A descriptor of the program with that id. */
  openProgram(id: number): number;

  // -- filters of system calls (seccomp(2)) --------------------------------------------------------------------
  /** AUDIT_ARCH_* of the system calls that this program makes. */
  auditArchitecture(): number;
  /** Whether this kernel knows SECCOMP_FILTER_FLAG_* that may be given together. */
  seccompHasFlags(filterFlags: number): boolean;
  /** Whether this kernel knows a SECCOMP_RET_* action. */
  seccompHasAction(filterAction: number): boolean;
}

declare global {
  // Set by the host before any of our code runs: addon/standalone/main.cc or addon/node-host.cjs.
  var ocirunNative: Native;
}

/** The addon. Only src/sys may import this. */
export const native: Native = globalThis.ocirunNative;
