import type { DeviceFilter } from '../plan/device-filter/rules.ts';
import { broken, type Refusal } from '../validate/finding.ts';

/** A rule that would be ignored, as one that is broken. */
export function deviceHole({ hole }: DeviceFilter, pointer: string): Refusal | undefined {
  if (!hole) return undefined;
  return broken(`${pointer}/${hole.rule}`, hole.message, {
    hint: 'cgroup v1 would ignore it; name the devices one by one, or the same ones in both rules',
  });
}
