import type { State } from '../spec/state-types.ts';
import { specVersion } from '../version.ts';
import { type Status, statusOf } from './status.ts';
import type { Container } from './store.ts';

/** The state of a container as users see it (runtime.md "State"), in runc's order; `owner` follows. */
export interface StateView extends Omit<State, 'status'> {
  readonly status: Status;
  readonly rootfs: string;
  /** When it was created, as RFC 3339 has it. */
  readonly created: string;
}

export function stateView(container: Container): StateView {
  const { record } = container;
  const status = statusOf(container);
  return {
    ociVersion: specVersion,
    id: record.id,
    pid: status === 'stopped' ? 0 : (container.init?.pid ?? 0),
    status,
    bundle: record.bundle,
    rootfs: record.rootfs,
    created: record.created,
    ...(record.annotations ? { annotations: record.annotations } : {}),
  };
}
