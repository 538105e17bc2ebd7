// Made from spec-schemas/config.json by tools/schema.mjs: edit the schema and run it with --write.

/**
 * config.json of a bundle, as OCI runtime-spec 1.3 has it (config.md): what an engine asks a runtime to make a
 * container of. The file lies beside the root filesystem, and create keeps a copy: a later edit has no effect.
 * Properties that no version of the specification knows are ignored; values that a runtime does not support are errors.
 */
export interface Spec {
  /**
   * For editors: which schema the document is to be checked against while it is written. It is no part of the
   * specification, and nothing is done with it.
   */
  readonly $schema?: unknown;
  /**
   * Version of the runtime-spec that the document is written for, as semantic versioning has it (config.md
   * "Specification version"). Runtimes take every version that they know the fields of; `features` tells the range.
   */
  readonly ociVersion: string;
  /**
   * The program that the container runs (config.md "Process"). It may only be missing as long as nobody calls start,
   * which ocirun, like runc, does not wait for: without it, create fails.
   */
  readonly process?: Process;
  /** The root filesystem (config.md "Root"). Needed on Linux. */
  readonly root?: Root;
  /**
   * Host name that the container sees (sethostname(2)). Needs a UTS namespace of its own. Absent or empty: the name of
   * the namespace stays.
   */
  readonly hostname?: string;
  /**
   * NIS domain name that the container sees (setdomainname(2)), not the one of DNS. Needs a UTS namespace of its own.
   * Absent or empty: it stays as it is.
   */
  readonly domainname?: string;
  /**
   * Mounts besides the root, made one after the other in this order (config.md "Mounts"). Absent: none, not even /proc.
   */
  readonly mounts?: readonly Mount[];
  /** Programs that run at points of the container's life (config.md "POSIX-platform Hooks"). Absent: none. */
  readonly hooks?: Hooks;
  /**
   * Remarks of whoever made the document, as strings by name (config.md "Annotations"). Names are not empty, and in
   * reverse domain notation by convention. They are handed on to hooks and to `state`; a runtime that looks at some of
   * them says so in `features`.
   */
  readonly annotations?: Readonly<Record<string, string>>;
  /**
   * What only Linux has (config-linux.md). Absent: every namespace is shared with the caller of the runtime, and there
   * are no limits.
   */
  readonly linux?: Linux;
  /** What only Solaris has (config-solaris.md). Ignored on Linux. */
  readonly solaris?: Solaris;
  /** What only Windows has (config-windows.md). Ignored on Linux. */
  readonly windows?: Windows;
  /** For runtimes that run the container in a virtual machine (config-vm.md). Ignored by ocirun. */
  readonly vm?: Vm;
  /** What only z/OS has (config-zos.md). Ignored on Linux. */
  readonly zos?: Zos;
  /** What only FreeBSD has (config-freebsd.md). Ignored on Linux. */
  readonly freebsd?: FreeBsd;
}

/**
 * A program that runs at one point of the container's life (config.md "POSIX-platform Hooks"). It gets the state of the
 * container as JSON on its standard input, and has failed if it ends with another status than 0.
 */
export interface Hook {
  /**
   * The program: an absolute path, not looked up on PATH. That of a startContainer hook is one of the container, all
   * others are of the host.
   */
  readonly path: string;
  /**
   * Arguments of the program as execve(2) takes them: the first is the name that the program gets, not the first one
   * behind it. Absent: the path alone.
   */
  readonly args?: readonly string[];
  /**
   * Environment of the program, as NAME=VALUE. Absent: ocirun, like runc, gives hooks in the runtime's namespaces its
   * caller's environment and startContainer hooks that of the container's program; createContainer hooks get none.
   */
  readonly env?: readonly string[];
  /** Seconds after which it is killed and counts as failed; more than 0. Absent: as long as it takes. */
  readonly timeout?: number;
}

/**
 * Programs by the point at which they run, each list in its order (config.md "POSIX-platform Hooks", runtime.md
 * "Lifecycle"). If one fails before poststop, the container is taken down and create or start fails; of poststop a
 * failure is a warning.
 */
export interface Hooks {
  /**
   * Run by create in the runtime's namespaces: the container's are made and mounts are in place, the root has not
   * changed. Deprecated since 1.0.2 in favour of createRuntime, createContainer and startContainer; before
   * createRuntime where both are given.
   * @deprecated
   */
  readonly prestart?: readonly Hook[];
  /**
   * Run by create in the runtime's namespaces, at the same point as prestart and behind it. Where networks are set up:
   * the state tells the process id, and by it the namespaces.
   */
  readonly createRuntime?: readonly Hook[];
  /** Run by create in the container's namespaces before the root changes: the path is one of the host's. */
  readonly createContainer?: readonly Hook[];
  /** Run by start in the container, right before its program: path and libraries are the container's. */
  readonly startContainer?: readonly Hook[];
  /**
   * Run by start in the runtime's namespaces, behind the execution of the container's program. If one fails, the
   * container is killed (since 1.3).
   */
  readonly poststart?: readonly Hook[];
  /** Run by delete in the runtime's namespaces, when everything of the container is gone. */
  readonly poststop?: readonly Hook[];
}

/**
 * A range of ids and what they are outside, as a line of uid_map or gid_map (user_namespaces(7), config-linux.md "User
 * namespace mappings").
 */
export interface IdMapping {
  /** First id of the range as the container sees it. */
  readonly containerID: number;
  /** First id of the range as the user namespace around it sees it. */
  readonly hostID: number;
  /** How many ids the range has. */
  readonly size: number;
}

