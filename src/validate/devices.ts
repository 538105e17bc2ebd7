import type { Device, Spec } from '../spec/types.ts';
import { cleanPath } from '../clean-path.ts';
import { type Refusal, absolutely, adding, broken } from './finding.ts';
import { hasNamespace } from './namespaces.ts';

/** What the kernel has bits for (MAJOR and MINOR of linux/kdev_t.h). */
const limits = { major: 2 ** 12, minor: 2 ** 20 } as const;

/** A device is a path, and two numbers unless it is a fifo (config-linux.md "Devices"). */
export function devicesAreWhole({ linux }: Spec): Refusal[] {
  return (linux?.devices ?? []).flatMap((device, index) => {
    const pointer = `/linux/devices/${index}`;
    const path = pathRefusals(device.path, `${pointer}/path`);
    return device.type === 'p' ? path : [...path, ...numberRefusals(device, pointer)];
  });
}

function pathRefusals(path: string, pointer: string): Refusal[] {
  if (!path.startsWith('/')) return [broken(pointer, `device path "${path}" must be absolute`, absolutely)];
  return cleanPath(path) === '/' ? [broken(pointer, `device path "${path}" is the root of the container`)] : [];
}

const numberRefusals = (device: Device, pointer: string): Refusal[] =>
  (['major', 'minor'] as const).flatMap((name) => {
    const value = device[name];
    if (value === undefined) return [broken(`${pointer}/${name}`, `device ${device.path} needs a ${name} number`)];
    return value >= 0 && value < limits[name]
      ? []
      : [
          broken(`${pointer}/${name}`, `device ${device.path}: the ${name} number ${value} is out of range`, {
            expected: `0 to ${limits[name] - 1}`,
          }),
        ];
  });

/** Without a mount namespace of its own, there is no root filesystem that is the container's alone. */
export const devicesNeedMountNamespace = (spec: Spec): Refusal[] =>
  spec.linux?.devices?.length && !hasNamespace(spec, 'mount')
    ? [broken('/linux/devices', 'unable to make devices without a private MNT namespace', adding('mount'))]
    : [];

/** Two devices cannot be at one path (config-linux.md "Devices": what is there already has to match). */
export function devicesDoNotCollide({ linux }: Spec): Refusal[] {
  const seen = new Map<string, string>();
  return (linux?.devices ?? []).flatMap(({ path, type, major, minor }, index) => {
    const [where, what] = [cleanPath(path), `${type === 'u' ? 'c' : type} ${major}:${minor}`];
    const other = seen.get(where) ?? what;
    seen.set(where, other);
    return other === what
      ? []
      : [broken(`/linux/devices/${index}/path`, `device ${path} is listed twice, as ${other} and as ${what}`)];
  });
}
