import { awaitFrozen, isTold, setFrozen } from '../cgroup/freezer.ts';
import { OcirunError } from '../errors/error.ts';
import { requireStatus, statusOf } from '../state/status.ts';
import { type Container, load } from '../state/store.ts';
import { extendTimeLimit, grace } from '../waiting.ts';
import { frozenCgroup, populators } from './look.ts';

/*
 * Neither takes the lock of the state directory: whoever waits for the container holds that, and a container that is
 * paused has to be resumed for it.
 */

/** Wait at most this long for all of its processes to stop, milliseconds (as runc does). */
const longest = 10_000;

/** Stop every process of the container where it is. Where that does not come about, it runs on as before. */
export function pause(root: string, id: string): void {
  const container = load(root, id);
  requireStatus('pause', id, statusOf(container));
  const directory = cgroupOf(container);
  const doing = `pause container ${id}`;
  withRightsHint(() => setFrozen(directory, true, doing));
  let isCalledOff = false;
  try {
    if (!awaitFrozen(directory, true, longest)) {
      isCalledOff = isTold(directory, false);
      throw isCalledOff ? calledOff(doing) : notFrozen(directory, doing);
    }
    // Its init may have ended a moment ago: what is frozen then is no container.
    const status = statusOf(container);
    if (status !== 'paused') requireStatus('pause', id, status);
  } catch (error) {
    extendTimeLimit(grace);
    // Whoever has resumed it may have paused it again.
    if (!isCalledOff) setFrozen(directory, false, doing);
    throw error;
  }
}

const calledOff = (doing: string): OcirunError =>
  new OcirunError('E_STATUS', `${doing}: it was resumed before all of its processes had stopped`);

const notFrozen = (directory: string, doing: string): OcirunError =>
  new OcirunError(
    'E_CGROUP',
    `${doing}: timeout of ${longest / 1000}s reached, waiting for cgroup ${directory} to be frozen: ${populators(directory)}`,
    { path: directory, hint: 'it goes on as before; a process that the kernel waits in cannot be stopped there' },
  );

/** Let the processes of a paused container go on; also of one that is only about to be paused. */
export function resume(root: string, id: string): void {
  const container = load(root, id);
  const status = statusOf(container);
  const { cgroup } = container.record;
  const isHalfPaused = (status === 'created' || status === 'running') && cgroup && isTold(cgroup.directory, true);
  if (!isHalfPaused) requireStatus('resume', id, status);
  const directory = cgroupOf(container);
  withRightsHint(() => setFrozen(directory, false, `resume container ${id}`));
  const above = frozenCgroup(directory);
  if (above !== undefined)
    throw new OcirunError('E_CGROUP', `resume container ${id}: cgroup ${above}, which it is in, is frozen, too`, {
      path: above,
      hint: `write 0 to its cgroup.freeze`,
    });
  awaitFrozen(directory, false);
}

function cgroupOf({ record }: Container): string {
  if (record.cgroup) return record.cgroup.directory;
  throw new OcirunError('E_CGROUP', `container ${record.id} has no cgroup of its own`);
}

const rights = ['EACCES', 'EPERM', 'EROFS'];

/** runc warns of it beforehand: "may fail if you don't have the full access to cgroups". */
function withRightsHint(action: () => void): void {
  try {
    action();
  } catch (error) {
    if (!(error instanceof OcirunError) || !rights.includes(error.details.errnoName ?? '')) throw error;
    const hint = 'it takes full access to the cgroup: ask as root, or as the user whom it was delegated to';
    throw new OcirunError(error.code, error.message, { ...error.details, hint });
  }
}
