import { OcirunError } from '../errors/error.ts';
import { attempt, orElse, sys } from '../sys/index.ts';

/**
 * How many descriptors from 3 on our service manager has given us to be served, and not just somebody before us
 * (sd_listen_fds(3)).
 */
export function listenFds(): number {
  const count = variable('LISTEN_FDS');
  if (!count || !/^\d{1,6}$/.test(count) || variable('LISTEN_PID') !== `${sys.getpid()}`) return 0;
  for (let fd = 3; fd < 3 + Number(count); fd += 1)
    if (!sys.isInherited(fd))
      throw new OcirunError('E_USAGE', `LISTEN_FDS is ${count}, but descriptor ${fd} is not open`);
  return Number(count);
}

/** What is not text is no number either. */
const variable = (name: string): string | undefined => orElse('EILSEQ', undefined, () => sys.getenv(name));

/** The socket where our service manager wants to be told that we are ready (sd_notify(3)). */
export const notifySocket = (): string | undefined =>
  attempt('E_USAGE', 'read NOTIFY_SOCKET', () => sys.getenv('NOTIFY_SOCKET')) || undefined;
