import { At, ChildEnd, Memfd, O, Signal, Wait } from '../constants.ts';
import type { Native } from '../native.ts';
import { contentOf, endOf, equal, fails, lineOf, type Surface, withFds, withFile } from './check.ts';

type Processes = Pick<
  Surface,
  | 'getpid'
  | 'getids'
  | 'getcwd'
  | 'kernelRelease'
  | 'capabilities'
  | 'setSubreaper'
  | 'setDumpable'
  | 'umask'
  | 'pidfdOpen'
  | 'pidfdGetfd'
  | 'pidfdSendSignal'
  | 'waitPidfd'
  | 'reapAny'
  | 'setRlimit'
>;

const status = (native: Native, title: string): string => lineOf(contentOf(native, '/proc/self/status'), title);

// The kernel's five sets in the order of capabilities().
const sets = ['CapEff:', 'CapPrm:', 'CapInh:', 'CapBnd:', 'CapAmb:'];
const hexadecimal = (part: number | undefined): string => (part ?? -1).toString(16).padStart(8, '0');

/** Start `sh` on a script: spawnInit's arguments are two numbers, so the script's name is that of the socket. */
export function runScript(native: Native, script: string, use: (pid: number, pidfd: number) => void): void {
  withFds(native, [native.open('/bin/sh', O.RDONLY, 0), ...native.socketPair()], (image, socket) => {
    withFile(native, String(socket), script, () => {
      const [pid, pidfd] = native.spawnInit(image, socket, -1, 'sh', 0, -1);
      use(pid, pidfd);
    });
  });
}

/** This process and others. */
export const processes: Processes = {
  getpid: { 'is ours': (native) => equal(String(native.getpid()), status(native, 'Pid:')) },
  getids: {
    'are the real and effective ones': (native) => {
      const [uid, effectiveUid, gid, effectiveGid] = native.getids();
      equal(status(native, 'Uid:').split('\t').slice(0, 2), [String(uid), String(effectiveUid)]);
      equal(status(native, 'Gid:').split('\t').slice(0, 2), [String(gid), String(effectiveGid)]);
    },
  },
  getcwd: { 'is absolute': (native) => equal(native.getcwd(), native.readlinkat(At.FDCWD, '/proc/self/cwd')) },
  kernelRelease: {
    'is that of /proc': (native) =>
      equal(`${native.kernelRelease()}\n`, contentOf(native, '/proc/sys/kernel/osrelease')),
  },
  capabilities: {
    'are those of /proc': (native) => {
      const numbers = native.capabilities();
      equal(numbers.length, 11);
      const found = sets.map((_, index) => hexadecimal(numbers[2 * index + 1]) + hexadecimal(numbers[2 * index]));
      equal(
        found,
        sets.map((title) => status(native, title)),
      );
      equal(`${numbers[10]}\n`, contentOf(native, '/proc/sys/kernel/cap_last_cap'));
    },
  },
  setSubreaper: {
    'adopts orphans': (native) => {
      native.setSubreaper(true);
      let orphan = '';
      runScript(native, '(sleep 0.2; exit 5) & echo $! > orphan', (_pid, pidfd) => equal(endOf(native, pidfd), [1, 0]));
      orphan = contentOf(native, 'orphan').trim();
      native.unlinkat(At.FDCWD, 'orphan', 0);
      withFds(native, [native.pidfdOpen(Number(orphan))], (pidfd) => equal(native.waitPidfd(pidfd, 0), [1, 5]));
      native.setSubreaper(false);
    },
  },
  setDumpable: {
    'gives /proc/self to root and back': (native) => {
      native.setDumpable(false);
      native.setDumpable(true);
      const [, uid] = native.getids();
      equal(native.statat(At.FDCWD, '/proc/self/status', 0)[1], uid);
    },
  },
  umask: {
    'gives the one before': (native) => {
      const before = native.umask(0o027);
      equal(native.umask(before), 0o027);
    },
  },
  pidfdOpen: {
    'is closed at exec': (native) => withFds(native, [native.pidfdOpen(native.getpid())]),
    'a pid that cannot be is ESRCH': (native) => {
      fails(() => native.pidfdOpen(0x7ffffffe), 'ESRCH', 3, 'pidfd_open', 'No such process');
    },
  },
  pidfdGetfd: {
    'is the same file, closed at exec': (native) => {
      withFds(
        native,
        [native.pidfdOpen(native.getpid()), native.memfdCreate('taken', Memfd.CLOEXEC)],
        (self = -1, file = -1) => {
          withFds(native, [native.pidfdGetfd(self, file)], (taken = -1) => {
            native.write(file, 'x');
            equal(native.statat(taken, '', At.EMPTY_PATH)[3], 1);
          });
          fails(() => native.pidfdGetfd(self, 1 << 20), 'EBADF', 9, 'pidfd_getfd', 'Bad file descriptor');
        },
      );
    },
  },
  pidfdSendSignal: {
    kills: (native) => {
      runScript(native, 'exec sleep 10', (_pid, pidfd) => {
        native.pidfdSendSignal(pidfd, 0);
        native.pidfdSendSignal(pidfd, Signal.KILL);
        equal(native.waitPidfd(pidfd, 0), [ChildEnd.KILLED, Signal.KILL]);
        fails(() => native.pidfdSendSignal(pidfd, 0), 'ESRCH', 3, 'pidfd_send_signal');
        native.close(pidfd);
      });
    },
  },
  waitPidfd: {
    'gives nothing while it goes on, then the status': (native) => {
      runScript(native, 'sleep 0.2; exit 77', (_pid, pidfd) => {
        equal(native.waitPidfd(pidfd, Wait.NOHANG), []);
        equal(native.waitPidfd(pidfd, 0), [ChildEnd.EXITED, 77]);
        fails(() => native.waitPidfd(pidfd, 0), 'ECHILD', 10, 'waitid', 'No child processes');
        native.close(pidfd);
      });
    },
  },
  reapAny: {
    'is -1 without children, 0 while none has ended, then its pid': (native) => {
      equal(native.reapAny(0), -1);
      runScript(native, 'sleep 0.2', (pid, pidfd) => {
        equal(native.reapAny(0), 0);
        // A pidfd is readable when its process has ended.
        equal(native.poll([pidfd], [1], 5000), [1]);
        equal(native.reapAny(pid), 0);
        equal(native.reapAny(0), pid);
        equal(native.reapAny(0), -1);
        native.close(pidfd);
      });
    },
  },
  setRlimit: {
    'takes 64 bits': (native) => {
      runScript(native, 'exec sleep 10', (pid, pidfd) => {
        const core = 4;
        const limit = () =>
          lineOf(contentOf(native, `/proc/${pid}/limits`), 'Max core file size')
            .split(/ +/)
            .slice(0, 2);
        const before = contentOf(native, `/proc/${pid}/limits`);
        native.setRlimit(pid, core, 0n, 9007199254740993n);
        equal(limit(), ['0', '9007199254740993'], before);
        native.pidfdSendSignal(pidfd, Signal.KILL);
        endOf(native, pidfd);
      });
      const most = 2n ** 64n - 1n;
      fails(() => native.setRlimit(0, 99, most, most), 'EINVAL', 22, 'prlimit64');
      fails(() => native.setRlimit(0, 4, most, 0n), 'EINVAL', 22, 'prlimit64');
    },
  },
};
