import { OcirunError } from '../errors/error.ts';
import { hostId, type IdMaps, idMaps } from '../plan/idmaps.ts';
import { namespaceOf } from '../plan/namespaces.ts';
import type { Step } from '../plan/steps.ts';
import type { Spec } from '../spec/types.ts';
import { At } from '../sys/constants.ts';
import { attempt, readFile, sys, writeControl } from '../sys/index.ts';

/** Whether the container joins a user namespace, whose maps show once its process is in it. */
export const joinsUserNamespace = (spec: Spec): boolean => Boolean(namespaceOf(spec, 'user')?.path);

/** Map the ids of the new user namespace that the process `pid` is in (user_namespaces(7)). */
export function writeIdMaps(pid: number, maps: IdMaps): void {
  for (const id of ['uid', 'gid'] as const) {
    const path = `/proc/${pid}/${id}_map` as const;
    const details = { pointer: `/linux/${id}Mappings`, path };
    attempt('E_NAMESPACE', `write the ${id} map of the user namespace`, () => writeControl(path, maps[id]), details);
  }
}

/**
 * The maps of the user namespace that the process `pid` has joined, in ids of our own. Those of the document, which
 * containerd and CRI-O give besides the path, have to be the same (runc asks for that, too).
 */
export function joinedIdMaps(pid: number, spec: Spec): IdMaps {
  const read = (id: 'uid' | 'gid'): string => {
    const path = `/proc/${pid}/${id}_map`;
    return attempt('E_NAMESPACE', `read the ${id} map of the user namespace`, () => readFile(path, 1 << 20), { path });
  };
  const maps = { uid: read('uid'), gid: read('gid') };
  const wanted = idMaps(spec);
  for (const id of ['uid', 'gid'] as const)
    if (wanted && normal(wanted[id]) !== normal(maps[id]))
      throw new OcirunError(
        'E_CONFIG_RULE',
        'user namespaces enabled, but both namespace path and non-matching mapping specified',
        { pointer: `/linux/${id}Mappings`, hint: `the ${id} map of the namespace is ${normal(maps[id])}` },
      );
  return maps;
}

/** A map without its spaces, which the kernel puts before numbers, and without an order. */
const normal = (map: string): string =>
  map
    .split('\n')
    .map((line) => line.trim().replace(/\s+/g, ' '))
    .filter(Boolean)
    .sort()
    .join(', ');

/**
 * The user and group of the container's process in ids of the host.
 * @param maps of the user namespace of the container, if it has one
 */
export function ownerOutside(spec: Spec, maps: IdMaps | undefined): [uid: number, gid: number] {
  const { uid = 0, gid = 0 } = spec.process?.user ?? {};
  return [outside(maps?.uid, uid, 'uid'), outside(maps?.gid, gid, 'gid')];
}

function outside(map: string | undefined, id: number, kind: 'uid' | 'gid'): number {
  const result = map === undefined ? id : hostId(map, id);
  if (result !== undefined) return result;
  throw new OcirunError('E_CONFIG_RULE', `cannot set${kind} to unmapped ${kind} ${id} in user namespace`, {
    pointer: `/process/user/${kind}`,
  });
}

/** Let the user of the container open the exec fifo, and nobody else. */
export function giveFifo(directory: number, [uid, gid]: [uid: number, gid: number]): void {
  if (uid === 0 && gid === 0) return;
  attempt('E_STATE', 'give the exec fifo to the user of the container', () =>
    sys.fchownat(directory, 'exec.fifo', uid, gid, At.SYMLINK_NOFOLLOW),
  );
}

/** Set the limits that the process may not set itself (setrlimit(2)). */
export function setLimits(pid: number, limits: readonly Step[]): void {
  for (const { nums, strs, pointer } of limits) {
    const [resource = 0, soft = 0, hard = 0] = nums;
    attempt(
      'E_SYSTEM',
      `error setting rlimit ${strs[0]}`,
      () => sys.setRlimit(pid, Number(resource), BigInt(soft), BigInt(hard)),
      { pointer },
    );
  }
}
