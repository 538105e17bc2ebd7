import { forceRemove, remove } from '../lifecycle/delete.ts';
import { containerId, type Context } from './context.ts';

/** `delete`: remove what is left of a container. */
export function deleteCommand(context: Context): number {
  const end = context.options['force'] === true ? forceRemove : remove;
  end(context.root, containerId(context), context.log);
  return 0;
}
