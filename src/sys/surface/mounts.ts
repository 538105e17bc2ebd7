import { At, MountAttribute, OpenTree, Signal } from '../constants.ts';
import type { Native } from '../native.ts';
import { contentOf, equal, fails, type Surface, withFds, withFile } from './check.ts';
import { runScript } from './processes.ts';

type Mounts = Pick<Surface, 'openTree' | 'mountSetattr' | 'userNamespace'>;

const readOnly = 1;

const withTree = (native: Native, use: (tree: number) => void): void =>
  withFds(native, [native.openTree(At.FDCWD, '.', OpenTree.CLONE)], (tree) => use(tree));

const openFds = (native: Native): number => {
  const fd = native.open('/proc/self/fd', 0, 0);
  const open = native.listDirectory(fd).length;
  native.close(fd);
  return open;
};

/** Detached mounts, and the user namespaces that map their ids. */
export const mounts: Mounts = {
  openTree: {
    'is closed at exec': (native) => {
      withFds(native, [native.openTree(At.FDCWD, '/', OpenTree.CLONE)]);
      fails(() => native.openTree(At.FDCWD, 'ocirun-test-missing', OpenTree.CLONE), 'ENOENT', 2, 'open_tree');
    },
  },
  mountSetattr: {
    'sets and clears': (native) => {
      withTree(native, (tree) => {
        const make = (name: string) => () => native.mkdirat(tree, name, 0o700);
        native.mountSetattr(tree, 0, readOnly, 0, -1);
        fails(make('kept'), 'EROFS', 30, 'mkdirat');
        native.mountSetattr(tree, At.RECURSIVE, 0, readOnly, -1);
        make('made')();
        native.unlinkat(tree, 'made', At.REMOVEDIR);
      });
    },
    'maps ids': (native) => {
      withFile(native, 'mine', '', () =>
        withTree(native, (tree) => {
          withFds(native, [native.userNamespace('0 70000 1000', '0 80000 1000')], (userns) =>
            native.mountSetattr(tree, 0, MountAttribute.IDMAP, 0, userns),
          );
          equal(native.statat(tree, 'mine', 0).slice(1, 3), [70000, 80000]);
        }),
      );
    },
    'an attribute that cannot be, and a map of nobody': (native) => {
      withTree(native, (tree) => {
        fails(() => native.mountSetattr(tree, 0, 2 ** 40, 0, -1), 'EINVAL', 22, 'mount_setattr', 'Invalid argument');
        fails(() => native.mountSetattr(tree, 0, MountAttribute.IDMAP, 0, -1), 'EINVAL', 22, 'mount_setattr');
      });
    },
  },
  userNamespace: {
    'has the maps, and nobody in it': (native) => {
      const before = openFds(native);
      const [uids, gids] = ['0 70000 10\n10 5 1\n', '0 80000 4294967\n'];
      withFds(native, [native.userNamespace(uids, gids)], (userns) => {
        equal(native.reapAny(0), -1);
        // Somebody who joins it sees them.
        const script = `exec nsenter --user=/proc/${native.getpid()}/fd/${userns} cat /proc/self/uid_map /proc/self/gid_map > maps`;
        runScript(native, script, (_pid, pidfd) => {
          equal(native.waitPidfd(pidfd, 0), [1, 0]);
          native.close(pidfd);
        });
        const fields = contentOf(native, 'maps').trim().split(/\s+/);
        equal(fields, ['0', '70000', '10', '10', '5', '1', '0', '80000', '4294967']);
        native.unlinkat(At.FDCWD, 'maps', 0);
      });
      equal(openFds(native), before);
    },
    'wrong maps are errors, and nothing stays': (native) => {
      const before = openFds(native);
      fails(() => native.userNamespace('0 0 1\n0 5 1', '0 0 1'), 'EINVAL', 22, 'write', 'Invalid argument');
      fails(() => native.userNamespace('0 0 1', 'x'), 'EINVAL', 22, 'write');
      fails(() => native.userNamespace('0 0 0', '0 0 1'), 'EINVAL', 22, 'write');
      equal([openFds(native), native.reapAny(0)], [before, -1]);
    },
    'waits for its child though SIGCHLD is blocked': (native) => {
      const signals = native.signalFd([Signal.CHLD]);
      native.close(native.userNamespace('0 0 1', '0 0 1'));
      equal(native.reapAny(0), -1);
      native.close(signals);
    },
  },
};
