import { At, ChildEnd, Mode, O, Signal } from '../constants.ts';
import type { Native } from '../native.ts';
import { contentOf, endOf, equal, fails, lineOf, ok, type Surface, withFds, withFile } from './check.ts';
import { runScript } from './processes.ts';

type Spawn = Pick<Surface, 'spawnInit'>;

// What the child says about itself. The shell opens its script with a number of its own, 10 or more.
const selfReport = `
exec > report 2>&1
echo "arguments: $0 $#: $*"
grep Sig /proc/self/status
grep 'open files' /proc/self/limits
for fd in 3 4 5 6 7 8 9; do [ -e /proc/$$/fd/$fd ] && echo "open: $fd"; done
[ -e /proc/$$/fd/$0 ] && echo 'the socket is open'
tr '\\0' '\\n' < /proc/$$/environ | sed 's/^/environment: /'
cat /proc/self/cgroup
exit 3
`;

function report(native: Native): string {
  const text = contentOf(native, 'report');
  native.unlinkat(At.FDCWD, 'report', 0);
  return text;
}

/**
 * The signals and the limit that a child begins with, as it waits for a fifo to be opened: told to surface.test.ts,
 * which knows what the caller of this program gave. No shell: it changes them for itself.
 */
function tellConditions(native: Native): void {
  withFds(native, [native.open('/bin/cat', O.RDONLY, 0), ...native.socketPair()], (image, socket) => {
    native.mknodat(At.FDCWD, String(socket), Mode.FIFO | 0o600, 0, 0);
    const [pid, pidfd] = native.spawnInit(image, socket, -1, 'cat', 0, -1);
    const status = contentOf(native, `/proc/${pid}/status`);
    const files = lineOf(contentOf(native, `/proc/${pid}/limits`), 'Max open files').split(/ +/);
    native.pidfdSendSignal(pidfd, Signal.KILL);
    endOf(native, pidfd);
    native.unlinkat(At.FDCWD, String(socket), 0);
    const line = ['SigBlk:', 'SigIgn:', 'SigCgt:'].map((title) => `${title} ${lineOf(status, title)}`).join(' ');
    native.write(1, `# conditions ${line} files: ${files[0]} ${files[1]}\n`);
  });
}

/** The directory of the cgroup2 hierarchy. */
function cgroupRoot(native: Native): string {
  const mount = contentOf(native, '/proc/self/mountinfo')
    .split('\n')
    .find((line) => line.includes(' - cgroup2 '));
  const path = mount?.split(' ')[4];
  if (path === undefined) throw new Error('this machine has no cgroup2 hierarchy mounted');
  return path;
}

function inCgroup(native: Native, use: (cgroup: number, name: string) => void): void {
  const name = `ocirun-test-surface-${native.getpid()}`;
  const path = `${cgroupRoot(native)}/${name}`;
  native.mkdirat(At.FDCWD, path, 0o755);
  try {
    withFds(native, [native.open(path, O.RDONLY | O.DIRECTORY, 0)], (cgroup) => use(cgroup, name));
  } finally {
    native.unlinkat(At.FDCWD, path, At.REMOVEDIR);
  }
}

