import type { Control, Source } from './control.ts';

/** Bytes as files of cgroup v2 take them: 0 is "not given", -1 is no limit. */
export const bytesValue = (bytes: bigint): string | undefined =>
  bytes === 0n ? undefined : bytes < 0n ? 'max' : `${bytes}`;

/**
 * memory.swap.max is swap alone, `swap` is both together. No limit of memory is none of swap, unless there is one given.
 * What cannot be told (a limit of both without one of memory) is refused elsewhere.
 */
export function swapLimit(swap: bigint, limit: bigint): string | undefined {
  if (swap === 0n) return limit < 0n ? 'max' : undefined;
  if (swap < 0n) return 'max';
  return limit > 0n && swap >= limit ? `${swap - limit}` : undefined;
}

/** "memory.max" and its like (config-linux.md "Memory"). */
export function memoryControls(source: Source): Control[] {
  const { limit = 0, swap = 0, reservation = 0, checkBeforeUpdate } = source.resources.memory ?? {};
  const exact = (value: number, name: string): bigint => source.integer(value, 'memory', name);
  const [bytes, both] = [exact(limit, 'limit'), exact(swap, 'swap')];
  const control = (name: string, file: string, value: string | undefined, more: Partial<Control> = {}): Control[] =>
    value === undefined
      ? []
      : [{ pointer: source.pointer('memory', name), controller: 'memory', file, value, ...more }];
  const swapValue = swapLimit(both, bytes);
  const aboveUsage = [
    { what: 'memory+swap limit', limit: both },
    { what: 'memory limit', limit: bytes },
  ].filter((each) => checkBeforeUpdate === true && each.limit > 0n);
  return [
    // A machine without swap has no file for it; nobody needs one there to have no limit, or no swap.
    ...control(swap === 0 ? 'limit' : 'swap', 'memory.swap.max', swapValue, {
      ...(swapValue === 'max' || swapValue === '0'
        ? { optional: true }
        : { lacking: 'this machine does not count swap' }),
    }),
    ...control('limit', 'memory.max', bytesValue(bytes), aboveUsage.length > 0 ? { aboveUsage } : {}),
    ...control('reservation', 'memory.low', bytesValue(exact(reservation, 'reservation'))),
  ];
}
