// Made from spec-schemas/config.json by tools/schema.mjs: edit the schema and run it with --write.

/** config.json of a bundle (OCI runtime-spec 1.3). */
export interface Spec {
  /** The version of the runtime-spec that the document is written for. */
  readonly ociVersion: string;
  readonly process?: Process;
  readonly root?: Root;
  /** Host name inside. */
  readonly hostname?: string;
  /** NIS domain name inside. */
  readonly domainname?: string;
  /** Mounts, in this order. */
  readonly mounts?: readonly Mount[];
  readonly hooks?: Hooks;
  /** Anything, by name. */
  readonly annotations?: Readonly<Record<string, string>>;
  readonly linux?: Linux;
  readonly solaris?: Solaris;
  readonly windows?: Windows;
  readonly vm?: Vm;
  readonly zos?: Zos;
  readonly freebsd?: FreeBsd;
}

/** A program of the host that runs at one point of the life of the container. */
export interface Hook {
  /** The program, absolute. */
  readonly path: string;
  /** Its arguments, the zeroth included. */
  readonly args?: readonly string[];
  /** Its environment. */
  readonly env?: readonly string[];
  /** Seconds after which it is ended. */
  readonly timeout?: number;
}

/** Programs that run at points of the life of the container; each gets the state on its standard input. */
export interface Hooks {
  /** Deprecated: like createRuntime, before it. */
  readonly prestart?: readonly Hook[];
  /** After the namespaces are made, before the root changes; in the namespaces of the runtime. */
  readonly createRuntime?: readonly Hook[];
  /** At the same point; in the namespaces of the container. */
  readonly createContainer?: readonly Hook[];
  /** Right before the program of the container; in the container. */
  readonly startContainer?: readonly Hook[];
  /** After the program of the container was started. */
  readonly poststart?: readonly Hook[];
  /** After the container was deleted. */
  readonly poststop?: readonly Hook[];
}

/** A range of ids in a user namespace. */
export interface IdMapping {
  /** The first id inside. */
  readonly containerID: number;
  /** The first id outside. */
  readonly hostID: number;
  /** How many ids. */
  readonly size: number;
}

/** A mount inside the root filesystem. */
export interface Mount {
  /** Where it is mounted, absolute inside the container. */
  readonly destination: string;
  /** What is mounted: a device, a name, or the path of a bind mount. */
  readonly source?: string;
  /** The type of the filesystem; not looked at for bind mounts. */
  readonly type?: string;
  /** Options as in fstab(5). */
  readonly options?: readonly string[];
  /** User ids of an idmapped mount. */
  readonly uidMappings?: readonly IdMapping[];
  /** Group ids of an idmapped mount. */
  readonly gidMappings?: readonly IdMapping[];
}

/** The root filesystem of the container. */
export interface Root {
  /** Absolute, or relative to the bundle. */
  readonly path: string;
  /** Whether it is mounted read-only. */
  readonly readonly?: boolean;
}

/** Size of the terminal in characters. */
export interface ConsoleSize {
  readonly height: number;
  readonly width: number;
}

/** Who the program runs as, in ids of the container. */
export interface User {
  /** User id. */
  readonly uid?: number;
  /** Group id. */
  readonly gid?: number;
  /** File mode creation mask. */
  readonly umask?: number;
  /** Supplementary groups. */
  readonly additionalGids?: readonly number[];
  /** For Windows. */
  readonly username?: string;
}

/** The five sets of capabilities(7), by name. */
export interface Capabilities {
  /** What can be gained at all. */
  readonly bounding?: readonly string[];
  /** What can be made effective. */
  readonly permitted?: readonly string[];
  /** What counts. */
  readonly effective?: readonly string[];
  /** What survives an execve of a program that has it as inheritable. */
  readonly inheritable?: readonly string[];
  /** What survives an execve of any program. */
  readonly ambient?: readonly string[];
}

/** Scheduling, as in sched_setattr(2). */
export interface Scheduler {
  /** The policy. */
  readonly policy:
    'SCHED_OTHER' | 'SCHED_FIFO' | 'SCHED_RR' | 'SCHED_BATCH' | 'SCHED_ISO' | 'SCHED_IDLE' | 'SCHED_DEADLINE';
  /** For SCHED_OTHER and SCHED_BATCH. */
  readonly nice?: number;
  /** For SCHED_FIFO and SCHED_RR. */
  readonly priority?: number;
  /** Flags. */
  readonly flags?: readonly SchedulerFlag[];
  /** Nanoseconds, for SCHED_DEADLINE. */
  readonly runtime?: number;
  /** Nanoseconds, for SCHED_DEADLINE. */
  readonly deadline?: number;
  /** Nanoseconds, for SCHED_DEADLINE. */
  readonly period?: number;
}