/** One mount (config.md "Mounts", mount(8)). */
export interface Mount {
  /**
   * Where it goes, as an absolute path in the container; what is missing of it is made. A relative one counts from /,
   * which is deprecated.
   */
  readonly destination: string;
  /**
   * What is mounted. For a bind mount it is a path of the host, where a relative one counts from the bundle; else a
   * device or any name, as the filesystem has it.
   */
  readonly source?: string;
  /**
   * Type of the filesystem, one of /proc/filesystems. Of no meaning for a bind mount, which is asked for by its
   * options; by convention it says `bind` there.
   */
  readonly type?: string;
  /**
   * Options of the mount or of its filesystem, as in fstab(5). A later one wins over an earlier one. There are those of
   * the mount (`ro`, `nosuid`, `noatime`, ...; with `r` before it, for mounts below too), `bind` or `rbind`,
   * propagation (`rprivate`, `rslave`, ...), `idmap` or `ridmap`, `tmpcopyup`; every other one is the filesystem's own.
   */
  readonly options?: readonly string[];
  /**
   * User ids of an idmapped mount (mount_setattr(2)): the ids of the mounted files by what they are for the container.
   * Only together with gidMappings. Absent, with `idmap` or `ridmap` among the options: those of the container's user
   * namespace.
   */
  readonly uidMappings?: readonly IdMapping[];
  /** Group ids of an idmapped mount; see uidMappings, without which they may not stand. */
  readonly gidMappings?: readonly IdMapping[];
}

/** The root filesystem of the container (config.md "Root"). */
export interface Root {
  /** The directory that becomes the root: absolute, or counted from the bundle. It has to exist. */
  readonly path: string;
  /** Whether the root is read-only in the container. Mounts upon it are not meant. */
  readonly readonly?: boolean;
}

/** Size of a terminal in characters (TIOCSWINSZ in ioctl_tty(2)). */
export interface ConsoleSize {
  /** Height of the terminal in rows. */
  readonly height: number;
  /** Width of the terminal in columns. */
  readonly width: number;
}

/** Who the program runs as (config.md "User"): ids of the container, no names. */
export interface User {
  /** User id (setresuid(2)). The specification needs it, the schema does not: absent, it is 0. */
  readonly uid?: number;
  /** Group id (setresgid(2)). The specification needs it, the schema does not: absent, it is 0. */
  readonly gid?: number;
  /**
   * Mask for modes of new files (umask(2)), in decimal: 18 is 0022. Absent: 0022, as with runc; the specification
   * leaves it to the runtime.
   */
  readonly umask?: number;
  /** Further group ids (setgroups(2)). Absent: none. */
  readonly additionalGids?: readonly number[];
  /** Name of the user. For Windows only. */
  readonly username?: string;
}

/**
 * The five sets of capabilities(7), each as a list of names (config.md "Linux Process"). A set that is absent is empty.
 * Names that no kernel knows, and capabilities that the caller cannot give, are left out with a warning.
 */
export interface Capabilities {
  /** What can be gained at all, by the program or by what it executes. */
  readonly bounding?: readonly string[];
  /** What the program may make effective. */
  readonly permitted?: readonly string[];
  /** What counts when the kernel checks. */
  readonly effective?: readonly string[];
  /**
   * What stays over execve(2) if the executed file has it as inheritable. Engines leave it empty since CVE-2022-29162.
   */
  readonly inheritable?: readonly string[];
  /**
   * What stays over execve(2) of a program without privileges of its own. Only what is permitted and inheritable can
   * be.
   */
  readonly ambient?: readonly string[];
}

/** How the kernel schedules the program (sched_setattr(2), sched(7)). Some policies need CAP_SYS_NICE. */
export interface Scheduler {
  /**
   * Policy of the scheduler. SCHED_OTHER: the usual one; SCHED_BATCH: the same for work that nobody waits for;
   * SCHED_IDLE: what others leave; SCHED_FIFO and SCHED_RR: real time by priority; SCHED_DEADLINE: so much time in
   * every period; SCHED_ISO is a name that Linux has reserved.
   */
  readonly policy:
    'SCHED_OTHER' | 'SCHED_FIFO' | 'SCHED_RR' | 'SCHED_BATCH' | 'SCHED_ISO' | 'SCHED_IDLE' | 'SCHED_DEADLINE';
  /** -20 (first) to 19 (last), for SCHED_OTHER and SCHED_BATCH. Absent: 0. */
  readonly nice?: number;
  /** 1 to 99, for SCHED_FIFO and SCHED_RR. Absent: 0, as the other policies have it. */
  readonly priority?: number;
  /** Flags of sched_setattr(2). Absent: none. */
  readonly flags?: readonly SchedulerFlag[];
  /** Nanoseconds of each period that the program gets, for SCHED_DEADLINE. */
  readonly runtime?: number;
  /** Nanoseconds from the begin of a period within which it gets them, for SCHED_DEADLINE. */
  readonly deadline?: number;
  /** Nanoseconds from one period to the next, for SCHED_DEADLINE. Absent: the deadline. */
  readonly period?: number;
}

/**
 * A flag of sched_setattr(2). RESET_ON_FORK: children do not inherit the policy; RECLAIM, DL_OVERRUN: for
 * SCHED_DEADLINE; KEEP_POLICY, KEEP_PARAMS: leave what is; UTIL_CLAMP_*: bounds of the assumed utilization.
 */
