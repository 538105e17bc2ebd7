import type { Namespace, NamespaceType, Spec } from '../spec/types.ts';
import { type Refusal, absolutely, adding, broken } from './finding.ts';
import { asksForSomething } from './not-supported.ts';
import { byteLength } from './words.ts';

/** The container's namespace of that type, if it has one of its own. */
export const namespaceOf = ({ linux }: Spec, type: NamespaceType): Namespace | undefined =>
  linux?.namespaces?.find((namespace) => namespace.type === type);

/** Whether the container gets a namespace of that type, new or joined. */
export const hasNamespace = (spec: Spec, type: NamespaceType): boolean => namespaceOf(spec, type) !== undefined;

/** "The runtime MUST generate an error if any namespace type is duplicated" (config-linux.md "Namespaces"). */
export function namespacesAreUnique({ linux }: Spec): Refusal[] {
  const seen = new Set<string>();
  return (linux?.namespaces ?? []).flatMap(({ type }, index) => {
    if (seen.has(type))
      return [broken(`/linux/namespaces/${index}`, `duplicated namespace ${type}`, { expected: 'each type once' })];
    seen.add(type);
    return [];
  });
}

/** "This value MUST be an absolute path in the runtime mount namespace" (config-linux.md "Namespaces"). */
export function namespacePathsAreAbsolute({ linux }: Spec): Refusal[] {
  return (linux?.namespaces ?? []).flatMap(({ type, path }, index) =>
    !path || path.startsWith('/')
      ? []
      : [
          broken(
            `/linux/namespaces/${index}/path`,
            `the path of the ${type} namespace is not absolute: "${path}"`,
            absolutely,
          ),
        ],
  );
}

/** Without a UTS namespace of its own, a container would rename the host. */
export function namesNeedUtsNamespace(spec: Spec): Refusal[] {
  if (hasNamespace(spec, 'uts')) return [];
  return (['hostname', 'domainname'] as const)
    .filter((field) => Boolean(spec[field]))
    .map((field) => broken(`/${field}`, `unable to set ${field} without a private UTS namespace`, adding('uts')));
}

/** Without a mount namespace of its own, a container would mount in the host's. */
export function mountsNeedMountNamespace(spec: Spec): Refusal[] {
  if (hasNamespace(spec, 'mount')) return [];
  const { mounts = [], root, linux } = spec;
  const without = (what: string): string => `unable to ${what} without a private MNT namespace`;
  return [
    ...(mounts.length > 0 ? [broken('/mounts', without('mount filesystems'), adding('mount'))] : []),
    ...(root?.readonly
      ? [broken('/root/readonly', without('make the root filesystem read-only'), adding('mount'))]
      : []),
    ...(linux?.rootfsPropagation
      ? [broken('/linux/rootfsPropagation', without('set the propagation of the root filesystem'), adding('mount'))]
      : []),
  ];
}

/** The clocks of a namespace can be set as long as nobody is in it (time_namespaces(7)). */
export function timeOffsetsNeedNewTimeNamespace(spec: Spec): Refusal[] {
  const pointer = '/linux/timeOffsets';
  const offsets = spec.linux?.timeOffsets;
  if (!offsets || !asksForSomething(offsets)) return [];
  const time = namespaceOf(spec, 'time');
  if (!time)
    return [
      broken(
        pointer,
        "time namespace offsets specified, but time namespace isn't enabled in the config",
        adding('time'),
      ),
    ];
  if (time.path)
    return [
      broken(pointer, 'time namespace enabled, but both namespace path and time offsets specified', {
        hint: 'clocks are set in a new namespace alone: take the path or the offsets away',
      }),
    ];
  return (['monotonic', 'boottime'] as const).flatMap((clock) =>
    (offsets[clock]?.nanosecs ?? 0) < 1e9
      ? []
      : [
          broken(`${pointer}/${clock}/nanosecs`, 'nanosecs of a time offset are less than a second', {
            expected: '999999999 at most',
          }),
        ],
  );
}

/** __NEW_UTS_LEN of linux/utsname.h. */
const mostBytes = 64;

/** What sethostname(2) and setdomainname(2) take. */
export const namesFitTheKernel = (spec: Spec): Refusal[] =>
  (['hostname', 'domainname'] as const).flatMap((field) => {
    const name = spec[field] ?? '';
    // No character has more than three bytes for each unit of UTF-16.
    if (name.length * 3 <= mostBytes || byteLength(name) <= mostBytes) return [];
    const message = `the ${field} is ${byteLength(name)} bytes long`;
    return [broken(`/${field}`, message, { expected: `${mostBytes} bytes at most` })];
  });