/** A flag of sched_setattr(2). */
export type SchedulerFlag =
  | 'SCHED_FLAG_RESET_ON_FORK'
  | 'SCHED_FLAG_RECLAIM'
  | 'SCHED_FLAG_DL_OVERRUN'
  | 'SCHED_FLAG_KEEP_POLICY'
  | 'SCHED_FLAG_KEEP_PARAMS'
  | 'SCHED_FLAG_UTIL_CLAMP_MIN'
  | 'SCHED_FLAG_UTIL_CLAMP_MAX';

/** Priority of input and output, as in ioprio_set(2). */
export interface IoPriority {
  /** The class. */
  readonly class: 'IOPRIO_CLASS_RT' | 'IOPRIO_CLASS_BE' | 'IOPRIO_CLASS_IDLE';
  /** 0 (highest) to 7 (lowest). */
  readonly priority?: number;
}

/** A resource limit, as in setrlimit(2). */
export interface Rlimit {
  /** The name of the resource. */
  readonly type: string;
  /** The limit that holds. */
  readonly soft: number;
  /** The limit of the limit. */
  readonly hard: number;
}

/** CPUs of the processes that exec adds. */
export interface ExecCpuAffinity {
  /** Before the process is in its cgroup. */
  readonly initial?: string;
  /** Once it is there. */
  readonly final?: string;
}

/** The program of the container. */
export interface Process {
  /** Whether it gets a terminal. */
  readonly terminal?: boolean;
  readonly consoleSize?: ConsoleSize;
  readonly user?: User;
  /** Arguments, as for execvp(3). */
  readonly args?: readonly string[];
  /** For Windows. */
  readonly commandLine?: string;
  /** Environment: NAME=VALUE. */
  readonly env?: readonly string[];
  /** Working directory, absolute. */
  readonly cwd: string;
  readonly capabilities?: Capabilities;
  /** Resource limits; each at most once. */
  readonly rlimits?: readonly Rlimit[];
  /** Whether execve can never give new privileges. */
  readonly noNewPrivileges?: boolean;
  /** Name of the AppArmor profile. */
  readonly apparmorProfile?: string;
  /** Written to /proc/self/oom_score_adj. */
  readonly oomScoreAdj?: number;
  /** SELinux label of the process. */
  readonly selinuxLabel?: string;
  readonly scheduler?: Scheduler;
  readonly ioPriority?: IoPriority;
  readonly execCPUAffinity?: ExecCpuAffinity;
}

/** A kind of Linux namespace (namespaces(7)). */
export type NamespaceType = 'mount' | 'pid' | 'network' | 'uts' | 'ipc' | 'user' | 'cgroup' | 'time';

/** A namespace of the container: a new one, or the one at the path. */
export interface Namespace {
  readonly type: NamespaceType;
  /** A file of nsfs to join. */
  readonly path?: string;
}

/** A device node inside the container. */
export interface Device {
  /** c, b, u or p, as for mknod(1). */
  readonly type: string;
  /** Where it is made, absolute inside the container. */
  readonly path: string;
  readonly major?: number;
  readonly minor?: number;
  /** File permissions; podman writes the bits for the type of the file, too. */
  readonly fileMode?: number;
  /** Owner. */
  readonly uid?: number;
  /** Group. */
  readonly gid?: number;
}

/** How a network device of the host looks inside. */
export interface NetDevice {
  /** Its name inside. */
  readonly name?: string;
}

/** One rule of the device cgroup; later ones win. */
export interface DeviceRule {
  /** Whether the rule allows or denies. */
  readonly allow: boolean;
  /** a, c or b. */
  readonly type?: string;
  readonly major?: number;
  readonly minor?: number;
  /** Letters out of r, w and m. */
  readonly access?: string;
}

/** Limit of processes. */
export interface Pids {
  /** How many; -1 for no limit. */
  readonly limit: number;
}

/** Weight of one block device. */
export interface WeightDevice {
  readonly major: number;
  readonly minor: number;
  readonly weight?: number;
  readonly leafWeight?: number;
}

