// Made from spec-schemas/features.json by tools/schema.mjs: edit the schema and run it with --write.

/**
 * What a runtime was made to do, whatever the host can (features.md): `features` prints it. A list that is absent says
 * that nothing is known; an empty one, that there is nothing.
 */
export interface Features {
  /** Least ociVersion of a config.json that is taken. */
  readonly ociVersionMin: string;
  /** Greatest ociVersion of a config.json that is taken. */
  readonly ociVersionMax: string;
  /** Kinds of hooks that are run, by their names in config.json. */
  readonly hooks?: readonly string[];
  /** Options of mounts that the runtime itself knows; others are handed on to the filesystem. */
  readonly mountOptions?: readonly string[];
  /** What only Linux has (features-linux.md). */
  readonly linux?: LinuxFeatures;
  /** Remarks of the runtime about itself, as strings by name. */
  readonly annotations?: Readonly<Record<string, string>>;
  /**
   * Annotations of config.json that change what the runtime does, so that an engine may keep users from them. A name
   * that ends in a point stands for all that begin with it.
   */
  readonly potentiallyUnsafeConfigAnnotations?: readonly string[];
}

/**
 * A kind of namespace (namespaces(7)). mount: mounts; pid: process ids; network: interfaces, routes, ports; uts: host
 * name; ipc: System V IPC, POSIX message queues; user: user and group ids, capabilities; cgroup: root of the cgroup
 * tree; time: clocks since boot.
 */
export type NamespaceType = 'mount' | 'pid' | 'network' | 'uts' | 'ipc' | 'user' | 'cgroup' | 'time';

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

/** What only Linux has (features-linux.md). */
export interface LinuxFeatures {
  /** Kinds of namespaces that can be made and joined. */
  readonly namespaces?: readonly NamespaceType[];
  /** Capabilities that are known by name, whether the kernel has them or not. */
  readonly capabilities?: readonly string[];
  /** Versions of cgroups, and who makes them. */
  readonly cgroup?: {
    /** Whether limits are set in cgroup v1. Absent: not known. */
    readonly v1?: boolean;
    /** Whether limits are set in cgroup v2. Absent: not known. */
    readonly v2?: boolean;
    /** Whether systemd of the system can be asked to make the cgroup. Absent: not known. */
    readonly systemd?: boolean;
    /** Whether systemd of a user can be asked to. Absent: not known. */
    readonly systemdUser?: boolean;
    /** Whether linux.resources.rdma is done. Absent: not known. */
    readonly rdma?: boolean;
  };
  /** Filters of system calls. */
  readonly seccomp?: {
    /** Whether it is compiled in; it says nothing about the host. Absent: not known. */
    readonly enabled?: boolean;
    /** Actions that are known. */
    readonly actions?: readonly SeccompAction[];
    /** Ways of comparing arguments that are known. */
    readonly operators?: readonly SeccompOperator[];
    /** Architectures that are known. */
    readonly archs?: readonly SeccompArch[];
    /** Flags that are known, which is not to say that the kernel or the library takes them. */
    readonly knownFlags?: readonly SeccompFlag[];
    /** Flags that can be used, by what the runtime was made with. */
    readonly supportedFlags?: readonly SeccompFlag[];
  };
  /** AppArmor profiles. */
  readonly apparmor?: {
    /** Whether it is compiled in; it says nothing about the host. Absent: not known. */
    readonly enabled?: boolean;
  };
  /** SELinux labels. */
  readonly selinux?: {
    /** Whether it is compiled in; it says nothing about the host. Absent: not known. */
    readonly enabled?: boolean;
  };
  /** Cache and memory bandwidth, by resctrl. */
  readonly intelRdt?: {
    /** Whether it is compiled in; it says nothing about the host. Absent: not known. */
    readonly enabled?: boolean;
    /**
     * Whether intelRdt.schemata of config.json is done. features-linux.md has it; upstream's schema does not look at
     * it.
     */
    readonly schemata?: unknown;
    /**
     * Whether intelRdt.enableMonitoring of config.json is done. features-linux.md has it; upstream's schema does not
     * look at it.
     */
    readonly monitoring?: unknown;
  };
  /** What can be done with mounts beyond mount(2). */
  readonly mountExtensions?: {
    /** Idmapped mounts: uidMappings and gidMappings of mounts. */
    readonly idmap?: {
      /** Whether it is compiled in; it says nothing about the host. Absent: not known. */
      readonly enabled?: boolean;
    };
  };
  /** Network devices that are moved into the container. */
  readonly netDevices?: {
    /** Whether it is compiled in; it says nothing about the host. Absent: not known. */
    readonly enabled?: boolean;
  };
  /**
   * Policies of NUMA memory that are known: `modes` and `flags`, two lists of names. features-linux.md has it;
   * upstream's schema does not look at it.
   */
  readonly memoryPolicy?: unknown;
}
