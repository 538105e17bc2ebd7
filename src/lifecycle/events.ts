import { type Json, jsonText } from '../cgroup/json-text.ts';
import { type FileOf, oomKills, statistics } from '../cgroup/statistics.ts';
import { OcirunError } from '../errors/error.ts';
import type { Log } from '../log.ts';
import { openProcess } from '../state/identity.ts';
import { statusOf } from '../state/status.ts';
import { type Container, load } from '../state/store.ts';
import { At, O, Poll } from '../sys/constants.ts';
import { monotonic, orElse, readFile, sys, withFd } from '../sys/index.ts';

/** A container that runs, or is paused, and its cgroup. */
interface Observed {
  readonly container: Container;
  readonly directory: string;
}

/** poll(2) takes no more. */
const longestWait = 2 ** 31 - 1;

function observe(root: string, id: string): Observed {
  const container = load(root, id);
  const status = statusOf(container);
  if (status === 'stopped' || status === 'creating')
    throw new OcirunError('E_STATUS', `container with id ${id} is not running: it is ${status}`);
  const { cgroup } = container.record;
  if (!cgroup) throw new OcirunError('E_CGROUP', `container ${id} has no cgroup of its own`);
  return { container, directory: cgroup.directory };
}

/**
 * A file of the cgroup; pressure that the kernel does not keep is EOPNOTSUPP, and so are the processes of a cgroup of
 * threads.
 */
const filesOf =
  (directory: string): FileOf =>
  (name) =>
    orElse('ENOENT ENODEV EOPNOTSUPP', undefined, () => readFile(`${directory}/${name}`, 1 << 20));

const namesIn = (directory: string): string[] => {
  const fd = orElse('ENOENT', -1, () => sys.open(directory, O.RDONLY | O.DIRECTORY, 0));
  return fd < 0 ? [] : withFd(fd, sys.listDirectory);
};

const tell = (event: Json): void => sys.write(1, `${jsonText(event)}\n`);

const tellStatistics = ({ container, directory }: Observed): void =>
  tell({ type: 'stats', id: container.record.id, data: statistics(filesOf(directory), namesIn(directory)) });

/** The statistics of now. */
export const printStatistics = (root: string, id: string): void => tellStatistics(observe(root, id));

/** The statistics every `interval` milliseconds, and that the OOM killer was there, until the container has ended. */
export function follow(root: string, id: string, interval: number, log: Log): void {
  const observed = observe(root, id);
  const { init } = observed.container;
  if (!sys.exists(At.FDCWD, `${observed.directory}/memory.events`))
    log.warn(`cgroup ${observed.directory} has no memory controller: nothing is told of the OOM killer`);
  const pidfd = init ? openProcess(init) : -1;
  if (pidfd < 0) return;
  withFd(pidfd, () => {
    const state = { kills: killsIn(observed.directory), next: monotonic() + interval };
    while (goesOn(observed, pidfd, state, interval));
  });
}

const killsIn = (directory: string): bigint => oomKills(filesOf(directory)('memory.events'));

/** Wait for what comes next, and tell it; false at the end. */
function goesOn(observed: Observed, pidfd: number, state: { kills: bigint; next: number }, interval: number): boolean {
  const { container, directory } = observed;
  const over = awaitChange(directory, pidfd, state.kills, Math.max(0, Math.ceil(state.next - monotonic())));
  const kills = killsIn(directory);
  // Where the files are gone there are none.
  if (kills > state.kills) tell({ type: 'oom', id: container.record.id });
  state.kills = kills;
  if (over) return false;
  if (monotonic() >= state.next) {
    tellStatistics(observed);
    // A reader that was slow misses some, and does not get them all at once later.
    state.next = Math.max(state.next + interval, monotonic());
  }
  return true;
}

/**
 * Wait for a change of the files, the end of init or the time; whether the container has ended. Reading a file arms
 * the wait for it, and POLLPRI announces a change (kernfs); what has come before that shows in what was read.
 */
function awaitChange(directory: string, pidfd: number, kills: bigint, milliseconds: number): boolean {
  const files = ['cgroup.events', 'memory.events']
    .map((name) => orElse('ENOENT ENODEV', -1, () => sys.open(`${directory}/${name}`, O.RDONLY, 0)))
    .filter((fd) => fd >= 0);
  try {
    const texts = files.map((fd) => orElse('ENODEV', '', () => sys.readText(fd, 65536)));
    if (!texts[0]?.includes('populated 1')) return true;
    if (oomKills(texts[1]) > kills) return false;
    const [ended = 0] = sys.poll(
      [pidfd, ...files],
      [Poll.IN, ...files.map(() => Poll.PRI)],
      Math.min(milliseconds, longestWait),
    );
    return ended !== 0;
  } finally {
    for (const fd of files) sys.close(fd);
  }
}
