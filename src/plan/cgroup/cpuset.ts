import type { Control, Source } from './control.ts';

/** "cpuset.cpus" and "cpuset.mems" (config-linux.md "CPU"). */
export const cpusetControls = (source: Source): Control[] =>
  (['cpus', 'mems'] as const).flatMap((name) => {
    const value = source.resources.cpu?.[name] ?? '';
    return value === ''
      ? []
      : [{ pointer: source.pointer('cpu', name), controller: 'cpuset', file: `cpuset.${name}`, value }];
  });