/** Rate of one block device. */
export interface ThrottleDevice {
  readonly major: number;
  readonly minor: number;
  /** Bytes or operations per second. */
  readonly rate?: number;
}

/** Limits of block devices. */
export interface BlockIo {
  /** Relative share. */
  readonly weight?: number;
  /** Relative share against child cgroups. */
  readonly leafWeight?: number;
  /** Relative share per device. */
  readonly weightDevice?: readonly WeightDevice[];
  /** Bytes read per second. */
  readonly throttleReadBpsDevice?: readonly ThrottleDevice[];
  /** Bytes written per second. */
  readonly throttleWriteBpsDevice?: readonly ThrottleDevice[];
  /** Reads per second. */
  readonly throttleReadIOPSDevice?: readonly ThrottleDevice[];
  /** Writes per second. */
  readonly throttleWriteIOPSDevice?: readonly ThrottleDevice[];
}

/** Limits of CPU time. */
export interface Cpu {
  /** Relative share. */
  readonly shares?: number;
  /** Microseconds per period. */
  readonly quota?: number;
  /** Microseconds beyond the quota that can be saved up. */
  readonly burst?: number;
  /** Microseconds. */
  readonly period?: number;
  /** Microseconds of real-time per period. */
  readonly realtimeRuntime?: number;
  /** Microseconds. */
  readonly realtimePeriod?: number;
  /** CPUs to use, as a list. */
  readonly cpus?: string;
  /** Memory nodes to use, as a list. */
  readonly mems?: string;
  /** 1 for SCHED_IDLE. */
  readonly idle?: number;
}

/** Limit of one size of huge pages. */
export interface HugepageLimit {
  /** The size, such as 2MB. */
  readonly pageSize: string;
  /** Bytes. */
  readonly limit: number;
}

/** Limits of memory, in bytes; -1 for no limit. */
export interface Memory {
  /** Memory. */
  readonly limit?: number;
  /** Memory that is protected. */
  readonly reservation?: number;
  /** Memory and swap together. */
  readonly swap?: number;
  /** Deprecated. */
  readonly kernel?: number;
  /** Deprecated. */
  readonly kernelTCP?: number;
  /** How readily pages are swapped, 0 to 100. */
  readonly swappiness?: number;
  /** Whether nobody is killed when memory runs out. */
  readonly disableOOMKiller?: boolean;
  /** Whether child cgroups count too. */
  readonly useHierarchy?: boolean;
  /** Whether a limit below the current usage is refused. */
  readonly checkBeforeUpdate?: boolean;
}

/** Priority of one network interface. */
export interface InterfacePriority {
  /** The interface. */
  readonly name: string;
  readonly priority: number;
}

/** Marks for traffic of the container (cgroup v1). */
export interface Network {
  /** For the network classifier. */
  readonly classID?: number;
  /** Per interface. */
  readonly priorities?: readonly InterfacePriority[];
}

/** Limits of one RDMA device. */
export interface Rdma {
  /** Handles. */
  readonly hcaHandles?: number;
  /** Objects. */
  readonly hcaObjects?: number;
}

/** Limits that the cgroup of the container enforces. */
export interface Resources {
  /** Files of cgroup v2 and what to write into them. */
  readonly unified?: Readonly<Record<string, string>>;
  /** Which devices can be used. */
  readonly devices?: readonly DeviceRule[];
  readonly pids?: Pids;
  readonly blockIO?: BlockIo;
  readonly cpu?: Cpu;
  /** Limits of huge pages. */
  readonly hugepageLimits?: readonly HugepageLimit[];
  readonly memory?: Memory;
  readonly network?: Network;
  /** Limits by RDMA device. */
  readonly rdma?: Readonly<Record<string, Rdma>>;
}

/** An architecture, as libseccomp names it. */
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

/** What happens to a matching system call. */
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

/** A flag of seccomp(2). */
export type SeccompFlag =
  | 'SECCOMP_FILTER_FLAG_TSYNC'
  | 'SECCOMP_FILTER_FLAG_LOG'
  | 'SECCOMP_FILTER_FLAG_SPEC_ALLOW'
  | 'SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV';

/** How an argument is compared. */
export type SeccompOperator =
  'SCMP_CMP_NE' | 'SCMP_CMP_LT' | 'SCMP_CMP_LE' | 'SCMP_CMP_EQ' | 'SCMP_CMP_GE' | 'SCMP_CMP_GT' | 'SCMP_CMP_MASKED_EQ';

