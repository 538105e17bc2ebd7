import type { OcirunError } from './errors/error.ts';
import type { Log } from './log.ts';
import { Lock } from './sys/constants.ts';
import { monotonic, orElse, part, sys } from './sys/index.ts';

/**
 * What is being waited for, as an error that names it: its message goes on after "waiting for". Asked only once the wait
 * takes long.
 */
export type Story = () => OcirunError;

/** Whom this command tells what it waits for, and until when it waits (`--timeout`). */
export const patience: {
  log: Log | undefined;
  /** Milliseconds of the monotonic clock; 0 for no end. */
  deadline: number;
  /** What the user has given. */
  seconds: number;
  /** What else to look at where init takes long: it throws where there is no use in waiting. */
  mind?: () => void;
} = { log: undefined, deadline: 0, seconds: 0 };

/** What undoing may take after `--timeout`, milliseconds. */
export const grace = 1000;

/** A wait that takes longer is told. */
export const silence = 2000;

/** Begin to count the seconds of `--timeout`. */
export function setTimeLimit(seconds: number, log: Log): void {
  patience.log = log;
  patience.seconds = seconds;
  patience.deadline = seconds > 0 ? monotonic() + seconds * 1000 : 0;
}

/** What has to be done now has this much time, milliseconds; nothing where there is no limit. */
export function extendTimeLimit(least: number): void {
  if (patience.deadline > 0) patience.deadline = Math.max(patience.deadline, monotonic() + least);
}

/** From here on the command may take for ever. */
export function liftTimeLimit(): void {
  patience.deadline = 0;
}

/** How long a wait of at most `timeout` milliseconds (-1: for ever) may last before there is something to say. */
export function firstWait(timeout: number, longest = silence): number {
  const most = patience.deadline > 0 ? Math.max(0, Math.min(longest, patience.deadline - monotonic())) : longest;
  return Math.ceil(timeout >= 0 && timeout < most ? timeout : most);
}

/**
 * Wait with `look`, which takes milliseconds and answers undefined where nothing came in that time. Undefined where
 * nothing came within `timeout` (-1: for ever); E_TIMEOUT where the command's own time is over.
 */
export function patiently<T>(
  look: (milliseconds: number) => T | undefined,
  timeout: number,
  story: Story,
): T | undefined {
  const first = firstWait(timeout);
  const found = look(first);
  if (found !== undefined || first === timeout) return found;
  return part('waits').lookOn(look, timeout < 0 ? timeout : timeout - first, story);
}

const came = (events: readonly number[]): boolean => {
  for (let index = 0; index < events.length; index += 1) if (events[index] !== 0) return true;
  return false;
};

/** poll(2) in that way; nothing but zeros where nothing came within `timeout`. */
export function pollPatiently(fds: number[], wanted: number[], timeout: number, story: Story): number[] {
  const look = (milliseconds: number): number[] | undefined => {
    const events = sys.poll(fds, wanted, milliseconds);
    return came(events) ? events : undefined;
  };
  return patiently(look, timeout, story) ?? fds.map(() => 0);
}

/** Lock (flock(2)) what is free; false where somebody has it. */
export const tryLock = (fd: number): boolean =>
  orElse('EAGAIN', false, () => {
    sys.flock(fd, Lock.EXCLUSIVE | Lock.NONBLOCK);
    return true;
  });
