import { run } from '../lifecycle/run.ts';
import type { Context } from './context.ts';
import { createRequest } from './create-request.ts';

/** `run`: make a container, execute its program and, unless detached, wait for it. */
export function runCommand(context: Context): number {
  const { options, log } = context;
  return run(
    {
      ...createRequest(context),
      detach: options['detach'] === true,
      keep: options['keep'] === true,
      subreaper: options['no-subreaper'] !== true,
    },
    log,
  );
}
