import { OcirunError } from '../errors/error.ts';
import { listenFds, notifySocket } from '../lifecycle/manager.ts';
import type { CreateRequest } from '../lifecycle/prepare.ts';
import { containerId, type Context, countOption, textOption } from './context.ts';

/** What the options that `create`, `run` and `plan` have in common ask for. */
export function createRequest(context: Context): CreateRequest {
  const { options, root, systemdCgroup } = context;
  if (options['console-socket'] !== undefined)
    throw new OcirunError('E_NOT_SUPPORTED_YET', '--console-socket is not supported yet');
  return {
    id: containerId(context),
    root,
    bundle: textOption(context, 'bundle') ?? '.',
    pidFile: textOption(context, 'pid-file'),
    pivot: options['no-pivot'] !== true,
    newKeyring: options['no-new-keyring'] !== true,
    listenFds: listenFds(),
    preserveFds: countOption(context, 'preserve-fds'),
    notifySocket: notifySocket(),
    pidfdSocket: textOption(context, 'pidfd-socket'),
    systemdCgroup,
    waitForStart: true,
  };
}
