import { At, Memfd, Mode, O } from '../constants.ts';
import type { Native } from '../native.ts';
import { contentOf, equal, fails, ok, type Surface, withFds, withFile } from './check.ts';

type Contents = Pick<
  Surface,
  'readText' | 'readBytes' | 'write' | 'listDirectory' | 'memfdCreate' | 'addSeals' | 'writeInitImage'
>;

const withReader = (native: Native, path: string, use: (fd: number) => void): void =>
  withFds(native, [native.open(path, O.RDONLY, 0)], (fd) => use(fd));

/** What is in files and directories, files in memory. */
export const contents: Contents = {
  readText: {
    'reads files of every length around its buffers': (native) => {
      for (const length of [0, 1, 4095, 4096, 4097, 16384, 70000]) {
        const text = 'x'.repeat(length);
        withFile(native, 'text', text, () => equal(contentOf(native, 'text') === text, true, `length ${length}`));
      }
    },
    'reads what has no size': (native) => {
      ok(contentOf(native, '/proc/self/status').includes(`Pid:\t${native.getpid()}\n`), 'our pid');
      ok(contentOf(native, '/proc/self/mountinfo').length > 0, 'mounts');
    },
    'is EFBIG beyond the limit': (native) => {
      withFile(native, 'text', '12345', () => {
        withReader(native, 'text', (fd) => equal(native.readText(fd, 5), '12345'));
        withReader(native, 'text', (fd) => fails(() => native.readText(fd, 4), 'EFBIG', 27, 'read', 'File too large'));
      });
      withReader(native, '/proc/self/status', (fd) => fails(() => native.readText(fd, 10), 'EFBIG', 27, 'read'));
    },
    'is EILSEQ where it is not UTF-8': (native) => {
      withFile(native, 'text', new Uint8Array([97, 0xff]), () => {
        fails(() => contentOf(native, 'text'), 'EILSEQ', 84, 'read');
      });
    },
    'keeps NUL bytes and the byte order mark': (native) => {
      withFile(native, 'text', native.encodeText('\ufeffa\0b'), () => equal(contentOf(native, 'text'), '\ufeffa\0b'));
    },
    'of a directory is EISDIR': (native) => fails(() => contentOf(native, '/'), 'EISDIR', 21, 'read'),
    'reads what was written to a fifo': (native) => {
      native.mknodat(At.FDCWD, 'pipe', Mode.FIFO | 0o600, 0, 0);
      withFds(native, [native.open('pipe', O.RDWR, 0)], (fd) => {
        native.write(fd, '0');
        withFds(native, [native.open('pipe', O.RDONLY | O.NONBLOCK, 0)], (reader) =>
          equal(native.readBytes(reader, 1), [48]),
        );
      });
      native.unlinkat(At.FDCWD, 'pipe', 0);
    },
  },
  readBytes: {
    'reads to the limit and goes on there': (native) => {
      withFile(native, 'bytes', new Uint8Array([1, 0xff, 0, 4]), () => {
        withReader(native, 'bytes', (fd) => {
          equal(native.readBytes(fd, 3), [1, 0xff, 0]);
          equal(native.readBytes(fd, 3), [4]);
          equal(native.readBytes(fd, 3), []);
        });
      });
      fails(() => native.readBytes(-1, 3), 'EBADF', 9, 'read');
    },
  },
  write: {
    'takes text and bytes': (native) => {
      withFile(native, 'written', 'ñ\ufffd', () => equal(contentOf(native, 'written'), 'ñ\ufffd'));
      const part = new Uint8Array([120, 97, 98, 120]).subarray(1, 3);
      withFile(native, 'written', part, () => equal(contentOf(native, 'written'), 'ab'));
    },
    'refuses text with a NUL byte or a lone surrogate': (native) => {
      fails(() => native.write(1, 'a\0'), 'EINVAL', 22, 'write');
      fails(() => native.write(1, '\udc00'), 'EILSEQ', 84, 'write');
    },
    'to a full device is ENOSPC': (native) => {
      withFds(native, [native.open('/dev/full', O.WRONLY, 0)], (fd) => {
        fails(() => native.write(fd, 'x'), 'ENOSPC', 28, 'write', 'No space left on device');
      });
    },
  },
  listDirectory: {
    'gives names, again and again': (native) => {
      native.mkdirat(At.FDCWD, 'list', 0o700);
      const names = Array.from({ length: 700 }, (_, index) => `${'long-'.repeat(20)}ñ${index}`).sort();
      for (const name of names) native.close(native.open(`list/${name}`, O.WRONLY | O.CREAT, 0o600));
      withReader(native, 'list', (fd) => {
        equal(native.listDirectory(fd).sort(), names);
        equal(native.listDirectory(fd).length, names.length);
      });
      for (const name of names) native.unlinkat(At.FDCWD, `list/${name}`, 0);
      withReader(native, 'list', (fd) => equal(native.listDirectory(fd), []));
      native.unlinkat(At.FDCWD, 'list', At.REMOVEDIR);
      withReader(native, '/dev/null', (fd) => fails(() => native.listDirectory(fd), 'ENOTDIR', 20, 'getdents64'));
    },
    'a name that is not UTF-8 is EILSEQ': (native) => {
      withReader(native, 'not-utf8', (fd) => fails(() => native.listDirectory(fd), 'EILSEQ', 84, 'getdents64'));
    },
  },
  memfdCreate: {
    'is closed at exec': (native) => {
      withFds(native, [native.memfdCreate('ocirun-test', 0)], (fd) => {
        equal(native.readlinkat(At.FDCWD, `/proc/self/fd/${fd}`), '/memfd:ocirun-test (deleted)');
      });
      fails(() => native.memfdCreate('x'.repeat(300), 0), 'EINVAL', 22, 'memfd_create');
    },
  },
  addSeals: {
    seal: (native) => {
      withFds(native, [native.memfdCreate('ocirun-test', Memfd.ALLOW_SEALING)], (fd) => {
        native.write(fd, 'x');
        native.addSeals(fd, Memfd.SEAL_WRITE | Memfd.SEAL_SEAL);
        fails(() => native.write(fd, 'y'), 'EPERM', 1, 'write');
        fails(() => native.addSeals(fd, Memfd.SEAL_GROW), 'EPERM', 1, 'fcntl');
      });
    },
  },
  writeInitImage: {
    'writes an executable': (native) => {
      withFds(native, [native.memfdCreate('ocirun-test', 0)], (fd) => {
        native.writeInitImage(fd);
        withReader(native, `/proc/self/fd/${fd}`, (reader) => {
          equal(native.readBytes(reader, 4), [0x7f, 0x45, 0x4c, 0x46]);
        });
      });
      withFds(native, [native.open('/dev/full', O.WRONLY, 0)], (fd) => {
        fails(() => native.writeInitImage(fd), 'ENOSPC', 28, 'write');
      });
    },
  },
};
