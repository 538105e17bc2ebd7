import { enterCgroup, intendedCgroup, makeCgroup, refuseBusy } from '../cgroup/cgroupfs.ts';
import { OcirunError } from '../errors/error.ts';
import type { Log } from '../log.ts';
import type { Plan } from '../plan/build.ts';
import { encodePlan } from '../plan/encode.ts';
import { newIdMaps } from '../plan/idmaps.ts';
import { isNew } from '../plan/namespaces.ts';
import type { Hooks } from '../spec/types.ts';
import { identify, type Identity } from '../state/identity.ts';
import {
  checkId,
  claim,
  type Container,
  type ContainerRecord,
  writeInit,
  writeNew,
  writeRecord,
} from '../state/store.ts';
import { makeRoot } from '../state/root.ts';
import { rfc3339Nano } from '../state/time.ts';
import { Mode, Wait } from '../sys/constants.ts';
import { attempt, orElse, part, sys } from '../sys/index.ts';
import { aboutInit, converse, type Handlers } from './dialogue.ts';
import { hexadecimal } from './digest.ts';
import { launch, type Launched, sendPlan } from './launch.ts';
import { locating } from './locate.ts';
import { checkPreservedFds, type CreateRequest, type Prepared, prepare, writePidFile } from './prepare.ts';
import { setLateResources, setResources } from './resources.ts';
import { mark } from '../trace.ts';
import { extendTimeLimit, patience } from '../waiting.ts';
import { connectPidfdSocket, sendPidfd } from './sockets.ts';
import { withSources } from './sources.ts';
import { abandon } from './undo.ts';
import { giveFifo, joinedIdMaps, joinsUserNamespace, ownerOutside, setLimits, writeIdMaps } from './user-namespace.ts';

/** A container at the end of `create`. */
export interface Created {
  readonly prepared: Prepared;
  readonly init: Identity;
  readonly container: Container;
  readonly plan: Plan;
  readonly launched: Launched;
  /** A pidfd of the container's init. */
  readonly pidfd: number;
  /** Where it says what it has to say to our service manager, if there is one. */
  readonly notifications: number | undefined;
}

/** What is being made, filled step by step, so that undoing knows how far it came. */
export interface Attempt {
  readonly directory: string;
  readonly lock: number;
  readonly record: ContainerRecord;
  /** Whether the cgroup is there by us: what another container has made must survive our failing. */
  cgroupMade: boolean;
  /** Cgroups above it that were made on the way. */
  cgroupsAbove: readonly string[];
  launched?: Launched;
  pidfd?: number;
  /** Whoever wants a pidfd, -1 for nobody. */
  readonly pidfdSocket: number;
  /** Where the container says what it has to say to our service manager. */
  notifications?: number;
}

/** Make a container, up to the point where its program could be executed. What fails leaves nothing behind. */
export function create(request: CreateRequest, log: Log): Created {
  checkId(request.id);
  checkPreservedFds(request);
  const prepared = prepare(request, log);
  const pidfdSocket = request.pidfdSocket === undefined ? -1 : connectPidfdSocket(request.pidfdSocket);
  makeRoot(request.root);
  // What is recorded as ours may be killed: a unit that others are in must not be.
  if (prepared.unit) refuseBusy(prepared.cgroup);
  const record = intent(prepared);
  const lock = claim(request.root, request.id);
  const directory = `${request.root}/${request.id}`;
  const work: Attempt = { directory, lock, record, cgroupMade: false, cgroupsAbove: [], pidfdSocket };
  try {
    return locating(prepared.config, () => bringUp(prepared, work, log));
  } catch (error) {
    const failure = abandon(work, error);
    tellPoststop(prepared, record, log);
    throw failure;
  } finally {
    sys.close(lock);
  }
}

/** Of a create that failed: they have as much time as it had. */
function tellPoststop({ spec, config }: Prepared, record: ContainerRecord, log: Log): void {
  if (!spec.hooks?.poststop) return;
  extendTimeLimit(patience.seconds * 1000);
  try {
    locating(config, () => part('hooks').runPoststop(spec.hooks, { ...record, pid: 0 }, log));
  } catch (error) {
    // What is to be told is why the create has failed.
    log.warn(error instanceof Error ? error.message : String(error));
  }
}

/** The record of what is going to be done: written before anything is. */
function intent({ request, spec, bundle, rootfs, cgroup, unit }: Prepared): ContainerRecord {
  const created = rfc3339Nano(...sys.clock(0));
  return {
    version: 1,
    id: request.id,
    ociVersion: spec.ociVersion,
    bundle,
    rootfs,
    created,
    ...(spec.annotations ? { annotations: spec.annotations } : {}),
    cgroup: unit
      ? unit.recorded(created)
      : attempt('E_CGROUP', `look for cgroup ${cgroup}`, () => intendedCgroup(cgroup), { path: cgroup }),
    privatePids: isNew(spec, 'pid'),
    ...(spec.hooks ? laterHooks(spec.hooks) : {}),
  };
}

function laterHooks(hooks: Hooks): Pick<ContainerRecord, 'laterHooks'> {
  const kinds = (['poststart', 'poststop'] as const).filter((kind) => (hooks[kind] ?? []).length > 0);
  return kinds.length > 0 ? { laterHooks: kinds } : {};
}

