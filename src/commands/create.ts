import { create } from '../lifecycle/create.ts';
import type { Context } from './context.ts';
import { createRequest } from './create-request.ts';

/** `create`: make a container, up to its program. */
export function createCommand(context: Context): number {
  create(createRequest(context), context.log);
  return 0;
}
