import type { Scheduler } from '../spec/types.ts';
import { type Step, stepOf } from './steps.ts';

/** Policies of sched(7) in the order of their numbers. */
export const schedulerPolicies = 'SCHED_OTHER SCHED_FIFO SCHED_RR SCHED_BATCH SCHED_ISO SCHED_IDLE SCHED_DEADLINE';

/** Flags of sched_setattr(2) in the order of their bits. */
export const schedulerFlags =
  'SCHED_FLAG_RESET_ON_FORK SCHED_FLAG_RECLAIM SCHED_FLAG_DL_OVERRUN SCHED_FLAG_KEEP_POLICY SCHED_FLAG_KEEP_PARAMS ' +
  'SCHED_FLAG_UTIL_CLAMP_MIN SCHED_FLAG_UTIL_CLAMP_MAX';

/** @param exact the integers of config.json that a JavaScript number cannot hold, by pointer */
export function schedulerStep(scheduler: Scheduler, exact: ReadonlyMap<string, bigint>): Step {
  const pointer = '/process/scheduler';
  const time = (name: 'runtime' | 'deadline' | 'period'): number | bigint =>
    exact.get(`${pointer}/${name}`) ?? scheduler[name] ?? 0;
  const bits = (scheduler.flags ?? []).reduce((sum, flag) => sum | (1 << schedulerFlags.split(' ').indexOf(flag)), 0);
  return stepOf('scheduler', pointer, [
    schedulerPolicies.split(' ').indexOf(scheduler.policy),
    bits,
    // A nice value may be negative: as the 32 bits that sched_attr has for it.
    (scheduler.nice ?? 0) >>> 0,
    scheduler.priority ?? 0,
    time('runtime'),
    time('deadline'),
    time('period'),
  ]);
}
