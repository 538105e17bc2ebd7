import { setControls } from '../cgroup/controls.ts';
import type { Plan } from '../plan/build.ts';
import type { Prepared } from './prepare.ts';

/** What the container may use (config-linux.md "Control groups"): set once its cgroup is there, before init goes on. */
export function setResources({ host, cgroup }: Prepared, { controls }: Plan): void {
  if (controls) setControls(host.cgroupMount, cgroup, controls);
}
