import { capabilityNames } from '../capabilities.ts';
import { attr, propagation as kinds } from '../mount-flags.ts';

/** A number of a step. */
export type Num = number | bigint;

/** Characters that change how a terminal shows what is around them, or that are not seen: C1, bidirectional, invisible. */
const hidden = /[\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** A string as it is where that is clear, in quotes where it is not. */
export function quoted(text: string): string {
  if (/^[\w@%+=:.,/~-]+$/.test(text)) return text;
  return JSON.stringify(text).replace(hidden, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** As `a, b` or, of nothing, as `none`. */
export const listed = (words: readonly string[], none: string, separator = ', '): string =>
  words.length === 0 ? none : words.join(separator);

export const octal = (num: Num): string => num.toString(8).padStart(4, '0');

export const hexadecimal = (num: Num): string => `0x${num.toString(16)}`;

/** Bits by their names; what has no name as a number. */
export function bitNames(num: Num, names: readonly (readonly [bit: number, name: string])[]): string[] {
  let left = BigInt(num);
  const found: string[] = [];
  for (const [bit, name] of names) {
    if ((left & BigInt(bit)) === 0n) continue;
    found.push(name);
    left &= ~BigInt(bit);
  }
  return left === 0n ? found : [...found, hexadecimal(left)];
}

/** CLONE_NEW* of clone(2) in the order in which people name them. */
const namespaceFlags = [
  [0x10000000, 'user'],
  [0x20000000, 'pid'],
  [0x20000, 'mount'],
  [0x40000000, 'network'],
  [0x8000000, 'ipc'],
  [0x4000000, 'uts'],
  [0x2000000, 'cgroup'],
  [0x80, 'time'],
] as const;

/** The namespaces of CLONE_NEW* flags. */
export const namespaceNames = (num: Num): string => listed(bitNames(num, namespaceFlags), 'none');

/** MOUNT_ATTR_* with the option that sets each and the one that clears it. */
const attributeNames = [
  [attr.rdonly, 'ro', 'rw'],
  [attr.nosuid, 'nosuid', 'suid'],
  [attr.nodev, 'nodev', 'dev'],
  [attr.noexec, 'noexec', 'exec'],
  [attr.nodiratime, 'nodiratime', 'diratime'],
  [attr.nosymfollow, 'nosymfollow', 'symfollow'],
] as const;

const atimeNames: Readonly<Record<string, string>> = { 0: 'relatime', 0x10: 'noatime', 0x20: 'strictatime' };

/** Attributes that a mount gets and loses, as options; `prefix` is `r` where those below it do, too. */
export function attributeOptions(set: Num, clear: Num, prefix = ''): string[] {
  const mask = BigInt(attr.atime);
  const [on, off] = [BigInt(set), BigInt(clear)];
  // Access times are one field: it is cleared as a whole, and set to what it is to be (mount_setattr(2)).
  const atime =
    (on & mask) !== 0n || (off & mask) === mask ? [atimeNames[`${on & mask}`] ?? hexadecimal(on & mask)] : [];
  const rest = (off & mask) === mask ? off & ~mask : off;
  const names = [
    ...bitNames(
      on & ~mask,
      attributeNames.map(([bit, name]) => [bit, name]),
    ),
    ...bitNames(
      rest,
      attributeNames.map(([bit, , name]) => [bit, name]),
    ),
    ...atime,
  ];
  return names.map((name) => prefix + name);
}

const propagationNames = [
  [kinds.private, 'private'],
  [kinds.slave, 'slave'],
  [kinds.shared, 'shared'],
  [kinds.unbindable, 'unbindable'],
] as const;

/** Propagation flags of mount(2) as the option; of 0, nothing. */
export function propagationName(num: Num): string {
  const bits = BigInt(num);
  const recursive = BigInt(kinds.recursive);
  const names = bitNames(bits & ~recursive, propagationNames);
  return (bits & recursive ? ['r', ...names] : names).join('');
}

/** A mask of capabilities as names without `CAP_`. */
export function capabilityList(mask: Num): string {
  const names = capabilityNames().map((name, bit) => [2 ** bit, name.slice(4)] as const);
  return listed(bitNames(mask, names), 'none', ' ');
}

const units = ['KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** A number of bytes, with a unit behind it where that is exact. */
export function bytes(num: Num): string {
  let [size, unit] = [BigInt(num), ''];
  for (const name of units) {
    if (size < 1024n || size % 1024n !== 0n) break;
    size /= 1024n;
    unit = name;
  }
  return unit === '' ? `${num}` : `${num} (${size} ${unit})`;
}

/** Names of S_IFMT types of mknod(2). */
const deviceTypes: Readonly<Record<number, string>> = { 0o2: 'character', 0o6: 'block', 0o1: 'fifo' };

/** A device by the type in its mode and its numbers. */
export function deviceName(mode: Num, major: Num, minor: Num): string {
  const type = Number(BigInt(mode) >> 12n);
  return `${deviceTypes[type] ?? `type ${type}`} ${major}:${minor}`;
}

/** Lines of uid_map or gid_map. */
export const mapLines = (map: string): string[] =>
  map
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [inside = 0, outside = 0, size = 0] = line.split(' ').map(Number);
      return `${range(inside, size)} of the container: ${range(outside, size)} outside`;
    });

const range = (first: number, size: number): string => (size === 1 ? `${first}` : `${first}-${first + size - 1}`);
