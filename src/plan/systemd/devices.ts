import { any, type DeviceException, type DeviceFilter, lettersOf } from '../device-filter/rules.ts';
import type { Property } from './properties.ts';

const kinds = { b: 'block', c: 'char' } as const;

/** A device as DeviceAllow= names it (systemd.resource-control(5)); its numbers need no node to be there. */
function deviceName({ type, major, minor }: DeviceException): string {
  const kind = kinds[type];
  // systemd cannot say "minor 5 of every major": more than that, then. Our own program is exact, and both have to allow.
  if (major === any) return `${kind}-*`;
  return minor === any ? `${kind}-${major}` : `/dev/${kind}/${major}:${minor}`;
}

/**
 * The device filter as properties. systemd attaches a program of its own beside ours and renews it when it reads its
 * units again: it must never allow less than ours. It has words for lists of what is allowed only; another filter is
 * left to ours.
 */
export function deviceProperties({ allow, exceptions }: DeviceFilter): Property[] {
  const list = allow ? [] : exceptions.map((exception) => [deviceName(exception), lettersOf(exception.access)]);
  return [
    ['DevicePolicy', { signature: 's', value: allow ? 'auto' : 'strict' }],
    // In an update an empty list clears what was there, and the next one adds to it.
    ['DeviceAllow', { signature: 'a(ss)', value: [] }],
    ...(list.length > 0 ? [['DeviceAllow', { signature: 'a(ss)', value: list }] as const] : []),
  ];
}
