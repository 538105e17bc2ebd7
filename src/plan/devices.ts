import { cleanPath } from '../clean-path.ts';
import type { Device, Spec } from '../spec/types.ts';
import { hasNamespace } from './namespaces.ts';
import type { Sources } from './sources.ts';
import { type Step, slots, stepOf } from './steps.ts';

/** S_IFMT types of mknod(2). */
const types: Readonly<Record<string, number>> = { c: 0o020000, u: 0o020000, b: 0o060000, p: 0o010000 };

/** Engines put the type of the node into its mode, too. */
const permissions = 0o7777;

/** A device, and what of config.json asks for it. */
type Node = Device & { readonly pointer: string };

const characterDevice = (path: string, major: number, minor: number): Node => ({
  type: 'c',
  path,
  major,
  minor,
  pointer: '',
});

/** config-linux.md "Default Devices". */
const defaultDevices: readonly Node[] = [
  characterDevice('/dev/null', 1, 3),
  characterDevice('/dev/zero', 1, 5),
  characterDevice('/dev/full', 1, 7),
  characterDevice('/dev/random', 1, 8),
  characterDevice('/dev/urandom', 1, 9),
  characterDevice('/dev/tty', 5, 0),
];

/** runtime-linux.md "Dev symbolic links"; `ptmx` as config-linux.md has it. */
const defaultLinks: readonly (readonly [string, string])[] = [
  ['/proc/self/fd', '/dev/fd'],
  ['/proc/self/fd/0', '/dev/stdin'],
  ['/proc/self/fd/1', '/dev/stdout'],
  ['/proc/self/fd/2', '/dev/stderr'],
  ['pts/ptmx', '/dev/ptmx'],
];

/**
 * `linux.devices`, and the devices and links that every container gets; nothing of it where /dev is a bind mount, or
 * the host's own: that one is somebody else's and complete, as with runc.
 * @param kcore whether the host has /proc/kcore (as runc asks)
 */
export function deviceSteps(spec: Spec, kcore: boolean, sources: Sources): Step[] {
  if (!hasNamespace(spec, 'mount') || hasForeignDev(spec)) return [];
  const links = kcore ? [...defaultLinks, ['/proc/kcore', '/dev/core'] as const] : defaultLinks;
  // The kernel makes no device for the root of a user namespace: it gets those of the host.
  const step = hasNamespace(spec, 'user') ? (node: Node): Step => attached(node, sources) : made;
  return [...devicesOf(spec).map(step), ...links.map((link) => stepOf('symlink', '', [], link, [slots.root]))];
}

const hasForeignDev = ({ mounts }: Spec): boolean =>
  mounts?.some(
    ({ destination, type, options }) =>
      destination.includes('dev') &&
      cleanPath(destination) === '/dev' &&
      (type === 'bind' || options?.some((option) => option === 'bind' || option === 'rbind')),
  ) ?? false;

/** One that the config lists replaces a default one. /dev/ptmx is a link into the container's own devpts. */
function devicesOf({ linux }: Spec): readonly Node[] {
  if (!linux?.devices?.length) return defaultDevices;
  const nodes = new Map(defaultDevices.map((node) => [node.path, node]));
  linux.devices.forEach((device, index) => {
    const path = cleanPath(device.path);
    if (path !== '/dev/ptmx') nodes.set(path, { ...device, path, pointer: `/linux/devices/${index}` });
  });
  return [...nodes.values()];
}

const typeOf = ({ type }: Node): number => types[type] ?? 0;

function made(node: Node): Step {
  const { path, pointer, major = 0, minor = 0, fileMode = 0o666, uid = 0, gid = 0 } = node;
  return stepOf(
    'device',
    pointer,
    [typeOf(node) | (fileMode & permissions), major, minor, uid, gid],
    [path],
    [slots.root],
  );
}

function attached(node: Node, sources: Sources): Step {
  // Anybody may make a fifo.
  if (node.type === 'p') return made(node);
  const { path, pointer, major = 0, minor = 0 } = node;
  const slot = sources.add({ kind: 'tree', pointer: pointer && `${pointer}/path`, path, recursive: false });
  return stepOf('attachDevice', pointer, [typeOf(node), major, minor], [path], [slots.root, slot]);
}
