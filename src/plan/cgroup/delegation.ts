import type { Spec } from '../../spec/types.ts';
import { hasNamespace, isNew } from '../namespaces.ts';
import { cleanPath } from '../../clean-path.ts';

/**
 * Whether the cgroup is given to the user of the container: it has a cgroup namespace of its own, and a writable
 * /sys/fs/cgroup (config-linux.md "Cgroup ownership"). To root of the host it belongs anyway.
 */
export function isDelegated(spec: Spec): boolean {
  if (!spec.process?.user?.uid && !hasNamespace(spec, 'user')) return false;
  return (
    isNew(spec, 'cgroup') &&
    (spec.mounts ?? []).some(
      ({ type, destination, options = [] }) =>
        (type === 'cgroup' || type === 'cgroup2') &&
        cleanPath(destination) === '/sys/fs/cgroup' &&
        options.lastIndexOf('ro') <= options.lastIndexOf('rw'),
    )
  );
}
