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

const isByName = ({ pointer }: Control): boolean => pointer.startsWith(`${root}/unified/`);

const isPartOf = (control: Control, touched: ReadonlyMap<string, string>): boolean =>
  placeInUpdate(control.pointer, touched) !== undefined ||
  (!isByName(control) && madeOf[control.file]?.some((part) => touched.has(part)) === true);

/**
 * The values that an update writes: those it speaks of, and those that are others by it. All else stays as it is in the
 * kernel, where somebody may have changed it.
 * @param before the values of what the container had
 */
export function changed(
  after: readonly Control[],
  before: readonly Control[],
  touched: ReadonlyMap<string, string>,
): Control[] {
  const idle = after.filter(({ file }) => file === 'cpu.idle').at(-1);
  const isIdleSaid = idle !== undefined && isPartOf(idle, touched);
  const isWritten = (control: Control): boolean => {
    const { pointer, file, value } = control;
    // A cgroup that is idle has no weight, and the usual one once it is not any more (sched_group_set_idle).
    if (file === 'cpu.weight' && isIdleSaid && placeInUpdate(pointer, touched) === undefined) return idle.value !== '1';
    return isPartOf(control, touched) || !before.some((old) => old.file === file && old.value === value);
  };
  return after.filter(isWritten);
}

/** Whether an update gives another weight to what stays idle: the kernel takes none there (sched_group_set_shares). */
export function isWeightOfIdle(
  after: readonly Control[],
  shares: readonly [before: unknown, after: unknown],
  touched: ReadonlyMap<string, string>,
): boolean {
  const idle = after.filter(({ file }) => file === 'cpu.idle').at(-1);
  return (
    touched.has('/cpu/shares') && shares[0] !== shares[1] && idle?.value.trim() === '1' && !isPartOf(idle, touched)
  );
}

/** Whether they end idleness, where there is any. */
export const endsIdleness = (controls: readonly Control[]): boolean =>
  controls
    .filter(({ file }) => file === 'cpu.idle')
    .at(-1)
    ?.value.trim() === '0';

/** What is left to do where the cgroup is not idle: only with the end of idleness the kernel changes the weight. */
export const withoutEndOfIdleness = (controls: readonly Control[], touched: ReadonlyMap<string, string>): Control[] =>
  controls.filter(
    ({ file, pointer }) =>
      file !== 'cpu.idle' && (file !== 'cpu.weight' || placeInUpdate(pointer, touched) !== undefined),
  );

/** "8:0 rbps=1", "mlx5_0 hca_handle=2": an entry among others of the same file. */
const isEntry = (value: string): boolean => /^\d+:\d+ |=/.test(value);

/**
 * Files that the update gives a value in a field of their own, so that what `unified` said of them before counts no more
 * (runc forgets all of it with every update).
 */
export const overruled = (after: readonly Control[], touched: ReadonlyMap<string, string>): string[] =>
  after
    .filter((control) => !isByName(control) && isPartOf(control, touched) && !isEntry(control.value))
    .flatMap(({ file, instead }) => (instead ? [file, instead.file] : [file]))
    .filter((file) => !touched.has(`/unified/${file}`));
