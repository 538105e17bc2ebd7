import { OcirunError } from '../errors/error.ts';
import type { Control } from '../plan/cgroup/index.ts';
import { attempt, writeControl } from '../sys/index.ts';
import { isThreadAware } from './controllers.ts';
import { cgroupType } from './why-not-enabled.ts';

/**
 * A cgroup below one with threaded children can have processes only if it is threaded, too ("domain invalid",
 * cgroup-v2.rst "Threads"): make it so, unless a limit needs a domain. In such a cgroup nobody can be born, but moved.
 */
export function admitProcesses(directory: string, controls: readonly Control[]): void {
  if (cgroupType(directory) !== 'domain invalid') return;
  const path = `${directory}/cgroup.type`;
  const domain = controls.find(({ controller }) => controller !== 'cgroup' && !isThreadAware(controller));
  if (domain)
    throw new OcirunError(
      'E_CGROUP',
      `cannot enter cgroupv2 "${directory}" with domain controllers -- it is in an invalid state`,
      { path, pointer: domain.pointer, hint: 'the cgroup above is threaded: give linux.cgroupsPath another parent' },
    );
  attempt('E_CGROUP', `make cgroup ${directory} threaded`, () => writeControl(path, 'threaded'), { path });
}
