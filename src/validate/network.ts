import type { Spec } from '../spec/types.ts';
import { type Refusal, type Warning, broken, noEffect } from './finding.ts';
import { hasNamespace } from './namespaces.ts';
import { byteLength, escaped } from './words.ts';

const root = '/linux/netDevices';

const devicesOf = ({ linux }: Spec): [string, { readonly name?: string }][] => Object.entries(linux?.netDevices ?? {});

/** There has to be a network to move a device into. */
export const netDevicesNeedNetworkNamespace = (spec: Spec): Refusal[] =>
  devicesOf(spec).length > 0 && !hasNamespace(spec, 'network')
    ? [
        broken(root, 'unable to move network devices without a private NET namespace', {
          hint: 'add {"type": "network"} to linux.namespaces',
        }),
      ]
    : [];

/** IFNAMSIZ of linux/if.h, without the NUL. */
const mostBytes = 15;

/** dev_valid_name() of the kernel: what a network interface can be called. */
function whyNoName(name: string): string | undefined {
  if (name === '') return 'it is empty';
  if (byteLength(name) > mostBytes) return `it is longer than ${mostBytes} bytes`;
  if (name === '.' || name === '..') return 'it is reserved';
  return /[/: \t\n\v\f\r]/.test(name) ? 'it has a slash, a colon or a space' : undefined;
}

/** A name with a template has one number in it: dev_alloc_name() of the kernel. */
const whyNoTemplate = (name: string): string | undefined =>
  name.includes('%') && !/^[^%]*%d[^%]*$/.test(name) ? 'a "%" can only be in one "%d"' : undefined;

const refusal = (pointer: string, name: string, reason: string | undefined): Refusal[] =>
  reason === undefined ? [] : [broken(pointer, `invalid network device name "${name}": ${reason}`)];

/** Both names are those of interfaces (config-linux.md "Network Devices"). */
export const netDevicesHaveNames = (spec: Spec): Refusal[] =>
  devicesOf(spec).flatMap(([host, { name }]) => [
    ...refusal(`${root}/${escaped(host)}`, host, whyNoName(host)),
    ...(name ? refusal(`${root}/${escaped(host)}/name`, name, whyNoName(name) ?? whyNoTemplate(name)) : []),
  ]);

/** "err if the name exists in the target": two of the same name cannot both come in. */
export function netDevicesDoNotCollide(spec: Spec): Refusal[] {
  const seen = new Map<string, string>();
  return devicesOf(spec).flatMap(([host, { name }]) => {
    const inside = name ? name : host;
    const other = seen.get(inside);
    seen.set(inside, host);
    if (other === undefined || inside.includes('%')) return [];
    const pointer = name ? `${root}/${escaped(host)}/name` : `${root}/${escaped(host)}`;
    return [broken(pointer, `network devices ${other} and ${host} would both be named ${inside}`)];
  });
}

/** net_cls and net_prio exist in cgroup v1 alone. */
export function networkMarksDoNothing({ linux }: Spec): Warning[] {
  const { classID, priorities = [] } = linux?.resources?.network ?? {};
  const pointer = '/linux/resources/network';
  return [
    ...(classID ? [noEffect(`${pointer}/classID`, 'linux.resources.network.classID has no effect on cgroup v2')] : []),
    ...(priorities.length > 0
      ? [noEffect(`${pointer}/priorities`, 'linux.resources.network.priorities has no effect on cgroup v2')]
      : []),
  ];
}
