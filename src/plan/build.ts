import type { HostFacts } from '../host/facts.ts';
import type { Spec } from '../spec/types.ts';
import { deviceSteps } from './devices.ts';
import { propagation } from './mount-flags.ts';
import { mountSteps } from './mounts.ts';
import { hasNamespace, newNamespaces } from './namespaces.ts';
import { protectionSteps } from './paths.ts';
import { processPlan } from './process.ts';
import { type Kind, kinds } from './protocol.ts';
import { rlimitSteps } from './rlimits.ts';
import { type SlotSource, Sources } from './sources.ts';
import { type Op, type Step, slots } from './steps.ts';

/** How init comes into its cgroup: cloned into it (cgroupfs), or moved there by the runtime (systemd; a refused clone). */
export type CgroupOrder = 'clone' | 'move';

/** What is to be made into a plan. */
export interface PlanRequest {
  readonly id: string;
  readonly spec: Spec;
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
  /** Descriptors from 3 on that stay open for the program. */
  readonly preserveFds: number;
}

/** Everything that will be done, in order. */
export interface Plan {
  readonly stage1: readonly Step[];
  readonly stage2: readonly Step[];
  /** What the runtime opens for init. */
  readonly sources: readonly SlotSource[];
  readonly order: CgroupOrder;
  readonly warnings: readonly string[];
}

/** Spec and host in, plan out; no effect, no clock. The table of contents of a container's making. */
export function buildPlan(request: PlanRequest): Plan {
  const { spec, host } = request;
  const sources = new Sources();
  const program = processPlan(spec, host.bounding, host.lastCapability);
  const stage2 = [
    ...isolation(request),
    ...mountSteps(spec, sources),
    ...deviceSteps(host.kcore),
    ...workingDirectory(spec),
    request.pivot ? onRoot('pivot') : moveRoot(request.rootfs),
    ...names(spec),
    ...protectionSteps(spec),
    ...rlimitSteps(spec, request.exact),
    ...program.identity,
    ...handOver(request),
    plain('closeDescriptors', [3 + request.preserveFds]),
    program.execute,
  ];
  return {
    stage1: firstStage(request),
    stage2,
    sources: request.waitForStart ? [{ slot: slots.fifo, kind: 'fifo', pointer: '' }, ...sources.list] : sources.list,
    order: request.order,
    warnings: [...program.missingCapabilities].map((name) => `ignoring unknown or unavailable capability ${name}`),
  };
}

function plain(op: Op, nums: number[] = [], strs: string[] = [], pointer = ''): Step {
  return { op, pointer, slots: [], nums, strs };
}

const onRoot = (op: Op): Step => ({ ...plain(op), slots: [slots.root] });

const moveRoot = (rootfs: string): Step => ({ ...plain('moveRoot', [], [rootfs]), slots: [slots.root, slots.proc] });

const awaiting = (send: Kind, answer: Kind): Step => plain('await', [kinds[send], kinds[answer]]);

/** A cgroup namespace's root is the cgroup that its maker is in, so stage 1 has to be in place before it clones. */
function firstStage(request: PlanRequest): Step[] {
  return [
    plain('tieToRuntime'),
    ...(request.order === 'move' ? [awaiting('place', 'placed')] : []),
    plain('resetAffinity'),
    plain('clone', [newNamespaces(request.spec)], [], '/linux/namespaces'),
  ];
}

function isolation(request: PlanRequest): Step[] {
  const { spec } = request;
  return [
    plain('tieToRuntime'),
    plain('dumpable', [0]),
    plain('newSession'),
    ...(request.newKeyring ? [plain('sessionKeyring', [], [`_ses.${request.id}`])] : []),
    ...(hasNamespace(spec, 'network') ? [plain('loopbackUp', [], [], '/linux/namespaces')] : []),
    plain('propagation', [propagation.slave]),
    { ...plain('openProc'), slots: [slots.proc] },
    { ...plain('openRoot', [], [request.rootfs], '/root/path'), slots: [slots.root] },
  ];
}

/** runc makes a missing working directory; the root may be read-only later. */
function workingDirectory(spec: Spec): Step[] {
  const cwd = spec.process?.cwd ?? '/';
  return cwd === '/' ? [] : [{ ...plain('makeDirectory', [], [cwd], '/process/cwd'), slots: [slots.root] }];
}

function names(spec: Spec): Step[] {
  return [
    ...(spec.hostname ? [plain('hostname', [], [spec.hostname], '/hostname')] : []),
    ...(spec.domainname ? [plain('domainname', [], [spec.domainname], '/domainname')] : []),
  ];
}

/** The tie goes before `ready`: from there on init waits on the socket, whose end tells it as well (protocol.ts). */
function handOver(request: PlanRequest): Step[] {
  const wait = request.waitForStart ? [{ ...plain('awaitStart'), slots: [slots.fifo, slots.proc] }] : [];
  return [plain('untieFromRuntime'), awaiting('ready', 'saved'), ...wait];
}
