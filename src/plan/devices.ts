import { type Step, slots } from './steps.ts';

const characterDevice = 0o020000;

/** config-linux.md "Default Devices": path, major, minor. */
const defaultDevices: readonly (readonly [string, number, number])[] = [
  ['/dev/null', 1, 3],
  ['/dev/zero', 1, 5],
  ['/dev/full', 1, 7],
  ['/dev/random', 1, 8],
  ['/dev/urandom', 1, 9],
  ['/dev/tty', 5, 0],
];

/** runtime-linux.md "Dev symbolic links"; `ptmx` as config-linux.md has it. */
const defaultLinks: readonly (readonly [string, string])[] = [
  ['/proc/self/fd', '/dev/fd'],
  ['/proc/self/fd/0', '/dev/stdin'],
  ['/proc/self/fd/1', '/dev/stdout'],
  ['/proc/self/fd/2', '/dev/stderr'],
  ['pts/ptmx', '/dev/ptmx'],
];

/** The devices and links that every container gets. `kcore`: whether the host has /proc/kcore (as runc asks). */
export function deviceSteps(kcore: boolean): Step[] {
  const links = kcore ? [...defaultLinks, ['/proc/kcore', '/dev/core'] as const] : defaultLinks;
  return [
    ...defaultDevices.map(([path, major, minor]): Step => ({
      op: 'device',
      pointer: '',
      slots: [slots.root],
      nums: [characterDevice | 0o666, major, minor, 0, 0],
      strs: [path],
    })),
    ...links.map(([content, path]): Step => ({
      op: 'symlink',
      pointer: '',
      slots: [slots.root],
      nums: [],
      strs: [content, path],
    })),
  ];
}
