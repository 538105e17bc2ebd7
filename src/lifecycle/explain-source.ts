import { closedTo, whereItEnds } from './mount-path.ts';
import type { Finding, MountHost } from './mount-failure.ts';

/** What the kernel said to the runtime. */
export interface Refusal {
  readonly errnoName: string;
  readonly why: string;
}

/** The cause why a source of the host could not be opened. */
export function findSourceCause(path: string, { errnoName }: Refusal, host: MountHost): Finding | undefined {
  const { self } = host;
  const name = `this process (uid ${self.uid}, gid ${self.gid})`;
  if (errnoName === 'EACCES') return closedTo({ ids: self, name, owns: () => false }, host.passed(path));
  const end = whereItEnds(host.look(path), path);
  if (end) return end;
  const code = 'E_MOUNT_SOURCE';
  if (errnoName === 'EINVAL') {
    const mount = host.mountOf(path);
    const finding = mount?.unbindable
      ? `the mount at ${mount.target}, which it lies on, is unbindable`
      : 'it lies on a mount of another mount namespace, or on one that shows only together with what is mounted below it';
    return { code, finding, path };
  }
  if (errnoName !== 'EPERM') return undefined;
  if (!host.administers) return { code, finding: 'ocirun has no capability CAP_SYS_ADMIN', path };
  return host.nested ? { code, finding: 'this user namespace may not copy what is mounted there', path } : undefined;
}

/** The cause why a mount takes no id maps (kernel: can_idmap_mount). */
export function findIdmapCause(path: string, { errnoName }: Refusal, host: MountHost): Finding | undefined {
  const mount = host.mountOf(path);
  const type = mount?.type ?? 'of this type';
  const code = 'E_MOUNT_SOURCE';
  if (errnoName === 'EINVAL')
    return {
      code,
      finding: `the filesystem ${type}${mount ? ` (mounted at ${mount.target})` : ''} takes no id maps`,
      path,
      found: type,
      hint: 'this kernel has idmapped mounts for some filesystems only (ext4, xfs, btrfs, tmpfs and others); with ridmap, all below has to be of these',
    };
  if (errnoName !== 'EPERM') return undefined;
  return {
    code,
    finding: `the filesystem ${type} belongs to another user namespace, or is mapped already`,
    path,
  };
}
