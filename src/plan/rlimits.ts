import type { Spec } from '../spec/types.ts';
import type { Step } from './steps.ts';

/** Names in the order of their numbers (getrlimit(2), asm-generic). */
const names = 'CPU FSIZE DATA STACK CORE RSS NPROC NOFILE MEMLOCK AS LOCKS SIGPENDING MSGQUEUE NICE RTPRIO RTTIME';

/** Every resource that we know. */
export const rlimitNames = (): string[] => names.split(' ').map((name) => `RLIMIT_${name}`);

/** The number of `RLIMIT_…`, or -1. */
export const rlimitNumber = (name: string): number =>
  name.startsWith('RLIMIT_') ? names.split(' ').indexOf(name.slice(7)) : -1;

/**
 * A step for each of `process.rlimits`: init sets them itself while it still has the caller's privileges.
 * @param exact the integers of config.json that a JavaScript number cannot hold, by pointer
 */
export function rlimitSteps(spec: Spec, exact: ReadonlyMap<string, bigint>): Step[] {
  return (spec.process?.rlimits ?? []).map(({ type, soft, hard }, index) => {
    const pointer = `/process/rlimits/${index}`;
    const limit = (name: string, value: number): number | bigint => exact.get(`${pointer}/${name}`) ?? value;
    const nums = [rlimitNumber(type), limit('soft', soft), limit('hard', hard)];
    return { op: 'limits', pointer, slots: [], nums, strs: [type] };
  });
}