export type SchedulerFlag =
  | 'SCHED_FLAG_RESET_ON_FORK'
  | 'SCHED_FLAG_RECLAIM'
  | 'SCHED_FLAG_DL_OVERRUN'
  | 'SCHED_FLAG_KEEP_POLICY'
  | 'SCHED_FLAG_KEEP_PARAMS'
  | 'SCHED_FLAG_UTIL_CLAMP_MIN'
  | 'SCHED_FLAG_UTIL_CLAMP_MAX';

/** Which input and output goes first (ioprio_set(2)). Only some I/O schedulers look at it. */
export interface IoPriority {
  /**
   * Class of the priority. IOPRIO_CLASS_RT: before all others, needs CAP_SYS_ADMIN or CAP_SYS_NICE; IOPRIO_CLASS_BE: as
   * it comes; IOPRIO_CLASS_IDLE: when nobody else wants to.
   */
  readonly class: 'IOPRIO_CLASS_RT' | 'IOPRIO_CLASS_BE' | 'IOPRIO_CLASS_IDLE';
  /** 0 (first) to 7 (last) in its class. The specification needs it, the schema does not: absent, it is 0. */
  readonly priority?: number;
}

/** A limit of a resource (getrlimit(2)). */
export interface Rlimit {
  /** Name of the resource: one of the sixteen RLIMIT_* of getrlimit(2). */
  readonly type: string;
  /**
   * The limit that the kernel keeps to; the program may raise it up to the hard one. 18446744073709551615 is no limit.
   */
  readonly soft: number;
  /** How far the soft limit can be raised. 18446744073709551615 is no limit. */
  readonly hard: number;
}

/** CPUs for what exec adds to the container (config.md "Linux Process"); the container's own program is not meant. */
export interface ExecCpuAffinity {
  /** CPUs before the process is in the container's cgroup, as a list (cpuset(7)). Absent: those of the caller. */
  readonly initial?: string;
  /** CPUs once it is there, as a list. Absent: those that the cgroup allows. */
  readonly final?: string;
}

/** The program of the container, and what it has (config.md "Process"). */
export interface Process {
  /**
   * Whether it gets a pseudoterminal for its standard input, output and error. The other end goes to --console-socket,
   * or is the terminal of `run`.
   */
  readonly terminal?: boolean;
  /** Size of the terminal at the begin. Ignored without one. */
  readonly consoleSize?: ConsoleSize;
  /** Who it runs as. Absent: uid and gid 0. */
  readonly user?: User;
  /**
   * The program and its arguments, at least one (execvp(3)). The first is the path of the program, or a name to look
   * for on the PATH of `env`.
   */
  readonly args?: readonly string[];
  /** The whole command line as one string. For Windows only. */
  readonly commandLine?: string;
  /**
   * Environment of the program, as NAME=VALUE. Of several with one name the last counts. Where HOME is missing or empty
   * it comes from the container's /etc/passwd.
   */
  readonly env?: readonly string[];
  /** Working directory: an absolute path in the container; made where it is missing. */
  readonly cwd: string;
  /** What root's powers are for it. Absent: it has none. */
  readonly capabilities?: Capabilities;
  /** Limits of resources, each type at most once. Types that are not named are as they are for the caller. */
  readonly rlimits?: readonly Rlimit[];
  /** Whether execve(2) can never give it privileges, as set-user-ID files do (PR_SET_NO_NEW_PRIVS in prctl(2)). */
  readonly noNewPrivileges?: boolean;
  /**
   * Name of the AppArmor profile; it has to be loaded. Absent: the one that the kernel has for an executed program.
   */
  readonly apparmorProfile?: string;
  /**
   * How soon the kernel kills it when memory runs out: -1000 (never) to 1000 (proc_pid_oom_score_adj(5)). Absent: as it
   * is for the caller; 0 is a value.
   */
  readonly oomScoreAdj?: number;
  /** SELinux context of the program. Absent: the one that the policy has for an executed program. */
  readonly selinuxLabel?: string;
  /** How the kernel schedules it. Absent: as it does the caller. */
  readonly scheduler?: Scheduler;
  /** Which of its input and output goes first. Absent: as it is for the caller. */
  readonly ioPriority?: IoPriority;
  /** CPUs for what exec adds to the container. */
  readonly execCPUAffinity?: ExecCpuAffinity;
}

/**
 * A kind of namespace (namespaces(7)). mount: mounts; pid: process ids; network: interfaces, routes, ports; uts: host
 * name; ipc: System V IPC, POSIX message queues; user: user and group ids, capabilities; cgroup: root of the cgroup
 * tree; time: clocks since boot.
 */
export type NamespaceType = 'mount' | 'pid' | 'network' | 'uts' | 'ipc' | 'user' | 'cgroup' | 'time';

/** A namespace that the container has (config-linux.md "Namespaces"): a new one, or one to join. */
export interface Namespace {
  /** Which kind of namespace it is. Each kind at most once. */
  readonly type: NamespaceType;
  /** Absolute path of a namespace file to join, of the host (/proc/PID/ns/...). Absent: a new one is made. */
  readonly path?: string;
}

/**
 * A device node of the container (config-linux.md "Devices", mknod(2)). It says nothing about who may use it: that is
 * resources.devices.
 */
export interface Device {
  /** c or u: character device; b: block device; p: fifo. */
  readonly type: string;
  /** Where it is, as an absolute path in the container. */
  readonly path: string;
  /** Major number. Needed, but for a fifo. */
  readonly major?: number;
  /** Minor number. Needed, but for a fifo. */
  readonly minor?: number;
  /**
   * Permissions in decimal: 438 is 0666. podman writes the bits for the type of the file too (8630 is a character
   * device with 0666), which the specification's own schema does not take. Absent: 0666, as with runc.
   */
  readonly fileMode?: number;
  /** Owner, as an id of the container. Absent: 0. */
  readonly uid?: number;
  /** Group, as an id of the container. Absent: 0. */
  readonly gid?: number;
}

