import { capabilityNumbers } from '../../capability-numbers.ts';
import { Cap, mayUse, namespaceOf, numberIn } from '../ask.ts';
import { type HostCheck, cannot, doubtful } from '../finding.ts';
import type { Machine } from '../machine.ts';

/** Every namespace but that of users, and every mount, is made with CAP_SYS_ADMIN (clone(2)). */
export const weMayMakeContainers: HostCheck = ({ spec, machine }) =>
  mayUse(machine, Cap.SYS_ADMIN) || namespaceOf(spec, 'user')
    ? []
    : [
        cannot(
          '/linux/namespaces',
          'without CAP_SYS_ADMIN, no container can be made that has no user namespace',
          'run ocirun as root, or start from the document that `ocirun spec --rootless` writes',
        ),
      ];

/** Rows of /proc/self/limits. */
const rows: Readonly<Record<string, string>> = {
  RLIMIT_CPU: 'Max cpu time',
  RLIMIT_FSIZE: 'Max file size',
  RLIMIT_DATA: 'Max data size',
  RLIMIT_STACK: 'Max stack size',
  RLIMIT_CORE: 'Max core file size',
  RLIMIT_RSS: 'Max resident set',
  RLIMIT_NPROC: 'Max processes',
  RLIMIT_NOFILE: 'Max open files',
  RLIMIT_MEMLOCK: 'Max locked memory',
  RLIMIT_AS: 'Max address space',
  RLIMIT_LOCKS: 'Max file locks',
  RLIMIT_SIGPENDING: 'Max pending signals',
  RLIMIT_MSGQUEUE: 'Max msgqueue size',
  RLIMIT_NICE: 'Max nice priority',
  RLIMIT_RTPRIO: 'Max realtime priority',
  RLIMIT_RTTIME: 'Max realtime timeout',
};

/** Our own hard limit; undefined where that cannot be told. */
function hardLimit(machine: Machine, type: string): number | undefined {
  const row = rows[type];
  const line =
    row &&
    machine
      .text('/proc/self/limits')
      ?.split('\n')
      .find((entry) => entry.startsWith(`${row} `));
  const hard = line ? line.slice(row.length).trim().split(/\s+/)[1] : undefined;
  return hard === 'unlimited' ? Infinity : hard === undefined ? undefined : Number(hard);
}

/** setrlimit(2): without CAP_SYS_RESOURCE, a hard limit only goes down. Nobody opens more than fs.nr_open files. */
export const limitsCanBeRaised: HostCheck = ({ spec: { process }, machine }) =>
  (process?.rlimits ?? []).flatMap(({ type, hard }, index) => {
    const pointer = `/process/rlimits/${index}/hard`;
    const most = type === 'RLIMIT_NOFILE' ? numberIn(machine, '/proc/sys/fs/nr_open') : undefined;
    if (most !== undefined && hard > most)
      return [cannot(pointer, `${type} ${hard} is above fs.nr_open, ${most}`, `sysctl -w fs.nr_open=${hard}`)];
    const ours = hardLimit(machine, type) ?? Infinity;
    if (hard <= ours || mayUse(machine, Cap.SYS_RESOURCE)) return [];
    return [
      cannot(
        pointer,
        `${type} ${hard} is above our own hard limit, ${ours}, and we have no CAP_SYS_RESOURCE`,
        `ask for ${ours} at most, or raise the limit of whoever starts ocirun`,
      ),
    ];
  });

/** proc(5), oom_score_adj: below the value that somebody privileged set, only CAP_SYS_RESOURCE leads. */
export const oomScoreCanBeLowered: HostCheck = ({ spec: { process }, machine }) => {
  const wanted = process?.oomScoreAdj;
  const ours = numberIn(machine, '/proc/self/oom_score_adj');
  if (wanted === undefined || ours === undefined || wanted >= ours || mayUse(machine, Cap.SYS_RESOURCE)) return [];
  return [
    doubtful(
      '/process/oomScoreAdj',
      `oomScoreAdj ${wanted} is below our own, ${ours}, and we have no CAP_SYS_RESOURCE`,
      `ask for ${ours} at least, or lower that of whoever starts ocirun`,
    ),
  ];
};

const sets = ['bounding', 'effective', 'inheritable', 'permitted', 'ambient'] as const;

/** Whoever has no capability cannot give it; in a user namespace of its own, a process has them all. */
export const capabilitiesAreOurs: HostCheck = ({ spec, machine }) => {
  if (namespaceOf(spec, 'user')) return [];
  const told = new Set<string>();
  return sets.flatMap((set) =>
    (spec.process?.capabilities?.[set] ?? []).flatMap((name, index) => {
      const number = capabilityNumbers.get(name);
      if (number === undefined || told.has(name)) return [];
      const { low, high } = machine.bounding;
      if (((number < 32 ? low : high) & (1 << (number & 31))) !== 0) return [];
      told.add(name);
      const reason = number > machine.lastCapability ? 'this kernel does not know it' : 'it is not in our bounding set';
      return [doubtful(`/process/capabilities/${set}/${index}`, `${name} cannot be given: ${reason}`)];
    }),
  );
};

/** sched(7) and ioprio_set(2): what needs CAP_SYS_NICE, and its limits. */
export const prioritiesAreOurs: HostCheck = ({ spec: { process }, machine }) => {
  if (mayUse(machine, Cap.SYS_NICE)) return [];
  const { policy = '', nice = 0, priority = 0 } = process?.scheduler ?? {};
  const without = 'we have no CAP_SYS_NICE';
  const realTime = policy === 'SCHED_FIFO' || policy === 'SCHED_RR';
  const [mostPriority, mostNice] = [hardLimit(machine, 'RLIMIT_RTPRIO'), hardLimit(machine, 'RLIMIT_NICE')];
  return [
    ...(policy === 'SCHED_DEADLINE'
      ? [cannot('/process/scheduler/policy', `${policy} cannot be set: ${without}`)]
      : []),
    ...(realTime && priority > (mostPriority ?? Infinity)
      ? [cannot('/process/scheduler/priority', `${policy} with priority ${priority} cannot be set: ${without}`)]
      : []),
    // RLIMIT_NICE counts from 20 down (getrlimit(2)).
    ...(!realTime && nice < 0 && 20 - nice > (mostNice ?? Infinity)
      ? [cannot('/process/scheduler/nice', `nice ${nice} cannot be set: ${without}`)]
      : []),
    ...(process?.ioPriority?.class === 'IOPRIO_CLASS_RT' && !mayUse(machine, Cap.SYS_ADMIN)
      ? [cannot('/process/ioPriority/class', `IOPRIO_CLASS_RT cannot be set: ${without}`)]
      : []),
  ];
};
