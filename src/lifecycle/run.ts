import type { Log } from '../log.ts';
import { ChildEnd, Poll, Signal, Wait } from '../sys/constants.ts';
import { orElse, part, sys } from '../sys/index.ts';
import { mark } from '../trace.ts';
import { extendTimeLimit, grace, liftTimeLimit, pollPatiently } from '../waiting.ts';
import { create, type Created } from './create.ts';
import { removeOwn } from './delete.ts';
import { aboutInit, awaitExecution } from './dialogue.ts';
import { located } from './locate.ts';
import type { Relay } from './notify.ts';
import type { CreateRequest } from './prepare.ts';

/** What `run` is asked for besides a container. */
export interface RunRequest extends CreateRequest {
  readonly detach: boolean;
  /** Leave the stopped container. */
  readonly keep: boolean;
  readonly subreaper: boolean;
}

/** Signals that stay ours: the rest is for the container (runtimes.md 3.5). */
const own: readonly number[] = [Signal.CHLD, Signal.URG, Signal.WINCH];
/** Not to be blocked: KILL and STOP cannot be, 32 to 34 belong to the C library, faults are our own. */
const unblockable = [4, 5, 7, 8, 9, 11, 19, 31, 32, 33, 34];
const allSignals = Array.from({ length: 64 }, (_, index) => index + 1).filter(
  (signal) => !unblockable.includes(signal),
);

/** Create, start and, in the foreground, wait. Returns the exit status: the program's, 128 + N for signal N. */
export function run(request: RunRequest, log: Log): number {
  if (request.subreaper && !request.detach) sys.setSubreaper(true);
  // Blocked before init exists, so that none is lost; init gets the mask that we began with.
  // A caller that ignores SIGCHLD would have the kernel reap init before we see how it ended (wait(2)).
  if (!request.detach) sys.defaultSignal(Signal.CHLD);
  const signals = request.detach ? -1 : sys.signalFd(allSignals);
  const created = create({ ...request, waitForStart: false }, log);
  const status = supervise(created, signals, log);
  if (!request.detach && !request.keep) removeOwn(created.container, log);
  mark('delete');
  return status;
}

/** See the program begin and, unless detached, end. Where that fails, nothing is left of the container. */
function supervise(created: Created, signals: number, log: Log): number {
  try {
    const { plan, prepared, init } = created;
    const about = aboutInit(prepared, plan);
    awaitExecution(created.launched, plan, () => about(init.pid));
    mark('exec');
    poststart(created);
    mark('poststart');
    const relay = relayOf(created, signals < 0);
    if (relay && signals < 0) part('notify').relayUntilReady(relay, created.pidfd, log);
    liftTimeLimit();
    const status = signals < 0 ? 0 : forwardUntilEnd(created, signals, relay, log);
    if (relay && signals >= 0) part('notify').settle(relay, log);
    mark('program');
    return status;
  } catch (error) {
    orElse('ESRCH', undefined, () => sys.pidfdSendSignal(created.pidfd, Signal.KILL));
    extendTimeLimit(grace);
    pollPatiently([created.pidfd], [Poll.IN], -1, () => part('waits').ofEnd(created.pidfd, created.prepared.cgroup));
    removeOwn(created.container, log);
    throw located(created.prepared.config, error);
  }
}

/** In the foreground the process to watch is ours: it ends as the container does. */
function relayOf({ prepared, notifications, init }: Created, detached: boolean): Relay | undefined {
  const { notifySocket } = prepared.request;
  if (notifications === undefined || notifySocket === undefined) return undefined;
  return part('notify').relayTo(notifySocket, notifications, detached ? init.pid : sys.getpid());
}

function poststart({ prepared, container, init }: Created): void {
  if (!container.record.laterHooks?.includes('poststart')) return;
  part('hooks').runHooks('poststart', prepared.spec.hooks, { ...container.record, pid: init.pid });
}

/** Hand signals on until the container's init has ended, and what it says of itself. */
function forwardUntilEnd({ pidfd, init }: Created, signals: number, relay: Relay | undefined, log: Log): number {
  const fds = relay ? [signals, pidfd, relay.socket] : [signals, pidfd];
  const wanted = fds.map(() => Poll.IN);
  for (;;) {
    const [onSignal = 0, , onRelay = 0] = sys.poll(fds, wanted, -1);
    if (relay && onRelay !== 0) part('notify').pass(relay, log);
    const ended = sys.waitPidfd(pidfd, Wait.EXITED | Wait.NOHANG);
    if (ended.length > 0) return exitStatus(ended);
    const signal = onSignal ? sys.readSignal(signals) : 0;
    if (signal === Signal.CHLD) reapOthers(init.pid);
    else if (signal > 0 && !own.includes(signal)) orElse('ESRCH', undefined, () => sys.pidfdSendSignal(pidfd, signal));
  }
}

/** As a subreaper we get the container's orphans; init itself is waited for by its pidfd. */
function reapOthers(init: number): void {
  while (sys.reapAny(init) > 0);
}

const exitStatus = ([code, status = 0]: readonly number[]): number =>
  code === ChildEnd.EXITED ? status : 128 + status;