export const spawn: Spawn = {
  spawnInit: {
    'has the arguments, the socket, no environment, no signal blocked by us': (native) => {
      // With signals that are blocked in this process, which must not show in the child.
      native.close(native.signalFd([Signal.WINCH, Signal.TERM]));
      runScript(native, selfReport, (_pid, pidfd) => equal(endOf(native, pidfd), [ChildEnd.EXITED, 3]));
      const text = report(native);
      tellConditions(native);
      ok(lineOf(text, 'arguments:').endsWith(' 2: 0 0000000000'), 'arguments');
      ok(text.includes('the socket is open'), 'the socket is open');
      ok(!text.includes('environment: '), 'no environment');
      equal(lineOf(text, 'SigPnd:'), '0'.repeat(16));
    },
    'is gone when it fails to execute, and says why': (native) => {
      withFile(native, 'not-a-program', 'x', () => {
        withFds(native, [native.open('not-a-program', O.RDONLY, 0), ...native.socketPair()], (image, socket) => {
          fails(() => native.spawnInit(image, socket, -1, 'x', 0, -1), 'ENOEXEC', 8, 'execveat', 'Exec format error');
          equal(native.reapAny(0), -1);
        });
      });
      fails(() => native.spawnInit(0, -1, -1, 'x', 0, -1), 'EBADF', 9, 'fcntl');
      equal(native.reapAny(0), -1);
    },
    'a kept descriptor that is not there is EBADF': (native) => {
      withFds(native, [native.open('/bin/sh', O.RDONLY, 0), ...native.socketPair()], (image, socket) => {
        fails(() => native.spawnInit(image, socket, -1, 'sh', 500, -1), 'EBADF', 9, 'fcntl');
      });
      equal(native.reapAny(0), -1);
    },
    'keeps descriptors in the child only': (native) => {
      withFds(native, [native.open('/bin/sh', O.RDONLY, 0), ...native.socketPair()], (image, socket) => {
        withFile(native, String(socket), selfReport, () => {
          // Makes 3 … 3 + n open in this process, all closed at exec.
          const fds = Array.from({ length: 3 }, () => native.open('/dev/null', O.RDONLY, 0));
          endOf(native, native.spawnInit(image, socket, -1, 'sh', 2, -1)[1]);
          ok(/open: 3\nopen: 4\n/.test(report(native)), '3 and 4 are open');
          withFds(native, [...fds, socket].slice(0, 3));
        });
      });
    },
    'is in the cgroup from the start': (native) => {
      inCgroup(native, (cgroup, name) => {
        withFds(native, [native.open('/bin/sh', O.RDONLY, 0), ...native.socketPair()], (image, socket) => {
          withFile(native, String(socket), selfReport, () => {
            endOf(native, native.spawnInit(image, socket, cgroup, 'sh', 0, -1)[1]);
            ok(lineOf(report(native), '0::').endsWith(`/${name}`), 'the cgroup');
          });
        });
      });
    },
    'into what is no cgroup fails': (native) => {
      withFds(native, [native.open('/bin/sh', O.RDONLY, 0), native.open('.', O.RDONLY, 0)], (image, directory) => {
        fails(() => native.spawnInit(image, 0, directory, 'sh', 0, -1), 'EBADF', 9, 'clone3', 'Bad file descriptor');
      });
    },
    'is killed where it cannot execute in time: its cgroup is frozen': (native) => {
      inCgroup(native, (cgroup, name) => {
        const freeze = native.openat(cgroup, 'cgroup.freeze', O.WRONLY, 0);
        native.write(freeze, '1');
        native.close(freeze);
        withFds(native, [native.open('/bin/sh', O.RDONLY, 0), ...native.socketPair()], (image, socket) => {
          const began = native.clock(1);
          fails(() => native.spawnInit(image, socket, cgroup, 'sh', 0, 100), 'ETIMEDOUT', 110, 'execve');
          const [seconds, nanoseconds] = native.clock(1);
          const took = seconds - began[0] + (nanoseconds - began[1]) / 1e9;
          ok(took >= 0.1 && took < 2, `${name}: after ${took} s`);
        });
        equal(native.reapAny(0), -1);
      });
    },
    'executes a sealed memfd, whose descriptor is closed at exec': (native) => {
      withFds(native, [native.memfdCreate('ocirun-test', 2), ...native.socketPair()], (image, socket) => {
        native.writeInitImage(image);
        native.addSeals(image, 15);
        const [, pidfd] = native.spawnInit(image, socket, -1, 'ocirun-test', 0, -1);
        native.pidfdSendSignal(pidfd, Signal.KILL);
        const [code] = endOf(native, pidfd);
        ok(code === ChildEnd.KILLED || code === ChildEnd.EXITED, 'it ran');
      });
    },
  },
};