/**
 * What becomes of a network device of the host that is moved into the container (config-linux.md "Network Devices").
 */
export interface NetDevice {
  /**
   * Name of the device in the container. It has at most 15 bytes without `/`, `:` and space; `%d` stands for the first
   * free number. Absent: the one that it has.
   */
  readonly name?: string;
}

/**
 * One rule of who may use which devices (config-linux.md "Allowed Device list"). Rules are gone through in their order,
 * and a later one counts more.
 */
export interface DeviceRule {
  /** Whether what fits the rule is allowed or denied. */
  readonly allow: boolean;
  /** a: both kinds; c: character devices; b: block devices. Absent: a. */
  readonly type?: string;
  /** Major number. Absent or -1: every one. */
  readonly major?: number;
  /** Minor number. Absent or -1: every one. */
  readonly minor?: number;
  /** Letters out of r (read), w (write) and m (mknod). */
  readonly access?: string;
}

/** Limit of the number of tasks (config-linux.md "PIDs"; pids.max in cgroup v2). */
export interface Pids {
  /** How many tasks the cgroup may have; -1 for any number. 0 is a limit of its own. */
  readonly limit: number;
}

/** Share of one block device (io.bfq.weight in cgroup v2). */
export interface WeightDevice {
  /** Major number. */
  readonly major: number;
  /** Minor number. */
  readonly minor: number;
  /** Share of the device's bandwidth, 10 to 1000. Absent: that of blockIO.weight. */
  readonly weight?: number;
  /** Share against the cgroups below, 10 to 1000. Only cgroup v1 has it. */
  readonly leafWeight?: number;
}

/** Greatest rate of one block device (io.max in cgroup v2). */
export interface ThrottleDevice {
  /** Major number. */
  readonly major: number;
  /** Minor number. */
  readonly minor: number;
  /** Bytes or operations each second, as the list says that it is in. */
  readonly rate?: number;
}

/** Shares and rates of block devices (config-linux.md "Block IO"). */
export interface BlockIo {
  /** Share of the bandwidth against other cgroups, 10 to 1000. Absent: as the kernel has it. */
  readonly weight?: number;
  /** Share against the cgroups below, 10 to 1000. Only cgroup v1 has it. */
  readonly leafWeight?: number;
  /** Shares by device. */
  readonly weightDevice?: readonly WeightDevice[];
  /** Greatest number of bytes read each second, by device. */
  readonly throttleReadBpsDevice?: readonly ThrottleDevice[];
  /** Greatest number of bytes written each second, by device. */
  readonly throttleWriteBpsDevice?: readonly ThrottleDevice[];
  /** Greatest number of reads each second, by device. */
  readonly throttleReadIOPSDevice?: readonly ThrottleDevice[];
  /** Greatest number of writes each second, by device. */
  readonly throttleWriteIOPSDevice?: readonly ThrottleDevice[];
}

/** Shares and limits of CPU time (config-linux.md "CPU", sched(7)). */
export interface Cpu {
  /**
   * Share against other cgroups, 2 to 262144; 1024 is the usual one. For cgroup v2 it is converted: 1024 becomes a
   * cpu.weight of 100.
   */
  readonly shares?: number;
  /** Microseconds of CPU time in each period; -1 for no limit. Half of the period is half a CPU. */
  readonly quota?: number;
  /** Microseconds of unused quota that may be saved for later periods (cpu.max.burst). Not more than the quota. */
  readonly burst?: number;
  /** Microseconds of a period. Absent: 100000. */
  readonly period?: number;
  /** Microseconds in each realtimePeriod for real-time policies. Only cgroup v1 has it. */
  readonly realtimeRuntime?: number;
  /** Microseconds of a period of it. Only cgroup v1 has it. */
  readonly realtimePeriod?: number;
  /** CPUs that may be used, as a list (cpuset(7)). Absent: all that the cgroup above has. */
  readonly cpus?: string;
  /** NUMA nodes whose memory may be used, as a list. Absent: all that the cgroup above has. */
  readonly mems?: string;
  /** 1: only what others leave, as SCHED_IDLE has it (cpu.idle); 0: as usual. */
  readonly idle?: number;
}

/** Limit of one size of huge pages (config-linux.md "Huge page limits"). */
export interface HugepageLimit {
  /** The size: a number and KB, MB or GB, as the file of the cgroup has it; units are powers of 1024. */
  readonly pageSize: string;
  /** Bytes that may be in pages of that size. */
  readonly limit: number;
}

/**
 * Limits of memory (config-linux.md "Memory"), in bytes; -1 is no limit. What is absent stays as the kernel has it.
 */
export interface Memory {
  /** Greatest amount of memory (memory.max); beyond it, the kernel kills. */
  readonly limit?: number;
  /** Amount that is left to the container when memory is short (memory.low). */
  readonly reservation?: number;
  /**
   * Greatest amount of memory and swap together, so never below `limit`; needs one. The same as `limit` is no swap.
   */
  readonly swap?: number;
  /**
   * Greatest amount of memory of the kernel. Deprecated: kernels from 5.16 on have no such limit.
   * @deprecated
   */
  readonly kernel?: number;
  /**
   * Greatest amount of memory for buffers of TCP. Deprecated: only cgroup v1 has it.
   * @deprecated
   */
  readonly kernelTCP?: number;
  /** How readily pages are swapped, 0 to 100. Only cgroup v1 has it. */
  readonly swappiness?: number;
  /** Whether processes wait for memory instead of being killed. Only cgroup v1 has it. */
  readonly disableOOMKiller?: boolean;
  /**
   * Whether memory of the cgroups below counts too. Deprecated: cgroup v2 has it so always.
   * @deprecated
   */
  readonly useHierarchy?: boolean;
  /** Whether a new limit that is below what is in use is refused, instead of killing. */
  readonly checkBeforeUpdate?: boolean;
}

