import { cleanPath } from '../clean-path.ts';
import type { Mount, Spec } from '../spec/types.ts';
import { type Refusal, type Warning, absolutely, adding, broken, noEffect } from './finding.ts';
import { isFilesystem } from './mounts.ts';
import { hasNamespace } from './namespaces.ts';
import { isAmong } from './words.ts';

/** A root is REQUIRED on Linux (config.md "Root"). */
export function rootIsThere({ root }: Spec): Refusal[] {
  if (!root)
    return [
      broken('/root', 'root must be specified', { hint: 'give root.path, the directory of the root filesystem' }),
    ];
  return root.path === '' ? [broken('/root/path', 'root path must not be empty', { expected: 'a directory' })] : [];
}

const listsOfPaths = ['maskedPaths', 'readonlyPaths'] as const;

/** Without a mount namespace of its own, a container would hide the paths from the host, too. */
export function hiddenPathsNeedMountNamespace(spec: Spec): Refusal[] {
  if (hasNamespace(spec, 'mount')) return [];
  return listsOfPaths
    .filter((name) => (spec.linux?.[name] ?? []).length > 0)
    .map((name) =>
      broken(`/linux/${name}`, 'unable to restrict sys entries without a private MNT namespace', adding('mount')),
    );
}

/** "The values MUST be absolute paths in the container namespace" (config-linux.md "Masked Paths", "Readonly Paths"). */
export function hiddenPathsAreAbsolute({ linux }: Spec): Refusal[] {
  const found: Refusal[] = [];
  for (const name of listsOfPaths)
    linux?.[name]?.forEach((path, index) => {
      if (!path.startsWith('/'))
        found.push(broken(`/linux/${name}/${index}`, `"${path}" must be an absolute path`, absolutely));
    });
  return found;
}

/** What covers the root is not seen by those who are in it: nothing would be hidden. */
export const rootIsNotMasked = ({ linux }: Spec): Refusal[] =>
  linux?.maskedPaths?.includes('/')
    ? [broken(`/linux/maskedPaths/${linux.maskedPaths.indexOf('/')}`, 'the root itself cannot be masked')]
    : [];

/** What lxcfs and the like put over files of procfs; nothing else may be mounted inside (CVE-2019-16884). */
const mountableInProc =
  ' cpuinfo diskstats meminfo stat swaps uptime loadavg slabinfo sys/kernel/ns_last_pid sys/crypto/fips_enabled ';

/** A fake /proc, or a mount inside it, could take the writes that set labels and sysctls (CVE-2019-16884). */
export function procIsProcfs({ mounts }: Spec): Refusal[] {
  const found: Refusal[] = [];
  mounts?.forEach((mount, index) => {
    const path = cleanPath(mount.destination);
    if (path === '/' || path.startsWith('/proc')) found.push(...procRefusals(mount, path, `/mounts/${index}`));
  });
  return found;
}

function procRefusals(mount: Mount, path: string, pointer: string): Refusal[] {
  const { destination, type } = mount;
  if (path === '/') return [broken(`${pointer}/destination`, 'mounting into / is prohibited')];
  if (path.startsWith('/proc/') && !isAmong(mountableInProc, path.slice('/proc/'.length)))
    return [
      broken(`${pointer}/destination`, `"${destination}" cannot be mounted because it is inside /proc`, {
        hint: `inside /proc, only these can be:${mountableInProc.trimEnd()}`,
      }),
    ];
  if (path !== '/proc' || type === 'proc' || !isFilesystem(mount)) return [];
  return [
    broken(`${pointer}/type`, `"${destination}" cannot be mounted because it is not of type proc`, {
      expected: 'proc',
    }),
  ];
}

/** A destination that is relative counts from `/`, which is deprecated (config.md "Mounts"). */
export function destinationsAreAbsolute({ mounts }: Spec): Warning[] {
  const found: Warning[] = [];
  mounts?.forEach(({ destination }, index) => {
    if (destination.startsWith('/')) return;
    const message = `mount destination ${destination} is not absolute: relative destinations are deprecated`;
    found.push(noEffect(`/mounts/${index}/destination`, message));
  });
  return found;
}
