import { pause, resume } from '../lifecycle/freeze.ts';
import { containerId, type Context } from './context.ts';

/** `pause`: stop every process of a container where it is. */
export function pauseCommand(context: Context): number {
  pause(context.root, containerId(context));
  return 0;
}

/** `resume`: let them go on. */
export function resumeCommand(context: Context): number {
  resume(context.root, containerId(context));
  return 0;
}