/** Priority of the traffic on one interface. */
export interface InterfacePriority {
  /** Name of the interface in the runtime's network namespace. */
  readonly name: string;
  /** Priority of its traffic. */
  readonly priority: number;
}

/** Marks of the container's traffic (config-linux.md "Network"). Only cgroup v1 has them. */
export interface Network {
  /** Class for the traffic control of tc(8): 0xAAAABBBB is AAAA:BBBB. */
  readonly classID?: number;
  /** Priorities by interface. */
  readonly priorities?: readonly InterfacePriority[];
}

/** Limits of one RDMA device (rdma.max in cgroup v2). At least one of them. */
export interface Rdma {
  /** How many handles may be open. */
  readonly hcaHandles?: number;
  /** How many objects there may be. */
  readonly hcaObjects?: number;
}

/** Limits that the container's cgroup keeps to (config-linux.md "Control groups", cgroups(7)). */
export interface Resources {
  /**
   * Files of cgroup v2 by name, and what is written into each, as it is. A line of the text is one write. Counts more
   * than the converted limits.
   */
  readonly unified?: Readonly<Record<string, string>>;
  /** Who may use which devices, as rules in their order. Absent: only the devices that every container has. */
  readonly devices?: readonly DeviceRule[];
  /** Limit of the number of tasks. Absent: none of its own. */
  readonly pids?: Pids;
  /** Shares and rates of block devices. */
  readonly blockIO?: BlockIo;
  /** Shares and limits of CPU time. */
  readonly cpu?: Cpu;
  /** Limits of huge pages, by size. Absent: none. */
  readonly hugepageLimits?: readonly HugepageLimit[];
  /** Limits of memory. */
  readonly memory?: Memory;
  /** Marks of the container's traffic. */
  readonly network?: Network;
  /** Limits of RDMA devices, by the device's name. */
  readonly rdma?: Readonly<Record<string, Rdma>>;
}

/** An architecture whose system calls are filtered, as libseccomp names it (seccomp_arch_add(3)). */
export type SeccompArch =
  | 'SCMP_ARCH_X86'
  | 'SCMP_ARCH_X86_64'
  | 'SCMP_ARCH_X32'
  | 'SCMP_ARCH_ARM'
  | 'SCMP_ARCH_AARCH64'
  | 'SCMP_ARCH_LOONGARCH64'
  | 'SCMP_ARCH_M68K'
  | 'SCMP_ARCH_MIPS'
  | 'SCMP_ARCH_MIPS64'
  | 'SCMP_ARCH_MIPS64N32'
  | 'SCMP_ARCH_MIPSEL'
  | 'SCMP_ARCH_MIPSEL64'
  | 'SCMP_ARCH_MIPSEL64N32'
  | 'SCMP_ARCH_PPC'
  | 'SCMP_ARCH_PPC64'
  | 'SCMP_ARCH_PPC64LE'
  | 'SCMP_ARCH_S390'
  | 'SCMP_ARCH_S390X'
  | 'SCMP_ARCH_SH'
  | 'SCMP_ARCH_SHEB'
  | 'SCMP_ARCH_PARISC'
  | 'SCMP_ARCH_PARISC64'
  | 'SCMP_ARCH_RISCV64';

/**
 * What becomes of a system call (seccomp(2)). KILL and KILL_THREAD end the thread, KILL_PROCESS the process; TRAP sends
 * SIGSYS; ERRNO makes it fail; TRACE asks a tracer; LOG and ALLOW let it through; NOTIFY asks the agent at
 * listenerPath.
 */
export type SeccompAction =
  | 'SCMP_ACT_KILL'
  | 'SCMP_ACT_KILL_PROCESS'
  | 'SCMP_ACT_KILL_THREAD'
  | 'SCMP_ACT_TRAP'
  | 'SCMP_ACT_ERRNO'
  | 'SCMP_ACT_TRACE'
  | 'SCMP_ACT_ALLOW'
  | 'SCMP_ACT_LOG'
  | 'SCMP_ACT_NOTIFY';

/**
 * A flag of seccomp(2). TSYNC for all threads, LOG to log what is refused, SPEC_ALLOW to leave speculation on,
 * WAIT_KILLABLE_RECV to let only deadly signals disturb who waits for the agent.
 */
export type SeccompFlag =
  | 'SECCOMP_FILTER_FLAG_TSYNC'
  | 'SECCOMP_FILTER_FLAG_LOG'
  | 'SECCOMP_FILTER_FLAG_SPEC_ALLOW'
  | 'SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV';

/**
 * How an argument is compared with `value`. In their order: not equal, less, less or equal, equal, greater or equal,
 * greater; MASKED_EQ: the argument with the mask `value` is `valueTwo`.
 */
export type SeccompOperator =
  'SCMP_CMP_NE' | 'SCMP_CMP_LT' | 'SCMP_CMP_LE' | 'SCMP_CMP_EQ' | 'SCMP_CMP_GE' | 'SCMP_CMP_GT' | 'SCMP_CMP_MASKED_EQ';

