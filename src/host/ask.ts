import type { Namespace, NamespaceType, Spec } from '../spec/types.ts';
import type { Machine } from './machine.ts';

/** Numbers of capabilities that the runtime itself needs (linux/capability.h). */
export const enum Cap {
  NET_ADMIN = 12,
  SYS_ADMIN = 21,
  SYS_NICE = 23,
  SYS_RESOURCE = 24,
  MKNOD = 27,
}

/** Whether we have a capability. */
export const mayUse = ({ effective }: Machine, capability: number): boolean =>
  ((capability < 32 ? effective.low : effective.high) & (1 << (capability & 31))) !== 0;

/** The container's namespace of that type, if it has one of its own. */
export const namespaceOf = ({ linux }: Spec, type: NamespaceType): Namespace | undefined =>
  linux?.namespaces?.find((namespace) => namespace.type === type);

/** The number that a file holds. */
export function numberIn(machine: Machine, path: string): number | undefined {
  const text = machine.text(path)?.trim();
  return text === undefined || !/^-?\d+/.test(text) ? undefined : Number.parseInt(text, 10);
}

/** A line of /proc/self/mountinfo (proc(5)). */
export interface MountEntry {
  /** The part of the filesystem that is mounted. */
  readonly root: string;
  readonly point: string;
  readonly options: readonly string[];
  readonly type: string;
}

export const mountTable = (machine: Machine): MountEntry[] =>
  (machine.text('/proc/self/mountinfo') ?? '').split('\n').flatMap((line) => {
    const [before = '', after = ''] = line.split(' - ');
    const [, , , root, point, options = ''] = before.split(' ');
    return root === undefined || point === undefined
      ? []
      : [{ root, point, options: options.split(','), type: after.split(' ')[0] ?? '' }];
  });

/** The numbers of a list as the kernel writes it (`0-3,5`). */
export function numbersIn(list: string): Set<number> {
  const numbers = new Set<number>();
  for (const range of list.trim().split(/[\s,]+/)) {
    const [first = NaN, last = first] = range.split('-').map(Number);
    for (let number = first; number <= last && numbers.size < 65536; number += 1) numbers.add(number);
  }
  return numbers;
}

/** A path of config.json that may be relative to the bundle. */
export const fromBundle = (path: string, bundle: string): string => (path.startsWith('/') ? path : `${bundle}/${path}`);
