import type { Spec } from '../spec/types.ts';
import { type Step, slots, stepOf } from './steps.ts';

/**
 * The file of a kernel parameter, below /proc/sys. As sysctl(8) has it, what comes first of `.` and `/` separates the
 * parts of the name, and the other is a character of them: net.ipv4.conf.eth0/1.forwarding is of the interface eth0.1.
 */
export function sysctlPath(name: string): string {
  if (/^[^./]*\//.test(name)) return name;
  return name.replace(/[./]/g, (separator) => (separator === '.' ? '/' : '.'));
}

/** A step for each of `linux.sysctl`. */
export const sysctlSteps = ({ linux }: Spec): Step[] =>
  Object.entries(linux?.sysctl ?? {}).map(([name, value]) =>
    stepOf('sysctl', `/linux/sysctl/${escaped(name)}`, [], [sysctlPath(name), value], [slots.proc]),
  );

/** Whether a parameter of the network is among them. */
export const hasNetworkSysctl = ({ linux }: Spec): boolean =>
  Object.keys(linux?.sysctl ?? {}).some((name) => sysctlPath(name).startsWith('net/'));

/** A name within a JSON pointer (RFC 6901). */
const escaped = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');