/** A condition on one argument of a system call. */
export interface SyscallArg {
  /** Which argument: 0 to 5. */
  readonly index: number;
  /** What it is compared with; the mask of SCMP_CMP_MASKED_EQ. */
  readonly value: number;
  /** What the masked argument is to be, for SCMP_CMP_MASKED_EQ. Absent: 0. */
  readonly valueTwo?: number;
  /** How the argument is compared. */
  readonly op: SeccompOperator;
}

/** What becomes of some system calls, if all conditions hold. */
export interface SyscallRule {
  /** The system calls by name, at least one; those that the kernel does not know are passed over. */
  readonly names: readonly string[];
  /** What becomes of these system calls. */
  readonly action: SeccompAction;
  /**
   * Number of the error (errno(3)) for SCMP_ACT_ERRNO and SCMP_ACT_TRACE, and an error with any other action. Absent:
   * EPERM, which is 1.
   */
  readonly errnoRet?: number;
  /** Conditions on arguments, all of which have to hold. Absent: none. */
  readonly args?: readonly SyscallArg[];
}

/** Which system calls the container may make (config-linux.md "Seccomp"). */
export interface Seccomp {
  /** What becomes of system calls that no rule is about. */
  readonly defaultAction: SeccompAction;
  /** Number of the error of the default action, for SCMP_ACT_ERRNO and SCMP_ACT_TRACE. Absent: EPERM, which is 1. */
  readonly defaultErrnoRet?: number;
  /** Architectures besides the kernel's own. Absent: only that one. */
  readonly architectures?: readonly SeccompArch[];
  /** Flags of seccomp(2). Absent: SPEC_ALLOW alone, as runc has it. */
  readonly flags?: readonly SeccompFlag[];
  /**
   * Absolute path of the socket of the agent that answers for SCMP_ACT_NOTIFY: it gets the listener and a
   * ContainerProcessState. Absent: that action cannot be used.
   */
  readonly listenerPath?: string;
  /** A text for the agent, handed on as it is. Only with listenerPath. */
  readonly listenerMetadata?: string;
  /** Rules for system calls, in their order. Absent: the default action for every call. */
  readonly syscalls?: readonly SyscallRule[];
}

/**
 * Cache and memory bandwidth, by the resctrl filesystem (config-linux.md "IntelRdt",
 * Documentation/filesystems/resctrl.rst).
 */
export interface IntelRdt {
  /**
   * Name of the class of service, a directory of resctrl; `/` is the root's. It is kept when the container is gone.
   * Absent: one of the container's own, by its id.
   */
  readonly closID?: string;
  /** Lines for its file schemata, behind those of the two other properties. */
  readonly schemata?: readonly string[];
  /** Line for the L3 cache: a bit mask of its ways for each cache. */
  readonly l3CacheSchema?: string;
  /** Line for memory bandwidth, beginning with MB: in percent or MB/s for each socket. */
  readonly memBwSchema?: string;
  /** Whether a monitoring group is made for the container, by its id, and taken away with it. */
  readonly enableMonitoring?: boolean;
}

/** Which NUMA nodes memory comes from (set_mempolicy(2)). */
export interface MemoryPolicy {
  /**
   * Mode of the policy. MPOL_DEFAULT: the kernel's own; MPOL_LOCAL: the node of the CPU; MPOL_BIND: these only;
   * MPOL_PREFERRED and MPOL_PREFERRED_MANY: these first; MPOL_INTERLEAVE: these in turn; MPOL_WEIGHTED_INTERLEAVE: in
   * turn by weight. The specification needs it, the schema does not.
   */
  readonly mode?:
    | 'MPOL_DEFAULT'
    | 'MPOL_BIND'
    | 'MPOL_INTERLEAVE'
    | 'MPOL_WEIGHTED_INTERLEAVE'
    | 'MPOL_PREFERRED'
    | 'MPOL_PREFERRED_MANY'
    | 'MPOL_LOCAL';
  /** The nodes, as a list. None for MPOL_DEFAULT and MPOL_LOCAL, some for all but MPOL_PREFERRED. */
  readonly nodes?: string;
  /**
   * Flags of the mode. NUMA_BALANCING moves pages to who uses them (for MPOL_BIND); RELATIVE_NODES counts nodes within
   * those allowed; STATIC_NODES does not follow changes of these. Absent: none.
   */
  readonly flags?: readonly ('MPOL_F_NUMA_BALANCING' | 'MPOL_F_RELATIVE_NODES' | 'MPOL_F_STATIC_NODES')[];
}

/** Execution domain of the program (personality(2)). */
export interface Personality {
  /**
   * LINUX: the usual one; LINUX32: uname(2) tells a 32-bit machine. The specification needs it, the schema does not.
   */
  readonly domain?: 'LINUX' | 'LINUX32';
  /** Flags of the execution domain. The specification has none so far: they are ignored. */
  readonly flags?: readonly string[];
}

/** Difference of a clock to the host's. */
export interface TimeOffset {
  /** Seconds; may be negative. Absent: 0. */
  readonly secs?: number;
  /** Nanoseconds on top of them, below 1000000000. Absent: 0. */
  readonly nanosecs?: number;
}

/** Clocks of a new time namespace (time_namespaces(7)). */
export interface TimeOffsets {
  /** Difference of CLOCK_BOOTTIME, which goes on while the machine sleeps. Absent: none. */
  readonly boottime?: TimeOffset;
  /** Difference of CLOCK_MONOTONIC. Absent: none. */
  readonly monotonic?: TimeOffset;
}

