import { Bpf } from '../sys/constants.ts';
import { orElse, sys } from '../sys/index.ts';
import { attachDeviceProgram } from './device-program.ts';

/**
 * Attach a device program to a cgroup in the place of what is attached there. At no time is anything allowed that neither
 * the old nor the new one allows: a single old one is replaced in one step; of more, or of none, the new one comes to
 * their side before they go.
 */
export const replaceDeviceProgram = (directory: string, program: Uint8Array): void =>
  attachDeviceProgram(directory, program, (cgroup, loaded) => {
    const old = sys.devicePrograms(cgroup).flatMap(opened);
    try {
      const [only = -1] = old;
      if (old.length === 1) {
        sys.attachDeviceProgram(cgroup, loaded, Bpf.ALLOW_MULTI | Bpf.REPLACE, only);
        return;
      }
      sys.attachDeviceProgram(cgroup, loaded, Bpf.ALLOW_MULTI, -1);
      for (const each of old) orElse('ENOENT', undefined, () => sys.detachDeviceProgram(cgroup, each));
    } finally {
      old.forEach((fd) => sys.close(fd));
    }
  });

/** One that has gone by now is none to replace. */
const opened = (id: number): number[] => orElse('ENOENT', [], () => [sys.openProgram(id)]);
