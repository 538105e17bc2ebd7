import { OcirunError } from '../errors/error.ts';
import type { Log } from '../log.ts';
import { decodeStep } from '../plan/decode.ts';
import type { Step } from '../plan/steps.ts';
import { openProcess } from '../state/identity.ts';
import { requireStatus, statusOf } from '../state/status.ts';
import { type Container, load, lock } from '../state/store.ts';
import { O, Poll, Signal } from '../sys/constants.ts';
import { attempt, orElse, part, readFile, sys, withFd } from '../sys/index.ts';
import { endOwn } from './delete.ts';
import { mark } from '../trace.ts';
import { extendTimeLimit, grace, pollPatiently, type Story } from '../waiting.ts';
import { located, placed } from './locate.ts';
import { notifySocket } from './manager.ts';
import { decodeRecord } from './record.ts';

/** Let the program of a created container be executed, and wait until it has been. */
export function start(root: string, id: string, log: Log): void {
  const directory = load(root, id).directory;
  let container: Container | undefined;
  try {
    const afterwards = withFd(lock(directory), (held) => {
      // Read again: whoever had the lock before us may have changed it.
      const found = load(root, id);
      const status = statusOf(found);
      requireStatus('start', id, status, status === 'paused' ? part('waits').frozenHint(found) : {});
      container = found;
      return execute(found, held, log);
    });
    // Without the lock: a hook may well call us to kill or delete the container.
    for (const action of afterwards) action();
    mark('poststart');
  } catch (error) {
    if (container && isOfHook(error)) endOwn(container, log);
    throw error;
  }
}

/** A failing poststart hook ends the container (runtime.md "Lifecycle"), and so does one that --timeout has ended. */
function isOfHook(error: unknown): boolean {
  if (!(error instanceof OcirunError)) return false;
  if (error.code !== 'E_TIMEOUT') return error.code === 'E_HOOK';
  extendTimeLimit(grace);
  return error.details.pointer?.startsWith('/hooks/poststart/') ?? false;
}

/** Gives what comes then. */
function execute(container: Container, held: number, log: Log): (() => void)[] {
  const poststart = container.record.laterHooks?.includes('poststart') ? [part('hooks').poststartOf(container)] : [];
  const manager = notifySocket();
  const relay = manager === undefined ? [] : relaying(manager, container, held, log);
  mark('read state');
  release(container, held);
  mark('exec');
  orElse('ENOENT', undefined, () => sys.unlinkat(held, 'exec.fifo', 0));
  return [...poststart, ...relay];
}

/** Tell our service manager that the container is ready once it says so, if it was made to be asked. */
function relaying(manager: string, { init }: Container, held: number, log: Log): (() => void)[] {
  if (!init || !sys.exists(held, 'notify')) return [];
  const { bind, relayTo, relayUntilReady } = part('notify');
  const relay = relayTo(manager, bind(held), init.pid);
  const pidfd = openProcess(init);
  return pidfd < 0 ? [] : [() => withFd(pidfd, () => relayUntilReady(relay, pidfd, log))];
}

/** Open the fifo that init waits on, and read what it says: "0", then a failure record or the end (plan/protocol.ts). */
function release(container: Container, directory: number): void {
  // Before the fifo: once that is open, the program may have come and gone.
  const pidfd = container.init ? openProcess(container.init) : -1;
  const config = (): string => readFile(`${container.directory}/config.json`, 64 << 20);
  const story: Story = () => placed(config(), waitsForInit(container, directory));
  const said = pidfd < 0 ? nothing : withFd(pidfd, () => hear(directory, pidfd, story));
  if (said.length > 1) throw located(config(), failed(said.subarray(said[0] === zero ? 1 : 0), directory));
  if (said.length === 0)
    throw part('failure').initDied('init ended before it executed the program', container.record.cgroup?.directory);
}

const nothing = new Uint8Array(0);

/** What comes first, unless that is what failed. */
const zero = 0x30;

const waitsForInit = ({ init, record }: Container, directory: number): OcirunError =>
  part('waits').ofInit(init?.pid ?? 0, (index) => failedStep(directory, index), record.cgroup?.directory);

const hear = (directory: number, pidfd: number, story: Story): Uint8Array =>
  attempt('E_SYSTEM', 'open the exec fifo', () =>
    withFd(sys.openat(directory, 'exec.fifo', O.RDONLY | O.NONBLOCK | O.NOFOLLOW, 0), (fifo) =>
      listen(fifo, pidfd, story),
    ),
  );

/** Everything until the end of the fifo, which shows once init has opened it; or until init has gone without that. */
function listen(fifo: number, pidfd: number, story: Story): Uint8Array {
  const chunks: number[] = [];
  const wait = (): number[] => pollPatiently([fifo, pidfd], [Poll.IN, Poll.IN], -1, story);
  for (;;) {
    const [onFifo = 0, onInit = 0] = chunks.length === 0 ? wait() : orEnd(pidfd, wait);
    const bytes = onFifo & Poll.IN ? sys.readBytes(fifo, 8192) : nothing;
    chunks.push(...bytes);
    const over = (onFifo & Poll.HUP) !== 0 || (onFifo === 0 && onInit !== 0);
    if (bytes.length > 0 || !over) continue;
    // An init that has told of a failure ends, a moment after its fifo: whoever is told finds the container stopped.
    if (chunks.length > 1) orEnd(pidfd, () => pollPatiently([pidfd], [Poll.IN], -1, story));
    return Uint8Array.from(chunks);
  }
}

/** Init has been let go: where nobody waits any longer, it must not go on. As with every failure then, it ends. */
function orEnd<T>(pidfd: number, wait: () => T): T {
  try {
    return wait();
  } catch (error) {
    orElse('ESRCH', undefined, () => sys.pidfdSendSignal(pidfd, Signal.KILL));
    throw error;
  }
}

function failed(bytes: Uint8Array, directory: number): OcirunError {
  const record = decodeRecord(bytes);
  if (!record) return new OcirunError('E_PROTOCOL', 'init wrote something to the exec fifo that is no record');
  return part('failure').startFailure((index) => failedStep(directory, index), record);
}

function failedStep(directory: number, index: number): Step | undefined {
  const plan = orElse('ENOENT', undefined, () =>
    withFd(sys.openat(directory, 'plan.bin', O.RDONLY, 0), (fd) => sys.readBytes(fd, 64 << 20)),
  );
  return plan && decodeStep(plan, index, sys.decodeText);
}
