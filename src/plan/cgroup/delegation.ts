import type { Spec } from '../../spec/types.ts';
import { isNew } from '../namespaces.ts';
import { cleanPath } from '../../clean-path.ts';

/**
 * Whether the cgroup is given to the user of the container: it has a cgroup namespace of its own, and a writable
 * /sys/fs/cgroup (config-linux.md "Cgroup ownership"). Nobody has to ask for root of the host: it has it.
 */
export function isDelegated(spec: Spec): boolean {
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