/** A condition on one argument of a system call. */
export interface SyscallArg {
  /** Which argument, from 0. */
  readonly index: number;
  readonly value: number;
  /** For SCMP_CMP_MASKED_EQ. */
  readonly valueTwo?: number;
  readonly op: SeccompOperator;
}

/** What happens to some system calls. */
export interface SyscallRule {
  /** The system calls. */
  readonly names: readonly string[];
  readonly action: SeccompAction;
  /** The error to return. */
  readonly errnoRet?: number;
  /** Conditions; all have to hold. */
  readonly args?: readonly SyscallArg[];
}

/** Which system calls the container can use. */
export interface Seccomp {
  readonly defaultAction: SeccompAction;
  /** The error of the default action. */
  readonly defaultErrnoRet?: number;
  /** Architectures that the filter is for. */
  readonly architectures?: readonly SeccompArch[];
  /** Flags of seccomp(2). */
  readonly flags?: readonly SeccompFlag[];
  /** Socket of the agent for SCMP_ACT_NOTIFY. */
  readonly listenerPath?: string;
  /** Passed to the agent as it is. */
  readonly listenerMetadata?: string;
  /** Rules. */
  readonly syscalls?: readonly SyscallRule[];
}

/** Cache and memory bandwidth, by resctrl. */
export interface IntelRdt {
  /** Name of the class of service. */
  readonly closID?: string;
  /** Lines of its schemata file. */
  readonly schemata?: readonly string[];
  /** Line for the L3 cache. */
  readonly l3CacheSchema?: string;
  /** Line for memory bandwidth. */
  readonly memBwSchema?: string;
  /** Whether a monitoring group is made. */
  readonly enableMonitoring?: boolean;
}

/** Policy of NUMA memory, as in set_mempolicy(2). */
export interface MemoryPolicy {
  /** The policy. */
  readonly mode?:
    | 'MPOL_DEFAULT'
    | 'MPOL_BIND'
    | 'MPOL_INTERLEAVE'
    | 'MPOL_WEIGHTED_INTERLEAVE'
    | 'MPOL_PREFERRED'
    | 'MPOL_PREFERRED_MANY'
    | 'MPOL_LOCAL';
  /** Memory nodes, as a list. */
  readonly nodes?: string;
  /** Flags. */
  readonly flags?: readonly ('MPOL_F_NUMA_BALANCING' | 'MPOL_F_RELATIVE_NODES' | 'MPOL_F_STATIC_NODES')[];
}

/** Execution domain, as in personality(2). */
export interface Personality {
  /** The domain. */
  readonly domain?: 'LINUX' | 'LINUX32';
  /** Flags. */
  readonly flags?: readonly string[];
}

/** Offset of one clock. */
export interface TimeOffset {
  /** Seconds. */
  readonly secs?: number;
  /** Nanoseconds. */
  readonly nanosecs?: number;
}

/** Offsets of a new time namespace. */
export interface TimeOffsets {
  readonly boottime?: TimeOffset;
  readonly monotonic?: TimeOffset;
}

/** What only Linux has. */
export interface Linux {
  /** Namespaces; a kind that is missing is shared with the runtime. */
  readonly namespaces?: readonly Namespace[];
  /** User ids of the user namespace. */
  readonly uidMappings?: readonly IdMapping[];
  /** Group ids of the user namespace. */
  readonly gidMappings?: readonly IdMapping[];
  readonly timeOffsets?: TimeOffsets;
  /** Devices besides the default ones. */
  readonly devices?: readonly Device[];
  /** Network devices of the host to move into the container, by name. */
  readonly netDevices?: Readonly<Record<string, NetDevice>>;
  /** The cgroup; relative means below one the runtime chooses. */
  readonly cgroupsPath?: string;
  readonly resources?: Resources;
  readonly intelRdt?: IntelRdt;
  readonly memoryPolicy?: MemoryPolicy;
  /** Kernel parameters, by name. */
  readonly sysctl?: Readonly<Record<string, string>>;
  readonly seccomp?: Seccomp;
  /** Mount propagation of the root; with r, as runc and engines have it, of all mounts below it, too. */
  readonly rootfsPropagation?:
    'private' | 'shared' | 'slave' | 'unbindable' | 'rprivate' | 'rshared' | 'rslave' | 'runbindable';
  /** Paths that cannot be read inside. */
  readonly maskedPaths?: readonly string[];
  /** Paths that are read-only inside. */
  readonly readonlyPaths?: readonly string[];
  /** SELinux label of the mounts. */
  readonly mountLabel?: string;
  readonly personality?: Personality;
}

