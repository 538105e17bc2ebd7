import { attachStep } from './bind.ts';
import { mountOptions } from './mount-options.ts';
import { bindPropagation } from './propagation.ts';
import type { Sources } from './sources.ts';
import type { Step } from './steps.ts';
import type { Spec } from '../spec/types.ts';

/** What the service manager of our caller has for the container. */
export interface FromManager {
  /** Descriptors from 3 on that are sockets to serve (sd_listen_fds(3)). */
  readonly listenFds: number;
  /** The directory of the socket for what the container has to say of itself (sd_notify(3)). */
  readonly notifyDirectory: string | undefined;
}

/** Where the container finds it, as with runc. */
const target = '/run/notify';
const options = ['nosuid', 'noexec', 'nodev', 'ro'];

/** Mount the directory of the socket. */
export function notifySteps(spec: Spec, directory: string | undefined, sources: Sources): Step[] {
  if (directory === undefined) return [];
  const slot = sources.add({ kind: 'tree', pointer: '', path: directory, recursive: false });
  return [attachStep(slot, mountOptions(options), { target, pointer: '' }, bindPropagation(spec))];
}

/** The variables that say so; they count more than those of config.json. The program is the first of its namespace. */
export const managerVariables = ({ listenFds, notifyDirectory }: FromManager): string[] => [
  ...(notifyDirectory === undefined ? [] : [`NOTIFY_SOCKET=${target}/notify.sock`]),
  ...(listenFds === 0 ? [] : [`LISTEN_FDS=${listenFds}`, 'LISTEN_PID=1']),
];
