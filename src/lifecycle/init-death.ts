import { OcirunError } from '../errors/error.ts';
import { readFile } from '../sys/index.ts';

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
