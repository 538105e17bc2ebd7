import type { HostFacts } from '../host/facts.ts';
import type { Spec } from '../spec/types.ts';
import type { Control } from './cgroup/index.ts';
import { deviceSteps } from './devices.ts';
import { createContainerSteps, hasRuntimeHooks, startContainerSteps } from './hooks.ts';
import { type IdMaps, newIdMaps } from './idmaps.ts';
import { mountSteps } from './mounts.ts';
import { hasNamespace, isNew, joinSteps, namespacesOfRoot, namespacesToClone } from './namespaces.ts';
import { type FromManager, managerVariables, notifySteps } from './notify.ts';
import { protectionSteps } from './paths.ts';
import { processPlan } from './process.ts';
import { copiedPropagation, rootPropagationSteps } from './propagation.ts';
import { type Kind, kinds } from './protocol.ts';
import { rlimitSteps } from './rlimits.ts';
import type { SeccompAgent, SystemCallFilter } from './seccomp.ts';
import { type SlotSource, Sources } from './sources.ts';
import { type Op, type Step, slots, stepOf } from './steps.ts';
import { sysctlSteps } from './sysctl.ts';
import { timeOffsetSteps } from './time-offsets.ts';

/** How init comes into its cgroup: cloned into it (cgroupfs), or moved there by the runtime (systemd; a refused clone). */
export type CgroupOrder = 'clone' | 'move';

/** What is to be made into a plan. */
export interface PlanRequest extends FromManager {
  readonly id: string;
  readonly spec: Spec;
  /** Absolute path of the bundle. */
  readonly bundle: string;
  /** Integers of config.json that a JavaScript number cannot hold, by pointer. */
  readonly exact: ReadonlyMap<string, bigint>;
  /** Absolute path of the root filesystem. */
  readonly rootfs: string;
  readonly host: HostFacts;
  readonly order: CgroupOrder;
  /** Whether the program waits for `start` (create) or follows at once (run). */
  readonly waitForStart: boolean;
  readonly pivot: boolean;
  readonly newKeyring: boolean;
  /** What ./cgroup/index.ts makes of `linux.resources`; whoever has no resources does without that. */
  readonly controls?: readonly Control[] | undefined;
  /** Whether the cgroup becomes that of the container's user (./cgroup/delegation.ts). */
  readonly delegated?: boolean;
  /** The device program that ./device-filter makes of `linux.resources.devices`; what is made without it has none. */
  readonly deviceProgram?: () => Uint8Array;
  /** The filter that is made of `linux.seccomp`, where the document has that. */
  readonly filter?: SystemCallFilter | undefined;
  /** How many more descriptors stay open for the program. */
  readonly preserveFds: number;
  /** The environment that a hook gets besides what is configured. */
  hookEnvironment?(environment: readonly string[], pointer: string): readonly string[];
}

/** Everything that will be done, in order. */
export interface Plan {
  readonly stage1: readonly Step[];
  readonly stage2: readonly Step[];
  /** What the runtime opens for init. */
  readonly sources: readonly SlotSource[];
  readonly order: CgroupOrder;
  /** What the runtime writes when init announces `maps`. */
  readonly maps?: IdMaps;
  /**
   * `limits` steps that are the runtime's, once init is `ready`: a process in a user namespace may not raise its own
   * (getrlimit(2)).
   */
  readonly limits?: readonly Step[];
  /**
   * What the runtime writes into the container's cgroup before init gets its plan; an empty list, too, is a wish for
   * controllers.
   */
  readonly controls?: readonly Control[];
  /** Whether the cgroup becomes that of the container's user. */
  readonly delegated?: boolean;
  /**
   * What decides in the cgroup which devices may be used: instructions of eBPF. It is made once it is wanted, which is when
   * init is at work.
   */
  readonly deviceProgram?: () => Uint8Array;
  /** Who gets the listener of the filter, when init announces it. */
  readonly agent?: SeccompAgent;
  readonly warnings: readonly string[];
}

/** Spec and host in, plan out; no effect, no clock. The table of contents of a container's making. */
export function buildPlan(request: PlanRequest): Plan {
  const { spec, host } = request;
  const sources = new Sources();
  const variables = managerVariables(request);
  const program = processPlan(spec, host, request.exact, variables, request.filter);
  const maps = newIdMaps(spec);
  const limits = rlimitSteps(spec, request.exact);
  const limitsAreOurs = limits.length > 0 && hasNamespace(spec, 'user');
  const stage2 = [
    plain('tieToRuntime'),
    ...userNamespace(spec),
    ...isolation(request),
    ...rootSteps(request),
    ...mountSteps(request, sources),
    ...notifySteps(spec, request.notifyDirectory, sources),
    ...deviceSteps(spec, host.kcore, sources),
    ...workingDirectory(spec),
    ...(hasRuntimeHooks(spec) ? [awaiting('hooks', 'hooked', '/hooks')] : []),
    ...createContainerSteps(spec, request),
    changeRoot(request),
    ...names(spec),
    ...sysctlSteps(spec),
    ...protectionSteps(spec),
    // Of an unbindable mount there can be no read-only copy.
    ...rootPropagationSteps(spec),
    ...(limitsAreOurs ? [] : limits),
    ...program.identity,
    ...handOver(request),
    ...startContainerSteps(spec, request, variables),
    plain('closeDescriptors', [3 + request.listenFds + request.preserveFds]),
    ...program.last,
    program.execute,
  ];
  const stage1 = firstStage(request, sources);
  return {
    stage1,
    stage2,
    sources: request.waitForStart ? [{ slot: slots.fifo, kind: 'fifo', pointer: '' }, ...sources.list] : sources.list,
    order: request.order,
    ...(maps ? { maps } : {}),
    ...(limitsAreOurs ? { limits } : {}),
    ...(request.controls ? { controls: request.controls } : {}),
    ...(request.delegated ? { delegated: true } : {}),
    ...(request.deviceProgram ? { deviceProgram: request.deviceProgram } : {}),
    ...(request.filter?.agent ? { agent: request.filter.agent } : {}),
    warnings: [...program.missingCapabilities].map((name) => `ignoring unknown or unavailable capability ${name}`),
  };
}

