import type { DeviceRule } from '../../spec/types.ts';

/** Letters of `access` as the kernel's bits (BPF_DEVCG_ACC_*). */
const accessBits: Readonly<Record<string, number>> = { m: 1, r: 2, w: 4 };

/** Every number, as in config.json. */
export const any = -1;

/** Devices to which the opposite of the filter's `allow` applies. */
export interface DeviceException {
  readonly type: 'b' | 'c';
  /** `any`, or the number. */
  readonly major: number;
  readonly minor: number;
  /** Bits: 1 mknod, 2 read, 4 write. */
  readonly access: number;
  /** The rule that asks for it, as its index; those of every container count on from the last one of the document. */
  readonly rule: number;
}

/** A rule that cannot be: it takes something away from an exception for more devices than it names. */
export interface Hole {
  /** The rule of the document that is to blame. */
  readonly rule: number;
  readonly message: string;
}

/** What a list of rules comes to, with nothing left of their order. */
export interface DeviceFilter {
  /** Whether devices that are no exception are allowed. */
  readonly allow: boolean;
  readonly exceptions: readonly DeviceException[];
  readonly hole?: Hole;
}

const allowed = (type: 'b' | 'c', major: number, minor: number, access = 'rwm'): DeviceRule => ({
  allow: true,
  type,
  major,
  minor,
  access,
});

/**
 * What runc allows every container, after all rules of its document (specconv, AllowedDevices): any node may be made, the
 * default devices of config-linux.md "Default Devices" may be used, and so may pseudoterminals and /dev/net/tun.
 */
export const defaultDeviceRules: readonly DeviceRule[] = [
  allowed('c', any, any, 'm'),
  allowed('b', any, any, 'm'),
  allowed('c', 1, 3),
  allowed('c', 1, 8),
  allowed('c', 1, 7),
  allowed('c', 5, 0),
  allowed('c', 1, 5),
  allowed('c', 1, 9),
  allowed('c', 136, any),
  allowed('c', 5, 2),
  allowed('c', 10, 200),
];

type Exceptions = Map<string, DeviceException>;

const bitsOf = (access: string): number => [...access].reduce((bits, letter) => bits | (accessBits[letter] ?? 0), 0);

export const lettersOf = (access: number): string =>
  ['r', 'w', 'm'].filter((letter) => access & (accessBits[letter] ?? 0)).join('');

const keyOf = (type: string, major: number, minor: number): string => `${type} ${major}:${minor}`;

const numberText = (number: number): string => (number === any ? '*' : `${number}`);

/** As in devices.allow of cgroup v1: "c 1:* rwm". */
export const exceptionText = ({ type, major, minor, access }: DeviceException): string =>
  `${type} ${numberText(major)}:${numberText(minor)} ${lettersOf(access)}`;

/** An exception for more devices than this, one that has some of the access to be taken away. */
function wider(exceptions: Exceptions, { type, major, minor, access }: DeviceException): DeviceException | undefined {
  const own = keyOf(type, major, minor);
  for (const key of [keyOf(type, any, minor), keyOf(type, major, any), keyOf(type, any, any)]) {
    const found = key === own ? undefined : exceptions.get(key);
    if (found && found.access & access) return found;
  }
  return undefined;
}

/**
 * What the rules come to, together with those of every container. They mean what they mean to the device controller of
 * cgroup v1 (security/device_cgroup.c), which every document is written for: at first everything is denied; a rule of
 * type `a` decides for all devices and forgets what was before; one of another type adds an exception to that, or takes
 * away what it names exactly. A part of a wider exception cannot be taken away: the kernel goes on as if that had not
 * been asked for, runc refuses it, and so do we (`hole`).
 */
export function deviceFilter(rules: readonly DeviceRule[] = []): DeviceFilter {
  let allow = false;
  let hole: Hole | undefined;
  const exceptions: Exceptions = new Map();
  [...rules, ...defaultDeviceRules].forEach((rule, index) => {
    if (rule.type !== 'b' && rule.type !== 'c') {
      allow = rule.allow;
      exceptions.clear();
      return;
    }
    const named = { type: rule.type, major: rule.major ?? any, minor: rule.minor ?? any, rule: index } as const;
    const exception = { ...named, access: bitsOf(rule.access ?? '') };
    if (rule.allow !== allow) {
      add(exceptions, exception);
      return;
    }
    hole ??= holeIn(exceptions, exception, rule.allow, rules.length);
    remove(exceptions, exception);
  });
  return { allow, exceptions: [...exceptions.values()], ...(hole ? { hole } : {}) };
}

function add(exceptions: Exceptions, exception: DeviceException): void {
  const { type, major, minor, access } = exception;
  const key = keyOf(type, major, minor);
  const before = exceptions.get(key);
  if (before) exceptions.set(key, { ...before, access: before.access | access });
  else if (access !== 0) exceptions.set(key, exception);
}

function remove(exceptions: Exceptions, { type, major, minor, access }: DeviceException): void {
  const key = keyOf(type, major, minor);
  const before = exceptions.get(key);
  const left = before ? before.access & ~access : 0;
  if (before && left !== 0) exceptions.set(key, { ...before, access: left });
  else exceptions.delete(key);
}

/** @param count how many rules the document has */
function holeIn(exceptions: Exceptions, exception: DeviceException, allow: boolean, count: number): Hole | undefined {
  const around = wider(exceptions, exception);
  if (!around) return undefined;
  const [verb, opposite] = allow ? ['allow', 'deny'] : ['deny', 'allow'];
  const isOurs = exception.rule >= count;
  const subject = `${isOurs ? 'the device rule of every container' : 'device rule'} "${verb} ${exceptionText(exception)}"`;
  return {
    rule: isOurs ? around.rule : exception.rule,
    message: `${subject} cannot punch hole in existing wildcard rule "${opposite} ${exceptionText(around)}"`,
  };
}
