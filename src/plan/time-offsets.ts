import type { Spec } from '../spec/types.ts';
import { isNew } from './namespaces.ts';
import { type Step, stepOf } from './steps.ts';

const clocks = ['monotonic', 'boottime'] as const;

/**
 * The step that makes the time namespace, where its clocks are to be set (time_namespaces(7)): nobody can do that any
 * more once a process is in it.
 * @param exact the integers of config.json that a JavaScript number cannot hold, by pointer
 */
export function timeOffsetSteps(spec: Spec, exact: ReadonlyMap<string, bigint>): Step[] {
  const offsets = spec.linux?.timeOffsets;
  if (!offsets || !isNew(spec, 'time')) return [];
  const lines = clocks.flatMap((clock) => {
    const offset = offsets[clock];
    if (!offset) return [];
    const seconds = exact.get(`/linux/timeOffsets/${clock}/secs`) ?? offset.secs ?? 0;
    return [`${clock} ${seconds} ${offset.nanosecs ?? 0}`];
  });
  return lines.length === 0 ? [] : [stepOf('timeOffsets', '/linux/timeOffsets', [], lines)];
}
