import type { Control, Source } from './control.ts';

/** 0 is a limit, and a process has to be in it: 1, as systemd and runc have it. Below that there is none. */
export const pidsLimit = (limit: bigint): string => (limit < 0n ? 'max' : limit === 0n ? '1' : `${limit}`);

/** "pids.max" (config-linux.md "PIDs"). */
export function pidsControls(source: Source): Control[] {
  const limit = source.resources.pids?.limit;
  if (limit === undefined) return [];
  const value = pidsLimit(source.integer(limit, 'pids', 'limit'));
  return [{ pointer: source.pointer('pids', 'limit'), controller: 'pids', file: 'pids.max', value, late: true }];
}
