import { orElse, readFile } from '../../sys/index.ts';

/** Where the cgroups of the system's service manager begin, from the root of the hierarchy: '' but for a container. */
export function systemRoot(): string {
  const line = orElse('ENOENT EACCES', '', () => readFile('/proc/1/cgroup', 65536))
    .split('\n')
    .find((entry) => entry.startsWith('0::') && entry.endsWith('/init.scope'));
  return line?.slice('0::'.length, -'/init.scope'.length) ?? '';
}