/** What only Linux has (config-linux.md). */
export interface Linux {
  /**
   * Namespaces that the container has, new ones or ones to join. A kind that is not named is shared with the caller of
   * the runtime.
   */
  readonly namespaces?: readonly Namespace[];
  /** User ids of a new user namespace and what they are outside. Files are not chowned. */
  readonly uidMappings?: readonly IdMapping[];
  /** Group ids of a new user namespace and what they are outside. */
  readonly gidMappings?: readonly IdMapping[];
  /** Clocks of a new time namespace. Absent: as on the host. */
  readonly timeOffsets?: TimeOffsets;
  /** Devices besides those that every container has: null, zero, full, random, urandom, tty, and ptmx as a link. */
  readonly devices?: readonly Device[];
  /**
   * Network devices to move into the container's network namespace, by their name in the runtime's (config-linux.md
   * "Network Devices"). They do not come back by themselves.
   */
  readonly netDevices?: Readonly<Record<string, NetDevice>>;
  /**
   * The container's cgroup, as a path. It counts from the root of the hierarchy where it begins with /, else from a
   * place that the runtime chooses (ocirun and runc: beside the caller's). With a systemd driver it is
   * SLICE:PREFIX:NAME. Absent: named by the id of the container, at that place.
   */
  readonly cgroupsPath?: string;
  /** Limits that the cgroup keeps to. Absent: none, and only the devices that every container has. */
  readonly resources?: Resources;
  /** Cache and memory bandwidth. Absent: nothing is done. */
  readonly intelRdt?: IntelRdt;
  /** Which NUMA nodes memory comes from. Absent: as for the caller. */
  readonly memoryPolicy?: MemoryPolicy;
  /** Kernel parameters to set, by name (sysctl(8)). Only those that belong to a namespace of the container's own. */
  readonly sysctl?: Readonly<Record<string, string>>;
  /** Which system calls the container may make. Absent: all of them. */
  readonly seccomp?: Seccomp;
  /**
   * Whether mounts that are made later on one side of the root show on the other (mount_namespaces(7)). private: no;
   * slave: of the host in the container; shared: both ways; unbindable: no, and no bind mount of it. With r, as runc
   * and engines write it though the specification does not, for all mounts below too. Absent: rslave, as with runc.
   */
  readonly rootfsPropagation?:
    'private' | 'shared' | 'slave' | 'unbindable' | 'rprivate' | 'rshared' | 'rslave' | 'runbindable';
  /**
   * Absolute paths in the container that nobody can look into: a file becomes /dev/null, a directory an empty one.
   * Those that are missing are passed over. Needs a mount namespace.
   */
  readonly maskedPaths?: readonly string[];
  /**
   * Absolute paths in the container that nobody can write to. Those that are missing are passed over. Needs a mount
   * namespace.
   */
  readonly readonlyPaths?: readonly string[];
  /** SELinux context of the files of new mounts. */
  readonly mountLabel?: string;
  /** Execution domain of the program. Absent: as for the caller. */
  readonly personality?: Personality;
}

/** What only Solaris has (config-solaris.md, zonecfg(1M)). */
export interface Solaris {
  /** Service that has to be online before the program runs. */
  readonly milestone?: string;
  /** Greatest set of privileges of any process, as privileges(5) names them. */
  readonly limitpriv?: string;
  /** Greatest amount of shared memory. */
  readonly maxShmMemory?: string;
  /** Limit of CPU time. */
  readonly cappedCPU?: {
    /** How many CPUs may be used; a fraction may stand behind a point. */
    readonly ncpus?: string;
  };
  /** Limits of memory. */
  readonly cappedMemory?: {
    /** Greatest amount of physical memory. */
    readonly physical?: string;
    /** Greatest amount of swap. */
    readonly swap?: string;
  };
  /** Network interfaces that are made for the container. */
  readonly anet?: readonly {
    /** Name of the interface. */
    readonly linkname?: string;
    /** Link of the host that it is made on. */
    readonly lowerLink?: string;
    /** IP addresses that the container may use. */
    readonly allowedAddress?: string;
    /** Whether these are set up at each start: true or false, as a string. */
    readonly configureAllowedAddress?: string;
    /** Address of the default router. */
    readonly defrouter?: string;
    /** Hardware address, or a word for how one is chosen. */
    readonly macAddress?: string;
    /** Protections against what the container might send, with commas between them. */
    readonly linkProtection?: string;
  }[];
}

/** What only Windows has (config-windows.md). */
export interface Windows {
  /** Folders of the image's layers, the topmost first and the scratch folder last. */
  readonly layerFolders: readonly string[];
  /** Devices that the container has. */
  readonly devices?: readonly {
    /** Which device, as idType says. */
    readonly id: string;
    /** What the id is; class: the GUID of a device interface class. */
    readonly idType: 'class';
  }[];
  /** Limits. */
  readonly resources?: {
    /** Limits of memory. */
    readonly memory?: {
      /** Greatest amount, in bytes. */
      readonly limit?: number;
    };
    /** Limits of CPU time. */
    readonly cpu?: {
      /** How many CPUs there are. */
      readonly count?: number;
      /** Share against other containers. */
      readonly shares?: number;
      /** Greatest part of all cycles, in hundredths of a percent. */
      readonly maximum?: number;
      /** CPUs that may be used. */
      readonly affinity?: {
        /** CPUs of the group as bits. */
        readonly mask?: number;
        /** The group of processors. */
        readonly group?: number;
      };
    };
    /** Limits of the system drive. */
    readonly storage?: {
      /** Greatest number of operations each second. */
      readonly iops?: number;
      /** Greatest number of bytes each second. */
      readonly bps?: number;
      /** Least size of the drive, in bytes. */
      readonly sandboxSize?: number;
    };
  };
  /** Network of the container. */
  readonly network?: {
    /** Endpoints of the Host Network Service to connect to. */
    readonly endpointList?: readonly string[];
    /** Whether names without a domain are looked up. */
    readonly allowUnqualifiedDNSQuery?: boolean;
    /** Suffixes to look names up with. */
    readonly DNSSearchList?: readonly string[];
    /** Id of the container whose network this one shares. */
    readonly networkSharedContainerName?: string;
    /** Id of the network namespace to use; nothing else about the network may then be said. */
    readonly networkNamespace?: string;
  };
  /** Group Managed Service Account, in a form that Windows defines. */
  readonly credentialSpec?: object;
  /** Whether pending operations of Windows Update are applied. */
  readonly servicing?: boolean;
  /** Whether writes are not forced to disk while the container boots. */
  readonly ignoreFlushesDuringBoot?: boolean;
  /** If there, the container runs with Hyper-V isolation. */
  readonly hyperv?: {
    /** Image of the utility VM. Absent: the one that is found in the layers. */
    readonly utilityVMPath?: string;
  };
}

