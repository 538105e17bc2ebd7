import { OcirunError } from '../errors/error.ts';
import type { Plan } from '../plan/build.ts';
import { ChildEnd, Poll, Wait } from '../sys/constants.ts';
import { orElse, readFile, sys } from '../sys/index.ts';
import { deadlyFilter, killedByFilter } from './filter-failure.ts';
import type { Launched } from './launch.ts';

/** What is in a file of a cgroup; '' where that cannot be told any more. */
function look(cgroup: string, file: string): string {
  try {
    return readFile(`${cgroup}/${file}`, 4096).trim();
  } catch {
    return '';
  }
}

/**
 * The error of an init that went without a word. Where the kernel has killed for memory in its cgroup, it was that:
 * engines look for runc's words.
 * @param what happened, as far as it is known
 * @param pointer of what asked for the limit of memory
 */
export function initDied(what: string, cgroup: string | undefined, pointer?: string): OcirunError {
  const kills = cgroup ? /^oom_kill (\d+)$/m.exec(look(cgroup, 'memory.events'))?.[1] : undefined;
  if (!cgroup || !Number(kills ?? 0))
    return new OcirunError('E_INIT_DIED', what, {
      hint: 'it may have been killed from outside: dmesg may tell by whom',
    });
  const limit = look(cgroup, 'memory.max');
  return new OcirunError('E_INIT_DIED', `container init was OOM-killed (memory limit too low?): ${what}`, {
    path: `${cgroup}/memory.events`,
    ...(pointer === undefined ? {} : { pointer }),
    ...(/^\d/.test(limit)
      ? { hint: `the limit is ${limit} bytes; init takes some 300 KiB, and then the program comes` }
      : { hint: `the memory of ${cgroup} has no limit: that of a cgroup above it, or of the machine, was used up` }),
  });
}

/** What limits the memory, as far as it is asked for. */
const limitOf = ({ controls }: Pick<Plan, 'controls'>): string | undefined =>
  controls?.find(({ file }) => file === 'memory.max')?.pointer;

type Ended = Pick<Launched, 'pidfd' | 'cgroup'>;

/** Init went without a word: killed (by the OOM killer, say), or its own reporting failed. */
export function initEnded({ pidfd, cgroup }: Ended, plan: Pick<Plan, 'controls' | 'stage2'>): OcirunError {
  const [code, status] = orElse('ECHILD', [], () => sys.waitPidfd(pidfd, Wait.EXITED));
  const how =
    code === undefined
      ? 'without a word'
      : code === ChildEnd.EXITED
        ? `with exit status ${status}`
        : `by signal ${status}`;
  const what = `init ended ${how} before the container was ready`;
  if (killedByFilter(plan.stage2, status)) return new OcirunError('E_INIT_DIED', what, deadlyFilter);
  return initDied(what, cgroup, limitOf(plan));
}

/** What comes of a process, or of its files in /proc, that has gone. */
const isOfNobody = ({ details: { errnoName, path = '' } }: OcirunError): boolean =>
  errnoName === 'ESRCH' || (errnoName === 'ENOENT' && path.startsWith('/proc/'));

/** What has failed while init waited; where that is because init has ended, its end is what there is to tell. */
export function orEnded(error: unknown, { pidfd, cgroup }: Ended, plan: Pick<Plan, 'controls'>): unknown {
  if (!(error instanceof OcirunError) || !isOfNobody(error) || sys.poll([pidfd], [Poll.IN], 0)[0] === 0) return error;
  return initDied(`init ended before the container was ready (${error.message})`, cgroup, limitOf(plan));
}
