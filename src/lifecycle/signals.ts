import { OcirunError } from '../errors/error.ts';

/** Signals in the order of their numbers (signal(7), x86 and ARM). */
const names =
  'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU ' +
  'XFSZ VTALRM PROF WINCH IO PWR SYS';

const others: Readonly<Record<string, number>> = { IOT: 6, CLD: 17, POLL: 29, UNUSED: 31, RTMIN: 34, RTMAX: 64 };
const lastSignal = 64;

/** The number of a signal given as `9`, `KILL` or `SIGKILL`, in any case; `RTMIN+n` and `RTMAX-n` too. */
export function signalNumber(text: string): number {
  const number = /^\d+$/.test(text) ? Number(text) : named(text.toUpperCase().replace(/^SIG/, ''));
  if (number >= 1 && number <= lastSignal) return number;
  throw new OcirunError('E_SIGNAL', `unknown signal "${text}"`);
}

function named(name: string): number {
  const realTime = /^(RTMIN|RTMAX)([+-]\d+)$/.exec(name);
  if (realTime) return (others[realTime[1] ?? ''] ?? 0) + Number(realTime[2]);
  return names.split(' ').indexOf(name) + 1 || (Object.hasOwn(others, name) ? (others[name] ?? 0) : 0);
}
