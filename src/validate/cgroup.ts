import type { Spec } from '../spec/types.ts';
import { type Refusal, broken } from './finding.ts';

/** "Runtimes MAY consider certain `cgroupsPath` values to be invalid" (config-linux.md "Cgroups Path"). */
export function cgroupsPathIsSound({ linux }: Spec): Refusal[] {
  const path = linux?.cgroupsPath ?? '';
  const pointer = '/linux/cgroupsPath';
  if (path.includes('..') && path.split('/').includes('..'))
    return [
      broken(pointer, `cgroupsPath "${path}" has an element ".."`, {
        expected: 'a path that names each cgroup on its way',
      }),
    ];
  // The kernel makes no such directory: its lists have one path a line.
  return path.includes('\n') ? [broken(pointer, 'cgroupsPath has a line break')] : [];
}