function bringUp(prepared: Prepared, work: Attempt, log: Log): Created {
  const { request, host } = prepared;
  mark('claim');
  writeRecord(work.lock, work.record);
  if (request.waitForStart) makeFifo(prepared, work.lock);
  if (prepared.notifyDirectory !== undefined) makeNotify(prepared, work);
  // A process of the container that sees ours must not be able to look into it (CVE-2016-9962).
  if (!work.record.privatePids) sys.setDumpable(false);
  if (prepared.unit) prepared.unit.connect();
  else if (work.record.cgroup) {
    work.cgroupsAbove = makeCgroup(host.cgroupMount, work.record.cgroup);
    work.cgroupMade = work.record.cgroup.owned;
    // Before anybody is in it: to move one from controller to controller takes the kernel long.
    if (prepared.controls ?? work.cgroupsAbove.length > 0)
      part('resources').enableControllers(host.cgroupMount, prepared.cgroup, prepared.controls ?? []);
  }
  mark('cgroup');
  const { plan, launched } = launch(prepared, work);
  setResources(prepared, plan);
  const { setDevices } = part('devices');
  setDevices(prepared, plan, work.cgroupMade, true, log);
  mark('resources');
  const bytes = encodePlan(plan, sys.encodeText);
  mark('encode');
  withSources(plan.sources, { cgroup: prepared.cgroup, state: work.lock }, (filled) =>
    sendPlan(launched.socket, bytes, filled, log.debugging),
  );
  mark('send');
  for (const warning of plan.warnings) log.warn(warning);
  // While init is at work: what later commands need to know.
  writeNew(work.lock, 'config.json', prepared.config);
  writeNew(work.lock, 'plan.bin', bytes);
  mark('save plan');
  setDevices(prepared, plan, work.cgroupMade, false, log);
  mark('devices');
  return finish(prepared, work, plan, launched, log);
}

function makeNotify({ request }: Prepared, work: Attempt): void {
  const { makeDirectory, bind } = part('notify');
  makeDirectory(work.lock);
  if (!request.waitForStart) work.notifications = bind(work.lock);
}

/** What init waits on for `start`; it opens it as the user of the container, and only that one may write there. */
function makeFifo({ spec }: Prepared, directory: number): void {
  attempt('E_STATE', 'create the exec fifo', () => sys.mknodat(directory, 'exec.fifo', Mode.FIFO | 0o600, 0, 0));
  if (!joinsUserNamespace(spec)) giveFifo(directory, ownerOutside(spec, newIdMaps(spec)));
}

/** Serve init until it is ready, and save the container before it is let go. */
function finish(prepared: Prepared, work: Attempt, plan: Plan, launched: Launched, log: Log): Created {
  let init: Identity | undefined;
  const handlers: Handlers = {
    digest: ({ detail }) => log.debug(`plan sha256:${hexadecimal(detail)}`),
    place: () => enterCgroup(prepared.cgroup, launched.pid),
    pid: ({ a }, [pidfd]) => {
      mark('wait for namespaces');
      if (pidfd !== undefined) work.pidfd = pidfd;
      init = identify(a);
      // Stage 1 has ended with this message.
      orElse('ECHILD', [], () => sys.waitPidfd(launched.pidfd, Wait.EXITED));
      setLateResources(prepared, plan);
      if (joinsUserNamespace(prepared.spec)) meetUserNamespace(prepared, plan, work.lock, a);
    },
    maps: () => {
      if (init && plan.maps) writeIdMaps(init.pid, plan.maps);
    },
    hooks: () => {
      mark('wait for mounts');
      const { spec } = prepared;
      const { runHooks } = part('hooks');
      const told = { ...work.record, pid: init?.pid ?? 0 };
      runHooks('prestart', spec.hooks, told);
      runHooks('createRuntime', spec.hooks, told);
      mark('hooks');
    },
    listener: ({ a }) => part('filter').handOverListener(plan, work, init?.pid, a),
    times: ({ detail }) => part('trace').noteSteps(plan, launched.pid, init?.pid ?? 0, detail),
    ready: () => {
      mark('wait for init');
      if (!init) return;
      if (plan.limits) setLimits(init.pid, plan.limits);
      if (prepared.unit) init = prepared.unit.marked(init);
      writeInit(work.lock, init);
      if (work.pidfdSocket >= 0 && work.pidfd !== undefined) sendPidfd(work.pidfdSocket, work.pidfd);
      if (prepared.request.pidFile) writePidFile(prepared.request.pidFile, init.pid);
      mark('save init');
    },
  };
  converse(launched, plan, log.debugging, handlers, aboutInit(prepared, plan));
  if (!init || work.pidfd === undefined)
    throw new OcirunError('E_HOST', 'init is ready, but /proc does not show it', {
      path: '/proc',
      hint: 'mount a procfs of the pid namespace that ocirun is in',
    });
  const { directory, record, pidfd, notifications } = work;
  return { prepared, init, container: { directory, record, init }, plan, launched, pidfd, notifications };
}

/** What could not be known before the process was in the user namespace that it joins. */
function meetUserNamespace({ spec, request, cgroup }: Prepared, plan: Plan, directory: number, pid: number): void {
  const owner = ownerOutside(spec, joinedIdMaps(pid, spec));
  if (request.waitForStart) giveFifo(directory, owner);
  if (plan.delegated) part('resources').giveCgroup(cgroup, owner[0]);
}
