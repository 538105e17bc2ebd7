import type { Control, Source } from './control.ts';

/**
 * Shares of cgroup v1 (2 to 262144, usually 1024) as a weight of v2 (1 to 10000, usually 100): a curve through all
 * three, the same as runc's since 1.3.2 and crun's since 1.23.
 */
export function cpuWeight(shares: number): number {
  if (shares <= 2) return 1;
  if (shares >= 262_144) return 10_000;
  const power = Math.log2(shares);
  return Math.ceil(10 ** ((power * power + 125 * power) / 612 - 7 / 34));
}

/** What the kernel has where nothing is said (cgroup-v2.rst, "cpu.max"). */
const usualPeriod = 100_000n;

/** "cpu.max" and its like (config-linux.md "CPU"); 0 is "not given" for shares, quota and period. */
export function cpuControls(source: Source): Control[] {
  const { shares = 0, quota = 0, period = 0, burst, idle } = source.resources.cpu ?? {};
  const exact = (value: number, name: string): bigint => source.integer(value, 'cpu', name);
  const control = (name: string, file: string, value: string, more: Partial<Control> = {}): Control => ({
    pointer: source.pointer('cpu', name),
    controller: 'cpu',
    file,
    value,
    ...more,
  });
  const most = exact(quota, 'quota');
  const time = `${most > 0n ? most : 'max'} ${period === 0 ? usualPeriod : exact(period, 'period')}`;
  const hasTime = quota !== 0 || period !== 0;
  return [
    ...(idle === undefined ? [] : [control('idle', 'cpu.idle', `${idle}`, idle === 0 ? { optional: true } : {})]),
    // The kernel refuses to give a weight to an idle cgroup (sched_group_set_shares).
    ...(shares === 0 || idle === 1 ? [] : [control('shares', 'cpu.weight', `${cpuWeight(shares)}`)]),
    // Before the quota, which may not come below the old burst; not above the old quota, though.
    ...(burst === undefined
      ? []
      : [
          control('burst', 'cpu.max.burst', `${exact(burst, 'burst')}`, {
            ...(burst === 0 ? { optional: true } : { lacking: 'a burst of CPU time needs Linux 5.14 or newer' }),
            ...(hasTime ? { again: true } : {}),
          }),
        ]),
    ...(hasTime ? [control(quota === 0 ? 'period' : 'quota', 'cpu.max', time)] : []),
  ];
}
