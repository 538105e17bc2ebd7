import { start } from '../lifecycle/start.ts';
import { containerId, type Context } from './context.ts';

/** `start`: execute the program of a created container. */
export function startCommand(context: Context): number {
  start(context.root, containerId(context), context.log);
  return 0;
}