/** A step that every container gets. */
const plain = (op: Op, nums: readonly number[] = [], strs: readonly string[] = []): Step => stepOf(op, '', nums, strs);

const onRoot = (op: Op): Step => stepOf(op, '', [], [], [slots.root]);

const awaiting = (send: Kind, answer: Kind, pointer = ''): Step =>
  stepOf('await', pointer, [kinds[send], kinds[answer]]);

/**
 * In the caller's namespaces, but in the container's cgroup: a cgroup namespace's root is the cgroup that its maker is
 * in, so this process has to be in place before. What it needs of the caller's procfs comes before it joins namespaces.
 */
function firstStage({ spec, order, exact }: PlanRequest, sources: Sources): Step[] {
  const score = spec.process?.oomScoreAdj;
  const time = timeOffsetSteps(spec, exact);
  const joins = joinSteps(spec, sources);
  return [
    plain('tieToRuntime'),
    ...(order === 'move' ? [awaiting('place', 'placed')] : []),
    plain('resetAffinity'),
    ...(score === undefined ? [] : [stepOf('oomScoreAdj', '/process/oomScoreAdj', [], [`${score}`])]),
    ...time,
    // Whoever is in a namespace already must not be able to look into a process that comes from outside.
    ...(joins.length > 0 ? [plain('dumpable', [0])] : []),
    ...joins,
    stepOf('clone', '/linux/namespaces', [namespacesToClone(spec, time.length > 0)]),
  ];
}

/** Become root of the user namespace; in a new one nobody is anybody until the runtime has written the maps. */
function userNamespace(spec: Spec): Step[] {
  if (!hasNamespace(spec, 'user')) return [];
  return [
    ...(isNew(spec, 'user') ? [awaiting('maps', 'mapped', '/linux/uidMappings')] : []),
    stepOf('user', '/linux/uidMappings', [0, 0]),
  ];
}

function isolation(request: PlanRequest): Step[] {
  const ofRoot = namespacesOfRoot(request.spec);
  return [
    plain('dumpable', [0]),
    ...(ofRoot === 0 ? [] : [stepOf('unshare', '/linux/namespaces', [ofRoot])]),
    plain('newSession'),
    ...(request.newKeyring ? [plain('sessionKeyring', [], [`_ses.${request.id}`])] : []),
    ...(isNew(request.spec, 'network') ? [stepOf('loopbackUp', '/linux/namespaces')] : []),
  ];
}

/** Without a mount namespace of its own, the root is the directory as it is: a mount would be the host's. */
function rootSteps({ spec, rootfs }: PlanRequest): Step[] {
  const ownMounts = hasNamespace(spec, 'mount');
  return [
    ...(ownMounts ? [plain('propagation', [copiedPropagation(spec)])] : []),
    stepOf('openProc', '', [], [], [slots.proc]),
    stepOf(ownMounts ? 'openRoot' : 'openDirectory', '/root/path', [], [rootfs], [slots.root]),
  ];
}

function changeRoot({ spec, pivot, rootfs }: PlanRequest): Step {
  if (!hasNamespace(spec, 'mount')) return onRoot('chroot');
  return pivot ? onRoot('pivot') : stepOf('moveRoot', '', [], [rootfs], [slots.root, slots.proc]);
}

/** runc makes a missing working directory; the root may be read-only later. */
function workingDirectory(spec: Spec): Step[] {
  const cwd = spec.process?.cwd ?? '/';
  return cwd === '/' ? [] : [stepOf('makeDirectory', '/process/cwd', [], [cwd], [slots.root])];
}

function names({ hostname, domainname }: Spec): Step[] {
  return [
    ...(hostname ? [stepOf('hostname', '/hostname', [], [hostname])] : []),
    ...(domainname ? [stepOf('domainname', '/domainname', [], [domainname])] : []),
  ];
}

/** The tie goes before `ready`: from there on init waits on the socket, whose end tells it as well (protocol.ts). */
function handOver(request: PlanRequest): Step[] {
  const wait = request.waitForStart ? [stepOf('awaitStart', '', [], [], [slots.fifo, slots.proc])] : [];
  return [plain('untieFromRuntime'), awaiting('ready', 'saved'), ...wait];
}
