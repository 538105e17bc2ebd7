import type { Spec } from '../spec/types.ts';

/** A value for a control file of the container's cgroup. */
export interface Control {
  /** The part of config.json that asks for it. */
  readonly pointer: string;
  /** What the file belongs to (cgroup-v2.rst, "Controllers"). */
  readonly controller: string;
  /** Its name in the cgroup's directory. */
  readonly file: string;
  readonly value: string;
  /** What is wrong with a machine that does not have the file; undefined where it is none the worse. */
  readonly without?: string;
}

const units = ['K', 'M', 'G'];

/** The size as the kernel writes it in the names of its files: "1024MB" is its 1GB (mm/hugetlb_cgroup.c, mem_fmt). */
function kernelSize(pageSize: string): string {
  let count = Number.parseInt(pageSize, 10);
  let unit = units.indexOf(pageSize.slice(-2, -1));
  for (; count >= 1024 && unit < units.length - 1; unit += 1) count /= 1024;
  return `${count}${units[unit]}B`;
}

/**
 * What is written into the control files of the cgroup (config-linux.md "Huge page limits"); undefined for nothing.
 * @param exact the integers of config.json that a JavaScript number cannot hold, by pointer
 */
export function cgroupControls({ linux }: Spec, exact: ReadonlyMap<string, bigint>): Control[] | undefined {
  const limits = linux?.resources?.hugepageLimits;
  if (!limits || limits.length === 0) return undefined;
  return limits.flatMap(({ pageSize, limit }, index) => {
    const pointer = `/linux/resources/hugepageLimits/${index}`;
    const value = `${exact.get(`${pointer}/limit`) ?? BigInt(limit)}`;
    const control = { pointer, controller: 'hugetlb', value };
    const file = `hugetlb.${kernelSize(pageSize)}`;
    return [
      { ...control, file: `${file}.max`, without: `this machine has no huge pages of ${pageSize}` },
      // A reservation beyond the limit would only fail later, with SIGBUS. The file came with 5.7.
      { ...control, file: `${file}.rsvd.max` },
    ];
  });
}
