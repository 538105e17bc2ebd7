import type { Spec } from '../spec/types.ts';

/** One limit, for prlimit(2): the runtime sets it from outside, where it has the caller's privileges. */
export interface RlimitStep {
  readonly pointer: string;
  readonly name: string;
  readonly resource: number;
  readonly soft: bigint;
  readonly hard: bigint;
}

/** Names in the order of their numbers (getrlimit(2), asm-generic). */
const names = 'CPU FSIZE DATA STACK CORE RSS NPROC NOFILE MEMLOCK AS LOCKS SIGPENDING MSGQUEUE NICE RTPRIO RTTIME';

/** The number of `RLIMIT_…`, or -1. */
export const rlimitNumber = (name: string): number =>
  name.startsWith('RLIMIT_') ? names.split(' ').indexOf(name.slice(7)) : -1;

/**
 * The limits of `process.rlimits`.
 * @param exact the integers of config.json that a JavaScript number cannot hold, by pointer
 */
export function rlimitSteps(spec: Spec, exact: ReadonlyMap<string, bigint>): RlimitStep[] {
  return (spec.process?.rlimits ?? []).map(({ type, soft, hard }, index) => {
    const pointer = `/process/rlimits/${index}`;
    return {
      pointer,
      name: type,
      resource: rlimitNumber(type),
      soft: exact.get(`${pointer}/soft`) ?? BigInt(soft),
      hard: exact.get(`${pointer}/hard`) ?? BigInt(hard),
    };
  });
}
