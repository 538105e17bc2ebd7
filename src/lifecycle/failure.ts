import { OcirunError } from '../errors/error.ts';
import type { Plan } from '../plan/build.ts';
import type { Step } from '../plan/steps.ts';
import { part, reason, sys, type SystemError } from '../sys/index.ts';
import { directoryFailure, execFailure, hookReason } from './exec-failure.ts';
import { readFacts } from './facts.ts';
import { filterHint, mindingFilter } from './filter-failure.ts';
import { hookFailure, initHookFailure } from './hook-failure.ts';
import { programFacts } from './look-program.ts';
import type { MountFailure } from './mount-failure.ts';
import type { ProtocolRecord } from './record.ts';

export { endOf, hookFailure, pastTimeout } from './hook-failure.ts';
export { initDied, initEnded, orEnded } from './init-death.ts';

/** CLONE_NEW* of clone(2). */
const typesOfNamespaces: Readonly<Record<string, string>> = {
  128: 'time',
  131072: 'mount',
  33554432: 'cgroup',
  67108864: 'uts',
  134217728: 'ipc',
  268435456: 'user',
  536870912: 'pid',
  1073741824: 'network',
};

const typeOfNamespace = (flag: unknown): string => typesOfNamespaces[String(flag)] ?? 'the';

/** What a step was doing to what, for a sentence; a step that is not here is named by its op. */
const doing: Partial<Record<Step['op'], (step: Step) => string>> = {
  clone: () => 'create namespaces',
  unshare: () => 'create namespaces',
  openRoot: ({ strs }) => `open the root filesystem ${strs[0]}`,
  openProc: () => 'open a private procfs',
  mount: ({ strs }) => `mount ${strs[2] || strs[1]} (${strs[1]}) to ${strs[0]}`,
  attach: ({ strs }) => `mount ${strs[1] ?? 'a tree'} to ${strs[0]}`,
  device: ({ strs }) => `create device ${strs[0]}`,
  attachDevice: ({ strs }) => `mount the device of the host to ${strs[0]}`,
  remount: ({ strs }) => `remount ${strs[0]}`,
  propagation: () => 'set the propagation of mounts',
  symlink: ({ strs }) => `create symbolic link ${strs[1]}`,
  pivot: () => 'pivot_root into the root filesystem',
  moveRoot: () => 'move the root filesystem to /',
  rootReadonly: () => 'make the root filesystem read-only',
  mask: ({ strs }) => `mask path ${strs[0]}`,
  readonlyPath: ({ strs }) => `make path ${strs[0]} read-only`,
  hostname: ({ strs }) => `sethostname ${strs[0]}`,
  domainname: ({ strs }) => `setdomainname ${strs[0]}`,
  makeDirectory: ({ strs }) => `create working directory ${strs[0]}`,
  changeDirectory: ({ strs }) => `chdir to cwd ("${strs[0]}") set in config.json failed`,
  user: ({ nums }) => `set user ${nums[0]}:${nums[1]}`,
  capabilities: () => 'set capabilities',
  boundingSet: () => 'drop capabilities from the bounding set',
  sessionKeyring: () => 'join a session keyring',
  loopbackUp: () => 'bring the loopback interface up',
  limits: ({ strs }) => `error setting rlimit ${strs[0]}`,
  awaitStart: () => 'open the exec fifo',
  join: ({ nums, strs }) => `join ${typeOfNamespace(nums[0])} namespace ${strs[0]}`,
  timeOffsets: () => 'set the clocks of the time namespace',
  openDirectory: ({ strs }) => `open the root filesystem ${strs[0]}`,
  chroot: () => 'chroot into the root filesystem',
  oomScoreAdj: ({ strs }) => `set oom_score_adj to ${strs[0]}`,
  sysctl: ({ strs }) => `write sysctl ${strs[0]}`,
  scheduler: () => 'set the scheduler',
  ioPriority: () => 'set the priority of input and output',
  personality: () => 'set the personality',
  memoryPolicy: () => 'set the memory policy',
  seccomp: () => 'load the filter of system calls',
};

/** What a step is doing. */
export const doingOf = (step: Step): string => doing[step.op]?.(step) ?? step.op;

/** Bytes of somebody else as text; where they are not UTF-8, they are shown escaped, never replaced. */
export function shown(bytes: Uint8Array): string {
  try {
    return sys.decodeText(bytes);
  } catch {
    return [...bytes].map((byte) => (byte < 128 ? String.fromCharCode(byte) : `\\x${byte.toString(16)}`)).join('');
  }
}

/** Steps that mount, or that need mounts: their failures are explained in a part of their own. */
const mounting: ReadonlySet<Step['op'] | undefined> = new Set([
  'openRoot',
  'openDirectory',
  'propagation',
  'mount',
  'attach',
  'attachDevice',
  'remount',
  'device',
  'symlink',
  'pivot',
  'moveRoot',
  'rootReadonly',
  'mask',
  'readonlyPath',
]);

