import { At } from '../sys/constants.ts';
import { attempt, orElse, readFile, sys } from '../sys/index.ts';

/** What the kernel lets be delegated; that list came with Linux 4.15. */
const delegate = '/sys/kernel/cgroup/delegate';
const usual = 'cgroup.procs\ncgroup.subtree_control\ncgroup.threads\n';

/** The group stays as it is (chown(2)). */
const unchanged = 0xffffffff;

/** Give a cgroup to a user, who may then make cgroups in it (config-linux.md "Cgroup ownership"). */
export function giveCgroup(directory: string, uid: number): void {
  const files = orElse('ENOENT', usual, () => readFile(delegate, 65536)).split('\n');
  const give = (path: string): void =>
    attempt(
      'E_CGROUP',
      `give ${path} to the user ${uid} of the container`,
      // "runtimes should not treat the lack of a file as an error": not every kernel has each.
      () => orElse('ENOENT', undefined, () => sys.fchownat(At.FDCWD, path, uid, unchanged, At.SYMLINK_NOFOLLOW)),
      { path, pointer: '/process/user/uid' },
    );
  give(directory);
  for (const file of files.filter(Boolean)) give(`${directory}/${file}`);
}
