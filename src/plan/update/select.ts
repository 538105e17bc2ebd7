import type { Control } from '../cgroup/control.ts';

const root = '/linux/resources';

/** Values that are made of more than one part of the document. */
const madeOf: Readonly<Record<string, readonly string[]>> = {
  'memory.swap.max': ['/memory/limit', '/memory/swap'],
  'cpu.max': ['/cpu/quota', '/cpu/period'],
};

/** Where a part of the merged document stands in the update; undefined for what does not come from it. */
export function placeInUpdate(pointer: string, touched: ReadonlyMap<string, string>): string | undefined {
  const path = pointer.startsWith(root) ? pointer.slice(root.length) : pointer;
  for (let at = path; at !== ''; at = at.slice(0, at.lastIndexOf('/'))) {
    const from = touched.get(at);
    if (from !== undefined) return from + path.slice(at.length);
  }
  // An object of which a part comes from it.
  for (const [each, from] of touched) if (each.startsWith(`${path}/`)) return from.slice(0, path.length);
  return undefined;
}

/**
 * The values that an update writes: those it speaks of, and those that are others by it. All else stays as it is in the
 * kernel, where somebody may have changed it.
 * @param before the values of what the container had
 */
export const changed = (
  after: readonly Control[],
  before: readonly Control[],
  touched: ReadonlyMap<string, string>,
): Control[] =>
  after.filter(
    ({ pointer, file, value }) =>
      placeInUpdate(pointer, touched) !== undefined ||
      madeOf[file]?.some((part) => touched.has(part)) ||
      !before.some((old) => old.file === file && old.value === value),
  );
