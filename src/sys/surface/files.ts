import { At, ChildEnd, Lock, Magic, Mode, O, Poll } from '../constants.ts';
import { contentOf, equal, fails, lineOf, ok, type Surface, withFds, withFile } from './check.ts';

type Files = Pick<
  Surface,
  | 'open'
  | 'openat'
  | 'openat2'
  | 'close'
  | 'mkdirat'
  | 'mknodat'
  | 'symlinkat'
  | 'unlinkat'
  | 'renameat'
  | 'readlinkat'
  | 'statat'
  | 'exists'
  | 'filesystemType'
  | 'fchownat'
  | 'flock'
  | 'lockBeside'
  | 'closeOnExec'
  | 'isInherited'
>;

const missing = 'ocirun-test-missing';
const inRoot = 0x10;
const noSymlinks = 0x04;

/** Names, status and locks. */
export const files: Files = {
  open: {
    'opens, closed at exec': (native) => withFds(native, [native.open('/proc/self/status', O.RDONLY, 0)]),
    'a missing file is ENOENT': (native) => {
      fails(() => native.open(missing, O.RDONLY, 0), 'ENOENT', 2, 'open', 'No such file or directory');
    },
    'a NUL byte is EINVAL, a lone surrogate EILSEQ, U+FFFD a name': (native) => {
      fails(() => native.open('/dev/null\0x', O.RDONLY, 0), 'EINVAL', 22, 'open', 'Invalid argument');
      fails(() => native.open('/dev/nu\ud800ll', O.RDONLY, 0), 'EILSEQ', 84, 'open');
      fails(() => native.open('\ufffd', O.RDONLY, 0), 'ENOENT', 2, 'open');
    },
    'makes a file with that mode': (native) => {
      const before = native.umask(0o027);
      withFds(native, [native.open('made', O.WRONLY | O.CREAT | O.EXCL, 0o666)]);
      native.umask(before);
      equal(native.statat(At.FDCWD, 'made', 0)[0], Mode.REGULAR | 0o640);
      native.unlinkat(At.FDCWD, 'made', 0);
    },
  },
  openat: {
    'opens below a directory': (native) => {
      withFds(native, [native.open('/proc/self', O.PATH | O.DIRECTORY, 0)], (dir) => {
        withFds(native, [native.openat(dir, 'status', O.RDONLY, 0)]);
        fails(() => native.openat(dir, missing, O.RDONLY, 0), 'ENOENT', 2, 'openat');
      });
      fails(() => native.openat(1 << 20, 'a', O.RDONLY, 0), 'EBADF', 9, 'openat');
    },
  },
  openat2: {
    'stays in the root': (native) => {
      native.mkdirat(At.FDCWD, 'root', 0o700);
      native.symlinkat('/proc', At.FDCWD, 'root/out');
      withFds(native, [native.open('root', O.PATH | O.DIRECTORY, 0)], (dir) => {
        fails(() => native.openat2(dir, 'out', O.PATH, 0, inRoot), 'ENOENT', 2, 'openat2');
        fails(() => native.openat2(dir, 'out', O.PATH, 0, noSymlinks), 'ELOOP', 40, 'openat2');
        withFds(native, [native.openat2(dir, '../../..', O.PATH, 0, inRoot)], (same) => {
          equal(native.statat(same, '', At.EMPTY_PATH), native.statat(dir, '', At.EMPTY_PATH));
        });
      });
      native.unlinkat(At.FDCWD, 'root/out', 0);
      native.unlinkat(At.FDCWD, 'root', At.REMOVEDIR);
    },
    'flags and resolve have more than 32 bits': (native) => {
      fails(() => native.openat2(At.FDCWD, '/', O.PATH, 0, 2 ** 40), 'EINVAL', 22, 'openat2');
      fails(() => native.openat2(At.FDCWD, '/', 2 ** 40, 0, 0), 'EINVAL', 22, 'openat2');
    },
  },
  close: {
    'a closed one is EBADF': (native) => {
      const fd = native.open('/dev/null', O.RDONLY, 0);
      native.close(fd);
      fails(() => native.close(fd), 'EBADF', 9, 'close', 'Bad file descriptor');
    },
  },
  mkdirat: {
    'makes a directory once': (native) => {
      native.mkdirat(At.FDCWD, 'dir', 0o700);
      equal(native.statat(At.FDCWD, 'dir', 0)[0], Mode.DIRECTORY | 0o700);
      fails(() => native.mkdirat(At.FDCWD, 'dir', 0o700), 'EEXIST', 17, 'mkdirat');
      native.unlinkat(At.FDCWD, 'dir', At.REMOVEDIR);
    },
  },
  mknodat: {
    'makes a fifo and a device': (native) => {
      native.mknodat(At.FDCWD, 'fifo', Mode.FIFO | 0o600, 0, 0);
      equal(native.statat(At.FDCWD, 'fifo', 0)[0], Mode.FIFO | 0o600);
      native.unlinkat(At.FDCWD, 'fifo', 0);
      // The device of overlayfs' whiteouts is the one that needs no privilege.
      native.mknodat(At.FDCWD, 'device', Mode.CHARACTER | 0o600, 0, 0);
      equal(native.statat(At.FDCWD, 'device', 0).slice(6, 8), [0, 0]);
      native.unlinkat(At.FDCWD, 'device', 0);
    },
  },
  symlinkat: {
    'makes a link': (native) => {
      native.symlinkat('somewhere/ñ', At.FDCWD, 'link');
      equal(native.readlinkat(At.FDCWD, 'link'), 'somewhere/ñ');
      fails(() => native.symlinkat('x', At.FDCWD, 'link'), 'EEXIST', 17, 'symlinkat');
      native.unlinkat(At.FDCWD, 'link', 0);
    },
  },
  unlinkat: {
    'says what is missing or of another kind': (native) => {
      fails(() => native.unlinkat(At.FDCWD, missing, 0), 'ENOENT', 2, 'unlinkat');
      withFile(native, 'file', '', () => {
        fails(() => native.unlinkat(At.FDCWD, 'file', At.REMOVEDIR), 'ENOTDIR', 20, 'unlinkat');
      });
    },
  },
  renameat: {
    replaces: (native) => {
      withFile(native, 'new', 'new', () => {
        withFds(native, [native.open('.', O.PATH | O.DIRECTORY, 0)], (dir) => {
          native.renameat(dir, 'new', At.FDCWD, 'old');
          native.renameat(At.FDCWD, 'old', dir, 'new');
        });
        equal(contentOf(native, 'new'), 'new');
      });
      fails(() => native.renameat(At.FDCWD, missing, At.FDCWD, 'x'), 'ENOENT', 2, 'renameat');
    },
  },
  readlinkat: {
    'reads the whole of a long link': (native) => {
      const target = 'x/'.repeat(2000);
      native.symlinkat(target, At.FDCWD, 'long');
      equal(native.readlinkat(At.FDCWD, 'long'), target);
      native.unlinkat(At.FDCWD, 'long', 0);
    },
    'of a descriptor, of no link': (native) => {
      equal(native.readlinkat(At.FDCWD, '/proc/self'), String(native.getpid()));
      fails(() => native.readlinkat(At.FDCWD, '/proc'), 'EINVAL', 22, 'readlinkat');
    },
  },
  statat: {
    'has nine numbers': (native) => {
      const [mode, uid, gid, size, , , major, minor] = native.statat(At.FDCWD, '/dev/null', 0);
      equal([mode! & Mode.TYPE, uid, gid, size, major, minor], [Mode.CHARACTER, 0, 0, 0, 1, 3]);
      const status = native.statat(At.FDCWD, '/proc/self/ns/pid', 0);
      equal(status.length, 9);
      equal(native.readlinkat(At.FDCWD, '/proc/self/ns/pid'), `pid:[${status[8]}]`);
    },
    'of a link itself': (native) => {
      equal(native.statat(At.FDCWD, '/proc/self', At.SYMLINK_NOFOLLOW)[0]! & Mode.TYPE, 0o120000);
      fails(() => native.statat(At.FDCWD, missing, 0), 'ENOENT', 2, 'fstatat');
    },
    'a size beyond 2^53 is NaN, one beyond 2^32 is right': (native) => {
      const path = lineOf(native.environ().join('\n'), 'OCIRUN_TEST_HUGE=');
      equal(native.statat(At.FDCWD, `${path}.large`, 0)[3], 2 ** 40 + 1);
      ok(Number.isNaN(native.statat(At.FDCWD, path, 0)[3]), 'not a number');
    },
  },
  exists: {
    'is no error where there is nothing': (native) => {
      equal([native.exists(At.FDCWD, '/'), native.exists(At.FDCWD, missing)], [true, false]);
      equal(native.exists(At.FDCWD, '/dev/null/x'), false);
      native.symlinkat(missing, At.FDCWD, 'dangling');
      equal(native.exists(At.FDCWD, 'dangling'), true);
      native.unlinkat(At.FDCWD, 'dangling', 0);
    },
  },
  filesystemType: {
    'knows procfs': (native) => {
      withFds(native, [native.open('/proc', O.RDONLY, 0)], (fd) => equal(native.filesystemType(fd), Magic.PROC));
      fails(() => native.filesystemType(-1), 'EBADF', 9, 'fstatfs');
    },
  },
  fchownat: {
    'leaves what is all ones': (native) => {
      withFile(native, 'owned', '', () => {
        const [uid, , gid] = native.getids();
        native.fchownat(At.FDCWD, 'owned', uid, 4294967295, 0);
        equal(native.statat(At.FDCWD, 'owned', 0).slice(1, 3), [uid, gid]);
      });
      fails(() => native.fchownat(At.FDCWD, missing, 0, 0, 0), 'ENOENT', 2, 'fchownat');
    },
  },
  flock: {
    'keeps others out': (native) => {
      const open = () => native.open('.', O.RDONLY, 0);
      withFds(native, [open(), open()], (one, two) => {
        native.flock(one, Lock.EXCLUSIVE);
        fails(() => native.flock(two, Lock.SHARED | Lock.NONBLOCK), 'EAGAIN', 11, 'flock');
      });
    },
  },
  lockBeside: {
    'has the lock for us, as soon as it is free': (native) => {
      const open = () => native.open('.', O.RDONLY, 0);
      const held = open();
      native.flock(held, Lock.EXCLUSIVE);
      withFds(native, [open(), open()], (one, two) => {
        withFds(native, [native.lockBeside(one)], (child) => {
          equal(native.poll([child], [Poll.IN], 20), [0]);
          native.close(held);
          equal(native.waitPidfd(child, 0), [ChildEnd.EXITED, 0]);
        });
        fails(() => native.flock(two, Lock.EXCLUSIVE | Lock.NONBLOCK), 'EAGAIN', 11, 'flock');
        native.flock(one, Lock.EXCLUSIVE | Lock.NONBLOCK);
      });
    },
    'holds nothing else of ours open': (native) => {
      const [lower, lowerEnd] = native.socketPair();
      const held = native.open('.', O.RDONLY, 0);
      const wanted = native.open('.', O.RDONLY, 0);
      const [higher, higherEnd] = native.socketPair();
      native.flock(held, Lock.EXCLUSIVE);
      withFds(native, [native.lockBeside(wanted), lower, higher, wanted], (child) => {
        native.close(lowerEnd);
        native.close(higherEnd);
        for (const end of [lower, higher]) equal(native.poll([end], [Poll.IN], 5000), [Poll.IN | Poll.HUP]);
        native.close(held);
        equal(native.waitPidfd(child, 0), [ChildEnd.EXITED, 0]);
      });
    },
  },
  closeOnExec: {
    'is cleared and set': (native) => {
      withFds(native, [native.open('/dev/null', O.RDONLY, 0)], (fd) => {
        const flags = () => parseInt(lineOf(contentOf(native, `/proc/self/fdinfo/${fd}`), 'flags:'), 8) & 0o2000000;
        native.closeOnExec(fd, false);
        equal(flags(), 0);
        native.closeOnExec(fd, true);
        equal(flags(), 0o2000000);
      });
      fails(() => native.closeOnExec(-1, true), 'EBADF', 9, 'fcntl');
    },
  },
  isInherited: {
    'is true for the standard streams, false for what is not open': (native) => {
      equal(native.isInherited(1), true);
      equal(native.isInherited(900), false);
    },
  },
};
