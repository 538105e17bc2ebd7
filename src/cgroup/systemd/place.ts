import { At } from '../../sys/constants.ts';
import { orElse, readFile, sys } from '../../sys/index.ts';
import { versionOf } from './manager.ts';

/** Where the cgroups of the system's service manager begin, from the root of the hierarchy: '' but for a container. */
export function systemRoot(): string {
  const line = orElse('ENOENT EACCES', '', () => readFile('/proc/1/cgroup', 65536))
    .split('\n')
    .find((entry) => entry.startsWith('0::') && entry.endsWith('/init.scope'));
  return line?.slice('0::'.length, -'/init.scope'.length) ?? '';
}

/** What plan/systemd has to know of the machine; a version that was not asked for is that of today. */
export const systemdFacts = (cgroupMount: string, version: string): { version: number; bfq: boolean } => ({
  version: version === '' ? Infinity : versionOf(version),
  bfq: sys.exists(At.FDCWD, `${cgroupMount}/init.scope/io.bfq.weight`),
});
