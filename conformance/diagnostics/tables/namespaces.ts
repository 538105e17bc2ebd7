/** Namespaces that cannot be joined or made, and id maps that the kernel refuses. */
import type { Config } from '../../lib/config.ts';
import type { Sandbox } from '../../lib/sandbox.ts';
import { type Entry, editing } from '../entry.ts';

const join =
  (type: string, path: (box: Sandbox) => string) =>
  (config: Config, box: Sandbox): void => {
    const others = config.linux.namespaces.filter((each) => each.type !== type);
    config.linux.namespaces = [...others, { type, path: path(box) }];
  };

const maps =
  (...list: readonly (readonly [containerID: number, hostID: number, size: number])[]) =>
  (config: Config): void => {
    config.linux.namespaces.push({ type: 'user' });
    const mappings = list.map(([containerID, hostID, size]) => ({ containerID, hostID, size }));
    Object.assign(config.linux, { uidMappings: mappings, gidMappings: mappings });
  };

export const namespaces: readonly Entry[] = [
  editing(
    'namespace-path-missing',
    join('network', (box) => box.path('no-such-namespace')),
  ),
  editing(
    'namespace-of-a-process-that-is-gone',
    join('ipc', () => '/proc/4194304/ns/ipc'),
  ),
  editing(
    'namespace-path-is-a-file',
    join('network', (box) => box.file('no-namespace')),
  ),
  editing(
    'namespace-path-is-a-directory',
    join('uts', (box) => box.path('bundle')),
  ),
  editing(
    'namespace-of-another-type',
    join('network', () => '/proc/self/ns/uts'),
  ),
  editing(
    'namespace-of-the-runtime-itself',
    join('mount', () => '/proc/self/ns/mnt'),
  ),
  editing(
    'namespace-of-users-of-another-type',
    join('user', () => '/proc/self/ns/net'),
  ),
  editing('sysctl-of-a-network-that-is-the-host’s', (config, box) => {
    join('network', () => '/proc/self/ns/net')(config, box);
    config.linux['sysctl'] = { 'net.ipv4.ip_forward': '0' };
  }),
  editing('maps-that-overlap', maps([0, 100000, 100], [50, 200000, 100]), { prepare: (box) => box.give(100000) }),
  editing('maps-of-no-size', maps([0, 100000, 0]), { prepare: (box) => box.give(100000) }),
  editing('maps-beyond-the-last-id', maps([0, 4294967290, 100]), { prepare: (box) => box.give(100000) }),
  editing('maps-too-many', maps(...Array.from({ length: 400 }, (_, index) => [index, 100000 + index, 1] as const)), {
    prepare: (box) => box.give(100000),
  }),
  editing('time-offset-below-zero', (config) => {
    config.linux.namespaces.push({ type: 'time' });
    config.linux['timeOffsets'] = { monotonic: { secs: -1_000_000_000, nanosecs: 0 } };
  }),
];