/** For runtimes that run the container in a virtual machine (config-vm.md). Paths are the host's. */
export interface Vm {
  /** Program that runs the virtual machine. Absent: as the runtime has it. */
  readonly hypervisor?: {
    /** Absolute path of it. */
    readonly path: string;
    /** Its arguments. */
    readonly parameters?: readonly string[];
  };
  /** Kernel that the virtual machine boots. */
  readonly kernel: {
    /** Absolute path of it. */
    readonly path: string;
    /** Its command line. */
    readonly parameters?: readonly string[];
    /** Absolute path of an initial ramdisk. Absent: none. */
    readonly initrd?: string;
  };
  /** Image with the root filesystem of the virtual machine, which is not the container's. */
  readonly image?: {
    /** Absolute path of it. */
    readonly path: string;
    /** Its format. */
    readonly format: 'raw' | 'qcow2' | 'vdi' | 'vmdk' | 'vhd';
  };
  /** What the virtual machine is made of. */
  readonly hwConfig?: {
    /** Path of a device tree for what is passed through. */
    readonly deviceTree?: string;
    /** How many virtual CPUs. */
    readonly vcpus?: number;
    /** Memory, in bytes. */
    readonly memory?: number;
    /** Nodes of the host's device tree to pass through. */
    readonly dtdevs?: readonly string[];
    /** Ranges of memory-mapped I/O to pass through, in page frames. */
    readonly iomems?: readonly {
      /** First frame as the guest sees it. Absent: the host's. */
      readonly firstGFN?: number;
      /** First frame of the host. */
      readonly firstMFN: number;
      /** How many frames. */
      readonly nrMFNs: number;
    }[];
    /** Interrupts to pass through. */
    readonly irqs?: readonly number[];
  };
}

/** What only z/OS has (config-zos.md). */
export interface Zos {
  /** Namespaces that the container has. */
  readonly namespaces?: readonly {
    /** Which kind it is. */
    readonly type: 'mount' | 'pid' | 'uts' | 'ipc';
    /** Absolute path of one to join. Absent: a new one. */
    readonly path?: string;
  }[];
}

/** Whose something is: new: the jail's own; inherit: that of its parent; disable: nobody's. */
export type SharingMode = 'disable' | 'new' | 'inherit';

/** What only FreeBSD has (config-freebsd.md, jail(8)). */
export interface FreeBsd {
  /** Devices besides those of the rule set of devfs. */
  readonly devices?: readonly {
    /** The device, counted from /dev. */
    readonly path?: string;
    /** Its permissions in decimal: 448 is 0700. */
    readonly mode?: number;
  }[];
  /** Parameters of the jail. */
  readonly jail?: {
    /** Name of the jail that this one is in. Absent: none. */
    readonly parent?: string;
    /** Whether host name, domain name and host id are its own. */
    readonly host?: 'new' | 'inherit';
    /** Whose IPv4 addresses it has. */
    readonly ip4?: SharingMode;
    /** IPv4 addresses that it may use. */
    readonly ip4Addr?: readonly string[];
    /** Whose IPv6 addresses it has. */
    readonly ip6?: SharingMode;
    /** IPv6 addresses that it may use. */
    readonly ip6Addr?: readonly string[];
    /** Whether it has a network stack of its own. */
    readonly vnet?: 'new' | 'inherit';
    /** Interface that its addresses are added to. */
    readonly interface?: string;
    /** Interfaces that are moved into its network stack. */
    readonly vnetInterfaces?: readonly string[];
    /** Whose System V message queues it sees. */
    readonly sysvmsg?: SharingMode;
    /** Whose System V semaphores it sees. */
    readonly sysvsem?: SharingMode;
    /** Whose System V shared memory it sees. */
    readonly sysvshm?: SharingMode;
    /** Which mounts it sees: 0: all; 1: those below its root; 2: its root alone. */
    readonly enforceStatfs?: number;
    /** What else it may do. */
    readonly allow?: {
      /** Change its host name. */
      readonly setHostname?: boolean;
      /** Use raw sockets, as ping does. */
      readonly rawSockets?: boolean;
      /** Change the system flags of files. */
      readonly chflags?: boolean;
      /** Types of filesystems that may be mounted inside. */
      readonly mount?: readonly string[];
      /** Change quotas. */
      readonly quotas?: boolean;
      /** Use sockets of other kinds than IP and unix. */
      readonly socketAf?: boolean;
      /** Lock memory. */
      readonly mlock?: boolean;
      /** Bind to ports below 1024. */
      readonly reservedPorts?: boolean;
      /** Whether root has its powers inside. */
      readonly suser?: boolean;
    };
  };
}
