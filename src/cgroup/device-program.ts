import { Bpf, O } from '../sys/constants.ts';
import { attempt, sys, withFd } from '../sys/index.ts';

/**
 * Attach a device program to a cgroup beside what is attached there (every one of them has to allow what is wanted), or
 * have `attach` do it with the descriptors of the cgroup and the program.
 */
export function attachDeviceProgram(directory: string, program: Uint8Array, attach = attachBeside): void {
  const told = { path: directory };
  const loaded = attempt(
    'E_CGROUP',
    `load the device program of cgroup ${directory}`,
    () => sys.loadDeviceProgram(program),
    told,
  );
  withFd(loaded, () =>
    attempt(
      'E_CGROUP',
      `attach the device program to cgroup ${directory}`,
      () => withFd(sys.open(directory, O.PATH | O.DIRECTORY, 0), (cgroup) => attach(cgroup, loaded)),
      told,
    ),
  );
}

const attachBeside = (cgroup: number, program: number): void =>
  sys.attachDeviceProgram(cgroup, program, Bpf.ALLOW_MULTI, -1);
