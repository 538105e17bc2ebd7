import { specVersion } from '../version.ts';
import { statusOf } from './status.ts';
import type { Container } from './store.ts';

/** The state of a container as users see it (runtime.md "State"), in runc's order; `owner` follows. */
export function stateView(container: Container) {
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
