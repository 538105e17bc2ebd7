import type { Control } from '../plan/cgroup/index.ts';
import { isSystemError, readFile, type SystemError, writeControl } from '../sys/index.ts';
import { whyNotEnabled } from './why-not-enabled.ts';

/** Controllers that a cgroup with processes beside it, or with single threads in it, can have (cgroup-v2.rst, "Threads"). */
export const isThreadAware = (controller: string): boolean =>
  ['cpu', 'cpuset', 'perf_event', 'pids'].includes(controller);

/** What a controller could not be enabled for: the level above, and what the kernel said. */
export interface Refused {
  readonly level: string;
  readonly error: SystemError;
}

/**
 * Give a cgroup every controller that the hierarchy has: each level has those that the one above enables for its
 * children. Those that `controls` need have to be there; the others are for statistics, and for whoever has the cgroup
 * delegated, and are left out where they cannot be had (runc does the same).
 * @param mount where the hierarchy is mounted
 */
export function enableControllers(mount: string, directory: string, controls: readonly Control[]): void {
  const available = listOf(mount, 'controllers');
  const needed = new Map<string, Control>();
  for (const control of controls)
    if (control.controller !== 'cgroup' && !needed.has(control.controller)) needed.set(control.controller, control);
  const refused = new Map<string, Refused>();
  const require = (present: readonly string[]): void => {
    for (const [controller, control] of needed)
      if (!present.includes(controller))
        throw whyNotEnabled({ mount, directory, available, control }, refused.get(controller));
  };
  require(available);
  const present = listOf(directory, 'controllers');
  if (available.every((controller) => present.includes(controller))) return;
  for (let at = mount.length; at >= 0; at = directory.indexOf('/', at + 1))
    enableBelow(directory.slice(0, at), [...needed.keys()], refused);
  require(listOf(directory, 'controllers'));
}

/** The words of one of the two lists of a cgroup. */
export const listOf = (directory: string, list: 'controllers' | 'subtree_control'): string[] =>
  readFile(`${directory}/cgroup.${list}`, 4096).trim().split(' ').filter(Boolean);

/** All at once; where the kernel refuses that, one by one, remembering what it says. */
function enableBelow(level: string, needed: readonly string[], refused: Map<string, Refused>): void {
  const enabled = listOf(level, 'subtree_control');
  const lacking = listOf(level, 'controllers').filter((controller) => !enabled.includes(controller));
  const together = lacking.length === 0 ? undefined : refusal(level, lacking);
  if (!together) return;
  // Of a cgroup with processes, one that counts threads would make the root of a threaded subtree, in which none of the
  // others works any more: only for whoever cannot do without.
  const wanted =
    together.error.code === 'EBUSY' ? lacking.filter((controller) => needed.includes(controller)) : lacking;
  const harmful = together.error.code === 'EBUSY' && !wanted.every(isThreadAware);
  for (const controller of wanted) {
    const alone = harmful ? together : refusal(level, [controller]);
    if (alone && !refused.has(controller)) refused.set(controller, alone);
  }
}

function refusal(level: string, controllers: readonly string[]): Refused | undefined {
  try {
    writeControl(`${level}/cgroup.subtree_control`, controllers.map((controller) => `+${controller}`).join(' '));
    return undefined;
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return { level, error };
  }
}
