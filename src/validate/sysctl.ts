import type { NamespaceType, Spec } from '../spec/types.ts';
import { type More, type Refusal, adding, broken } from './finding.ts';
import { hasNamespace } from './namespaces.ts';
import { escaped, isAmong } from './words.ts';

const ofIpc =
  ' kernel.msgmax kernel.msgmnb kernel.msgmni kernel.sem kernel.shmall kernel.shmmax kernel.shmmni ' +
  'kernel.shm_rmid_forced ';

/** Kernel parameters that belong to a namespace of the container; any other would be the host's (as runc has it). */
export function sysctlsAreNamespaced(spec: Spec): Refusal[] {
  return Object.keys(spec.linux?.sysctl ?? {}).flatMap((name) => {
    const reason: Reason | undefined = isPath(dotted(name))
      ? whyNot(spec, dotted(name))
      : [`sysctl "${name}" is no name of a parameter`];
    if (reason === undefined) return [];
    const [message, more] = reason;
    return [broken(`/linux/sysctl/${escaped(name)}`, message, more)];
  });
}

type Reason = readonly [message: string, more?: More];

function whyNot(spec: Spec, name: string): Reason | undefined {
  const has = (type: NamespaceType): boolean => hasNamespace(spec, type);
  if (isAmong(ofIpc, name) || name.startsWith('fs.mqueue.'))
    return has('ipc') ? undefined : [`sysctl "${name}" is not allowed in the hosts ipc namespace`, adding('ipc')];
  if (name.startsWith('net.'))
    return has('network') ? undefined : [`sysctl "${name}" not allowed in host network namespace`, adding('network')];
  if (name === 'kernel.hostname' && has('uts'))
    return [
      `sysctl "${name}" is not allowed as it conflicts with the OCI "hostname" field`,
      { hint: 'give hostname instead' },
    ];
  if ((name === 'kernel.domainname' && has('uts')) || (name.startsWith('user.') && has('user'))) return undefined;
  return [
    `sysctl "${name}" is not in a separate kernel namespace`,
    { hint: 'it would change the host: set it there, if at all' },
  ];
}

/** With `.` between the parts, as in sysctl(8): where `/` comes first, it is the one that separates them. */
function dotted(name: string): string {
  if (!/^[^./]*\//.test(name)) return name;
  return name.replace(/[./]/g, (separator) => (separator === '.' ? '/' : '.'));
}

/** Parts that are no names (`..` is written `//` here) would lead to another parameter than the one that is checked. */
const isPath = (name: string): boolean => !name.split('.').some((part) => isAmong(' / // ', part) || part === '');
