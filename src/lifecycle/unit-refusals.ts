import { isSystemUser, systemManager, userManager } from '../cgroup/systemd/manager.ts';
import { unitOf } from '../cgroup/systemd/unit.ts';
import { OcirunError } from '../errors/error.ts';
import type { Spec } from '../spec/types.ts';
import type { Refusal } from '../validate/finding.ts';
import { annotatedProperties } from './unit-annotations.ts';

function refusalOf(action: () => unknown, pointer: string): Refusal[] {
  try {
    action();
    return [];
  } catch (error) {
    if (!(error instanceof OcirunError)) throw error;
    const { code, message, details } = error;
    return [{ code, message, details: { pointer, ...details } }];
  }
}

/**
 * What keeps a container from being a unit of systemd.
 * @param host whether this machine is asked, too
 */
export function unitRefusals({ linux, annotations }: Spec, host: boolean): Refusal[] {
  const isSystem = isSystemUser();
  const pointer = '/linux/cgroupsPath';
  return [
    ...refusalOf(() => unitOf(linux?.cgroupsPath, 'container', !isSystem), pointer),
    ...refusalOf(() => annotatedProperties(annotations), '/annotations'),
    ...(host ? refusalOf(() => (isSystem ? systemManager() : userManager()).bus.close(), pointer) : []),
  ];
}
