/** What the tests of a played systemd have in common: a container, and where it is. */
import { type Edit, probing } from '../lib/config.ts';
import type { Sandbox } from '../lib/sandbox.ts';
import { type Asked, hierarchy } from './played.ts';

/** Its unit. */
export const unitOf = (box: Sandbox): string => `${box.name}-x.scope`;

/** The directory of its cgroup. */
export const directoryOf = (box: Sandbox): string => `${hierarchy}/${unitOf(box)}`;

const bundle = (box: Sandbox, ...edits: Edit[]): string =>
  box.bundle(probing('sleep'), (config) => void (config.linux.cgroupsPath = `-.slice:${box.name}:x`), ...edits);

/** The methods that systemd was asked for. */
export const members = (asked: readonly Asked[]): string[] => asked.map(({ member }) => member);

/** The words of a create. */
export const create = (box: Sandbox, ...edits: Edit[]): string[] => [
  '--systemd-cgroup',
  'create',
  '--bundle',
  bundle(box, ...edits),
  box.id(),
];

/** Call the runtime where there is no systemd. */
export const withoutSystemd = {
  through: ['unshare', '--mount', 'sh', '-c', 'mount -t tmpfs none /run; exec "$@"', 'sh'],
};
