import { forceRemove, remove } from '../lifecycle/delete.ts';
import { containerId, type Context } from './context.ts';

/** `delete`: remove what is left of a container. */
export function deleteCommand(context: Context): number {
  if (context.options['force'] === true) forceRemove(context.root, containerId(context));
  else remove(context.root, containerId(context));
  return 0;
}