/** What only Solaris has. */
export interface Solaris {
  readonly milestone?: string;
  readonly limitpriv?: string;
  readonly maxShmMemory?: string;
  readonly cappedCPU?: {
    readonly ncpus?: string;
  };
  readonly cappedMemory?: {
    readonly physical?: string;
    readonly swap?: string;
  };
  readonly anet?: readonly {
    readonly linkname?: string;
    readonly lowerLink?: string;
    readonly allowedAddress?: string;
    readonly configureAllowedAddress?: string;
    readonly defrouter?: string;
    readonly macAddress?: string;
    readonly linkProtection?: string;
  }[];
}

/** What only Windows has. */
export interface Windows {
  readonly layerFolders: readonly string[];
  readonly devices?: readonly {
    readonly id: string;
    readonly idType: 'class';
  }[];
  readonly resources?: {
    readonly memory?: {
      readonly limit?: number;
    };
    readonly cpu?: {
      readonly count?: number;
      readonly shares?: number;
      readonly maximum?: number;
      readonly affinity?: {
        readonly mask?: number;
        readonly group?: number;
      };
    };
    readonly storage?: {
      readonly iops?: number;
      readonly bps?: number;
      readonly sandboxSize?: number;
    };
  };
  readonly network?: {
    readonly endpointList?: readonly string[];
    readonly allowUnqualifiedDNSQuery?: boolean;
    readonly DNSSearchList?: readonly string[];
    readonly networkSharedContainerName?: string;
    readonly networkNamespace?: string;
  };
  readonly credentialSpec?: object;
  readonly servicing?: boolean;
  readonly ignoreFlushesDuringBoot?: boolean;
  readonly hyperv?: {
    readonly utilityVMPath?: string;
  };
}

/** What only containers in virtual machines have. */
export interface Vm {
  readonly hypervisor?: {
    readonly path: string;
    readonly parameters?: readonly string[];
  };
  readonly kernel: {
    readonly path: string;
    readonly parameters?: readonly string[];
    readonly initrd?: string;
  };
  readonly image?: {
    readonly path: string;
    readonly format: 'raw' | 'qcow2' | 'vdi' | 'vmdk' | 'vhd';
  };
  readonly hwConfig?: {
    readonly deviceTree?: string;
    readonly vcpus?: number;
    readonly memory?: number;
    readonly dtdevs?: readonly string[];
    readonly iomems?: readonly {
      readonly firstGFN?: number;
      readonly firstMFN: number;
      readonly nrMFNs: number;
    }[];
    readonly irqs?: readonly number[];
  };
}

/** What only z/OS has. */
export interface Zos {
  readonly namespaces?: readonly {
    readonly type: 'mount' | 'pid' | 'uts' | 'ipc';
    readonly path?: string;
  }[];
}

/** How a jail shares something with its host. */
export type SharingMode = 'disable' | 'new' | 'inherit';

/** What only FreeBSD has. */
export interface FreeBsd {
  readonly devices?: readonly {
    readonly path?: string;
    readonly mode?: number;
  }[];
  readonly jail?: {
    readonly parent?: string;
    readonly host?: 'new' | 'inherit';
    readonly ip4?: SharingMode;
    readonly ip4Addr?: readonly string[];
    readonly ip6?: SharingMode;
    readonly ip6Addr?: readonly string[];
    readonly vnet?: 'new' | 'inherit';
    readonly interface?: string;
    readonly vnetInterfaces?: readonly string[];
    readonly sysvmsg?: SharingMode;
    readonly sysvsem?: SharingMode;
    readonly sysvshm?: SharingMode;
    readonly enforceStatfs?: number;
    readonly allow?: {
      readonly setHostname?: boolean;
      readonly rawSockets?: boolean;
      readonly chflags?: boolean;
      readonly mount?: readonly string[];
      readonly quotas?: boolean;
      readonly socketAf?: boolean;
      readonly mlock?: boolean;
      readonly reservedPorts?: boolean;
      readonly suser?: boolean;
    };
  };
}
