import type { Resources } from '../../spec/types.ts';
import { blockIoControls } from './block-io.ts';
import { type Control, Source } from './control.ts';
import { cpuControls } from './cpu.ts';
import { cpusetControls } from './cpuset.ts';
import { hugepageControls } from './hugepages.ts';
import { memoryControls } from './memory.ts';
import { pidsControls } from './pids.ts';
import { rdmaControls } from './rdma.ts';
import { unifiedControls } from './unified.ts';

export type { Control } from './control.ts';

/** In runc's order; what is written last counts, and that is what the user wrote for cgroup v2. */
const subjects: readonly ((source: Source) => readonly Control[])[] = [
  pidsControls,
  memoryControls,
  blockIoControls,
  cpuControls,
  cpusetControls,
  hugepageControls,
  rdmaControls,
  unifiedControls,
];

/**
 * What is written into the control files of a cgroup, in order. Rules for devices are not among it.
 * @param resources `linux.resources`, or what `update` is given
 * @param exact the integers that a JavaScript number cannot hold, by pointer
 * @param root the pointer of `resources` in its document
 */
export function resourceControls(
  resources: Resources,
  exact: ReadonlyMap<string, bigint> = new Map(),
  root = '/linux/resources',
): Control[] {
  const source = new Source(resources, exact, root);
  return subjects.flatMap((controls) => controls(source));
}
