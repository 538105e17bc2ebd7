import type { Control, Source } from './control.ts';

const units = ['K', 'M', 'G'];

/** The size as the kernel writes it in the names of its files: "1024MB" is its 1GB (mm/hugetlb_cgroup.c, mem_fmt). */
export function kernelSize(pageSize: string): string {
  let count = Number.parseInt(pageSize, 10);
  let unit = units.indexOf(pageSize.slice(-2, -1));
  for (; count >= 1024 && unit < units.length - 1; unit += 1) count /= 1024;
  return `${count}${units[unit]}B`;
}

/** "hugetlb.<size>.max" (config-linux.md "Huge page limits"). */
export const hugepageControls = (source: Source): Control[] =>
  (source.resources.hugepageLimits ?? []).flatMap(({ pageSize, limit }, index) => {
    const value = `${source.integer(limit, 'hugepageLimits', index, 'limit')}`;
    const control = { pointer: source.pointer('hugepageLimits', index), controller: 'hugetlb', value };
    const file = `hugetlb.${kernelSize(pageSize)}`;
    return [
      { ...control, file: `${file}.max`, lacking: `this machine has no huge pages of ${pageSize}` },
      // A reservation beyond the limit would only fail later, with SIGBUS. The file came with 5.7.
      { ...control, file: `${file}.rsvd.max`, optional: true },
    ];
  });