type PlanOfFailure = Pick<Plan, 'stage1' | 'stage2'> & Partial<Pick<Plan, 'sources' | 'maps'>>;

/** What is said elsewhere in the plan of what a step needs. */
function surroundings(step: Step | undefined, { stage1, stage2, sources, maps }: PlanOfFailure): Surroundings {
  const making = [...stage1, ...stage2].filter(({ op }) => op === 'clone' || op === 'unshare' || op === 'join');
  const source = step?.op === 'attach' ? sources?.find(({ slot }) => slot === step.slots[1]) : undefined;
  return {
    namespaces: making.reduce((all, { nums: [flags = 0] }) => all | Number(flags), 0),
    ...(maps ? { maps } : {}),
    ...(source && 'path' in source ? { source: { recursive: false, ...source } } : {}),
  };
}

type Surroundings = Pick<MountFailure, 'namespaces' | 'maps' | 'source'>;

/** The error of a step that failed in init: which one, of which part of config.json, on what, and why. */
export function initFailure(plan: PlanOfFailure, record: ProtocolRecord): OcirunError {
  const steps = [...plan.stage1, ...plan.stage2];
  const step = steps[record.a];
  const around = surroundings(step, plan);
  // Init knows a tree; the user knows where it came from.
  const named = step && around.source ? { ...step, strs: [...step.strs, around.source.path] } : step;
  return mindingFilter(stepFailure(named, record, around), (index) => steps[index], record.a);
}

/** The same of a step that failed behind `start`: the plan is that of the container's record. */
export const startFailure = (stepAt: (index: number) => Step | undefined, record: ProtocolRecord): OcirunError =>
  mindingFilter(stepFailure(stepAt(record.a), record), stepAt, record.a);

/** Of a step that does the same to many paths, the part that failed: `detail` begins with its path. */
function partOf(step: Step | undefined, detail: string): Step | undefined {
  if (step?.op !== 'mask' && step?.op !== 'readonlyPath') return step;
  const index = step.strs.findIndex((path) => detail === path || detail.startsWith(`${path}: `));
  return index < 0 ? step : { ...step, pointer: `${step.pointer}/${index}`, strs: step.strs.slice(index, index + 1) };
}

/** What a failure was about, and what init says of it behind: `path: reason`, where the path is that of the step. */
function aboutOf(step: Step | undefined, detail: string): [path: string, more: string] {
  const [path = ''] = step?.strs ?? [];
  return path !== '' && detail.startsWith(`${path}: `) ? [path, detail.slice(path.length)] : [detail, ''];
}

/** What init blames where it failed before the first step (addon/init/main.cc). */
const noStep = 0xffffffff;

/** @param failed the step that failed, where its number means one */
export function stepFailure(
  failed: Step | undefined,
  record: ProtocolRecord,
  around: Surroundings = { namespaces: 0 },
): OcirunError {
  const [errnoName, words] = sys.describeErrno(record.b);
  const why = words.charAt(0).toLowerCase() + words.slice(1);
  const facts = readFacts(record.detail, { show: shown, errnoName: (errno) => sys.describeErrno(errno)[0] });
  const detail = facts.about;
  const step = partOf(failed, detail);
  const [path, more] = aboutOf(step, detail);
  const details = {
    ...(step?.pointer ? { pointer: step.pointer } : {}),
    ...(path ? { path } : {}),
    errno: record.b,
    errnoName,
    step: step?.op ?? 'plan',
  };
  if (step?.op === 'runProgram') return initHookFailure(step, shown(record.detail), facts, errnoName, why);
  const failure = step && { step, facts, errnoName, words: why, details };
  if (failure && ['findProgram', 'execute'].includes(failure.step.op)) return execFailure(failure);
  const action = step
    ? (doing[step.op]?.(step) ?? step.op)
    : record.a === noStep
      ? 'take the plan'
      : `step ${record.a}`;
  if (failure?.step.pointer === '/process/cwd') return directoryFailure(action, failure);
  if (step && mounting.has(step.op))
    return part('explainMount').stepError({ step, errnoName, why, facts, ...around }, action, details);
  const about = path && !action.includes(path) ? ` (${path})` : '';
  const hint = step && filterHint(step, errnoName);
  return new OcirunError('E_INIT_STEP', `${action}${about}${more}: ${why}`, { ...details, ...(hint ? { hint } : {}) });
}

/** The error of a hook that the runtime could not execute, which is a program of the host. */
export function hookNotExecuted(pointer: string, path: string, error: SystemError): OcirunError {
  const facts = programFacts(path, part('explainMount').lookOnHost, shown);
  const { why, ...advice } = hookReason(pointer, facts, error.code);
  const details = { path, errno: error.errno, errnoName: error.code, syscall: error.syscall, cause: error };
  return hookFailure(pointer, `fork/exec ${path}: ${reason(error)}${why}`, { ...details, ...advice });
}
