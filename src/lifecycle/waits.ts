// What is said of a wait that takes long, and waits that few commands have: loaded when there is one.
import { cgroupEvents } from '../cgroup/cgroupfs.ts';
import { OcirunError } from '../errors/error.ts';
import type { Step } from '../plan/steps.ts';
import type { Container } from '../state/store.ts';
import { O, Poll, Signal, Wait } from '../sys/constants.ts';
import { monotonic, orElse, part, sys, withFd } from '../sys/index.ts';
import { patience, pollPatiently, silence, type Story, tryLock } from '../waiting.ts';
import { frozenCgroup, lockHolder, populators, processOf, progressOf, troubleOf } from './look.ts';

/** A wait that goes on is told again after so many milliseconds. */
const repetition = 30_000;

/** Go on where `patiently` has come to: tell, wait, tell again. */
export function lookOn<T>(look: (milliseconds: number) => T | undefined, left: number, story: Story): T | undefined {
  const begin = monotonic();
  const end = left < 0 ? Infinity : begin + left;
  for (let told = false; ; told = true) {
    const now = monotonic();
    const over = patience.deadline > 0 ? patience.deadline : Infinity;
    if (now >= over) throw timedOut(story());
    if (now >= end) return undefined;
    tell(story(), told ? now - begin + silence : 0);
    const found = look(Math.ceil(Math.min(repetition, end - now, over - now)));
    if (found !== undefined) return found;
  }
}

function tell({ message, details }: OcirunError, since: number): void {
  const { pointer, location, path } = details;
  const place = location ? `${location} ${pointer}: ` : '';
  const long = since > 0 ? ` (for ${Math.round(since / 1000)} s)` : '';
  patience.log?.warn(`${place}waiting for ${message}${long}`, { pointer, location, path });
}

/** The end of `--timeout`. */
const timedOut = ({ message, details }: OcirunError): OcirunError =>
  new OcirunError('E_TIMEOUT', `timed out after ${patience.seconds} s (--timeout), waiting for ${message}`, details);

const waited = (what: string, details: OcirunError['details'] = {}): OcirunError =>
  new OcirunError('E_TIMEOUT', what, details);

/** "/hooks/prestart/0" */
function hookName(pointer: string, path: string): string {
  const [, , kind, index] = pointer.split('/');
  return `${kind} hook #${index} (${path})`;
}

/** A hook that the runtime runs. */
export function ofHook(pointer: string, path: string, pidfd: number): OcirunError {
  const pid = processOf(pidfd);
  const who = pid === undefined ? '' : `, process ${pid}${troubleOf(pid)}`;
  return waited(`${hookName(pointer, path)}${who}`, { pointer, path });
}

/**
 * Init, to go on.
 * @param stepAt the plan that it has
 * @param cgroup the directory of the container's cgroup
 */
export function ofInit(pid: number, stepAt: (index: number) => Step | undefined, cgroup?: string): OcirunError {
  patience.mind?.();
  const index = progressOf(pid);
  const step = index === undefined ? undefined : stepAt(index);
  const at = step ? ` at step ${index}: ${doing(step)}` : '';
  const why = frozen(cgroup) || troubleOf(pid);
  return waited(`init (process ${pid})${at}${why}`, step?.pointer ? { pointer: step.pointer } : {});
}

const doing = (step: Step): string =>
  step.op === 'runProgram' ? hookName(step.pointer, step.strs[0] ?? '') : part('failure').doingOf(step);

function frozen(directory: string | undefined): string {
  const where = directory === undefined ? undefined : frozenCgroup(directory);
  return where === undefined ? '' : `; cgroup ${where} is frozen (cgroup.freeze)`;
}

/** Which cgroup keeps a container paused. */
export function frozenHint({ record }: Container): { hint?: string } {
  const where = record.cgroup && frozenCgroup(record.cgroup.directory);
  return where ? { hint: `cgroup ${where} is frozen: write 0 to its cgroup.freeze` } : {};
}

/** A process that was killed, to end. */
export function ofEnd(pidfd: number, cgroup?: string): OcirunError {
  const pid = processOf(pidfd);
  return waited(`the end of process ${pid}, which was killed${frozen(cgroup)}${pid ? troubleOf(pid) : ''}`);
}

/** A cgroup, to become empty. */
export const ofCgroup = (directory: string): OcirunError =>
  waited(`cgroup ${directory} to become empty: ${populators(directory)}`, { path: directory });

/** A cgroup, to become frozen (`frozen`), or to go on. */
export const ofFreezer = (directory: string, frozen: boolean): OcirunError =>
  waited(
    frozen
      ? `cgroup ${directory} to be frozen: ${populators(directory)}`
      : `cgroup ${directory} to go on: ${frozenCgroup(directory) ?? 'its processes'} is still frozen`,
    { path: directory },
  );

/** The container, to say that it is ready, or the service manager, to have read that. */
export const ofReadiness = (): OcirunError => waited('the container to say READY=1 at its NOTIFY_SOCKET');
export const ofManager = (manager: string): OcirunError =>
  waited(`the service manager at ${manager} to read that the container is ready`, { path: manager });

/** Take the lock `fd` of a state directory, which somebody else has now. */
export function awaitLock(fd: number, directory: string): void {
  const story: Story = () => waited(`the lock of ${directory}, which ${lockHolder(fd)} holds`, { path: directory });
  do {
    const child = sys.lockBeside(fd);
    try {
      pollPatiently([child], [Poll.IN], -1, story);
    } finally {
      withFd(child, endChild);
    }
  } while (!tryLock(fd));
}

function endChild(pidfd: number): void {
  orElse('ESRCH', undefined, () => sys.pidfdSendSignal(pidfd, Signal.KILL));
  orElse('ECHILD', [], () => sys.waitPidfd(pidfd, Wait.EXITED));
}

/** Init was not executed: its cgroup is frozen, or the machine is very busy. Gives when to try again. */
export function awaitThaw(directory: string): void {
  lookOn(
    (milliseconds) => isThawed(directory, milliseconds) || undefined,
    -1,
    () => waited(`the init program to be executed${frozen(directory)}`, { path: directory }),
  );
}

/** Wait for a change of the cgroup that is frozen; reading its events arms the wait (cgroup-v2.rst). */
function isThawed(directory: string, milliseconds: number): boolean {
  const fd = orElse('ENOENT', -1, () => sys.open(`${directory}/cgroup.events`, O.RDONLY, 0));
  if (fd < 0) return true;
  return withFd(fd, () => {
    if (!sys.readText(fd, 4096).includes('frozen 1')) return true;
    sys.poll([fd], [Poll.PRI], milliseconds);
    return !cgroupEvents(directory).frozen;
  });
}
