// What is said of a wait that takes long: loaded when one does.
import { OcirunError } from '../errors/error.ts';
import { orElse, readFile, monotonic } from '../sys/index.ts';
import { patience, silence, type Story } from '../waiting.ts';

/** A wait that goes on is told again after so many milliseconds. */
const repetition = 30_000;

/** Go on where `patiently` has come to: tell, wait, tell again. */
export function lookOn<T>(look: (milliseconds: number) => T | undefined, left: number, story: Story): T | undefined {
  const begin = monotonic();
  const end = left < 0 ? Infinity : begin + left;
  const { log, deadline } = patience;
  const over = deadline > 0 ? deadline : Infinity;
  for (let told = false; ; told = true) {
    const now = monotonic();
    if (now >= over) throw timedOut(story());
    if (now >= end) return undefined;
    const { message, details } = story();
    const since = told ? ` (for ${Math.round((now - begin + silence) / 1000)} s)` : '';
    log?.warn(`waiting for ${message}${since}`, { pointer: details.pointer, location: details.location });
    const found = look(Math.ceil(Math.min(repetition, end - now, over - now)));
    if (found !== undefined) return found;
  }
}

/** The end of `--timeout`. */
const timedOut = ({ message, details }: OcirunError): OcirunError =>
  new OcirunError('E_TIMEOUT', `timed out after ${patience.seconds} s (--timeout), waiting for ${message}`, details);

const waited = (what: string, details: OcirunError['details'] = {}): OcirunError =>
  new OcirunError('E_TIMEOUT', what, details);

/** A hook that the runtime runs. */
export function ofHook(pointer: string, path: string, pidfd: number): OcirunError {
  const [, , kind, index] = pointer.split('/');
  const pid = processOf(pidfd);
  const who = pid === undefined ? path : `${path}, process ${pid}`;
  return waited(`${kind} hook #${index} (${who})`, { pointer, path });
}

/** The process of a pidfd (proc(5), fdinfo). */
function processOf(pidfd: number): number | undefined {
  const text = orElse('ENOENT', '', () => readFile(`/proc/self/fdinfo/${pidfd}`, 4096));
  const [, pid] = /^Pid:\s+(\d+)$/m.exec(text) ?? [];
  return pid === undefined ? undefined : Number(pid);
}
