/** What the probe sees in `/dev` and under the paths it is asked for. */
export interface Entry {
  readonly kind: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly major?: number;
  readonly minor?: number;
  readonly link?: string;
  readonly size?: number;
  /** Whether access(2) lets it be executed, which a `noexec` mount does not. */
  readonly executable?: boolean;
  /** How a file begins. */
  readonly text?: string;
  /** Whether the mount it is on is read-only. */
  readonly readonly?: boolean;
  /** Bytes of a file, entries of a directory, or the name of the error. */
  readonly read?: number | string;
  /** `yes`, or the name of the error. */
  readonly write?: string;
}

/** What conformance/probe/probe.c reports. */
export interface Report {
  readonly argv: string[];
  readonly env: string[];
  readonly cwd: string | null;
  readonly exe: string | null;
  readonly exeOf1: string | null;
  readonly name: string;
  readonly hostname: string;
  readonly domainname: string;
  readonly machine: string;
  /** What sched_getattr(2) tells. */
  readonly scheduler: Readonly<
    Record<'policy' | 'flags' | 'nice' | 'priority' | 'runtime' | 'deadline' | 'period', number>
  >;
  readonly ioPriority: number;
  readonly personality: number;
  /** Mode with flags, and the mask of nodes. */
  readonly memoryPolicy: [number, number];
  readonly uids: number[];
  readonly gids: number[];
  readonly groups: number[];
  readonly pid: number;
  readonly ppid: number;
  readonly sid: number;
  readonly pgid: number;
  readonly dumpable: number;
  readonly parentDeathSignal: number;
  readonly status: Readonly<Record<string, string>>;
  readonly oomScoreAdj: string[];
  readonly cgroup: string[];
  readonly mounts: string[];
  readonly rlimits: Readonly<Record<string, [string, string]>>;
  readonly uidMap: string[];
  readonly gidMap: string[];
  readonly clocks: { readonly monotonic: number; readonly boottime: number };
  readonly namespaces: Readonly<Record<string, string>>;
  readonly fds: Readonly<Record<string, string>>;
  readonly dev: Readonly<Record<string, Entry>>;
  readonly interfaces: Readonly<Record<string, boolean>>;
  readonly keyring: string | null;
  readonly keyringId: number;
  readonly processes: number[];
  readonly paths: Readonly<Record<string, Entry | null>>;
}

/** A line of mountinfo, proc(5). */
export interface Mount {
  /** Number of the filesystem. */
  readonly device: string;
  readonly root: string;
  readonly target: string;
  readonly options: string[];
  readonly propagation: string[];
  readonly type: string;
  readonly source: string;
  readonly superOptions: string[];
}

const parse = (line: string): Mount => {
  const words = line.split(' ');
  const dash = words.indexOf('-');
  const list = (text: string | undefined) => (text ?? '').split(',');
  return {
    device: words[2] ?? '',
    root: words[3] ?? '',
    target: words[4] ?? '',
    options: list(words[5]),
    propagation: words.slice(6, dash),
    type: words[dash + 1] ?? '',
    source: words[dash + 2] ?? '',
    superOptions: list(words[dash + 3]),
  };
};

/** The mounts that the probe saw. */
export const mountsOf = (report: Report): Mount[] => report.mounts.map(parse);

/** The topmost mount on a path. */
export const mountAt = (report: Report, target: string): Mount | undefined =>
  mountsOf(report).findLast((mount) => mount.target === target);
