import { ChildEnd, Signal } from '../constants.ts';
import type { Native } from '../native.ts';
import { contentOf, equal, fails, lineOf, ok, type Surface, withFds, withFile } from './check.ts';

type Programs = Pick<Surface, 'startProgram' | 'awaitProgram'>;
type Ended = [number, number, Uint8Array, Uint8Array];

interface Wishes {
  readonly args?: string[];
  readonly env?: string[];
  readonly directory?: string;
  readonly input?: string;
  /** It is killed after so many milliseconds. */
  readonly timeout?: number;
  readonly limit?: number;
}

/** Run a program to its end, or to the timeout. */
function run(native: Native, path: string, args: string[], wishes: Wishes = {}): Ended {
  const { env = ['PATH=/usr/bin:/bin'], directory = '', input = '', timeout = 20_000, limit = 4096 } = wishes;
  const pidfd = native.startProgram(path, args, env, directory, input, limit);
  const ended = native.awaitProgram(pidfd, timeout);
  if (ended.length === 4) return ended;
  native.pidfdSendSignal(pidfd, Signal.KILL);
  return native.awaitProgram(pidfd, -1) as Ended;
}

/** [si_code, si_status, standard output, standard error] of a script of `sh`. */
function shell(native: Native, script: string, wishes: Wishes = {}): [number, number, string, string] {
  const all = ['sh', '-c', script, ...(wishes.args ?? [])];
  const [code, status, output, errors] = run(native, '/bin/sh', all, wishes);
  return [code, status, native.decodeText(output), native.decodeText(errors)];
}

function secondsFor(native: Native, action: () => void): number {
  const [seconds, nanoseconds] = native.clock(1);
  action();
  const [later, more] = native.clock(1);
  return later - seconds + (more - nanoseconds) / 1e9;
}

export const programs: Programs = {
  startProgram: {
    'has arguments, environment, input and both outputs': (native) => {
      const script = 'printf "%s|" "$0" "$@"; env | sort; cat; echo oops >&2; exit 7';
      const wishes = { args: ['zero', 'one', '', 'ñ'], env: ['PATH=/bin', 'A=ü 1'], input: '{"a":"ñ"}' };
      const [code, status, output, errors] = shell(native, script, wishes);
      equal([code, status, errors], [ChildEnd.EXITED, 7, 'oops\n']);
      ok(output.startsWith('zero|one||ñ|A=ü 1\nPATH=/bin\n'), output);
      ok(output.endsWith('{"a":"ñ"}'), output);
    },
    'has an environment of nothing but what is given': (native) => {
      const [, , output] = run(native, '/usr/bin/env', ['env'], { env: [] });
      equal(output.length, 0);
    },
    'dies of a signal': (native) => {
      equal(shell(native, 'kill -9 $$'), [ChildEnd.KILLED, Signal.KILL, '', '']);
    },
    'starts in the directory': (native) => {
      equal(shell(native, 'pwd', { directory: '/proc' })[2], '/proc\n');
      equal(shell(native, 'pwd -P')[2], `${native.getcwd()}\n`);
      fails(() => shell(native, 'pwd', { directory: '/proc/nowhere' }), 'ENOENT', 2, 'chdir');
    },
    'what cannot be executed is thrown': (native) => {
      const start = (path: string) => () => native.startProgram(path, [path], [], '', '', 100);
      fails(start('/ocirun-test-missing'), 'ENOENT', 2, 'execve', 'No such file or directory');
      fails(start('/proc/self/status'), 'EACCES', 13, 'execve', 'Permission denied');
      withFile(native, 'no-format', 'x', () => fails(start('./no-format'), 'ENOEXEC', 8, 'execve'));
      equal(native.reapAny(0), -1);
    },
    'keeps the end of what is written': (native) => {
      const script = 'head -c 300000 /dev/zero; printf end; head -c 100000 /dev/zero >&2; printf END >&2';
      const [code, status, output, errors] = shell(native, script, { limit: 5 });
      equal([code, status, output, errors], [ChildEnd.EXITED, 0, '\0\0end', '\0\0END']);
      equal(shell(native, 'echo lost', { limit: 0 })[2], '');
      equal(shell(native, 'printf 12345; sleep 0.1; printf 678', { limit: 6 })[2], '345678');
    },
    'an input longer than a pipe need not be read': (native) => {
      const input = 'x'.repeat(1 << 20);
      equal(shell(native, 'exit 0', { input }), [ChildEnd.EXITED, 0, '', '']);
      equal(shell(native, 'wc -c', { input })[2].trim(), '1048576');
      equal(shell(native, 'wc -c < /dev/stdin', { input: 'four' })[2].trim(), '4');
    },
    'has no other descriptor, and none of the signals that we block': (native) => {
      native.close(native.signalFd([Signal.WINCH, Signal.TERM]));
      withFds(native, [native.open('/dev/null', 0, 0)], (fd) => {
        native.closeOnExec(fd, false);
        const script =
          'for fd in 3 4 5 6 7 8 9; do [ -e /proc/$$/fd/$fd ] && echo $fd; done; grep SigBlk /proc/self/status';
        const [, , output] = shell(native, script);
        native.closeOnExec(fd, true);
        ok(output.startsWith('SigBlk'), output);
        // What is blocked by our own caller stays so: see the conditions in spawn.ts.
        const blocked = BigInt(`0x${lineOf(output, 'SigBlk:')}`);
        equal(Number(blocked & ((1n << 14n) | (1n << 27n))), 0, output);
      });
    },
    'leaves nothing open behind': (native) => {
      const count = () => {
        const fd = native.open('/proc/self/fd', 0, 0);
        const open = native.listDirectory(fd).length;
        native.close(fd);
        return open;
      };
      const before = count();
      shell(native, 'exit 0');
      fails(() => native.startProgram('/nowhere', [], [], '', '', 1), 'ENOENT', 2, 'execve');
      equal(count(), before);
    },
    'needs no standard input of ours': (native) => {
      native.close(0);
      try {
        equal(shell(native, 'cat; echo oops >&2', { input: 'in' }), [ChildEnd.EXITED, 0, 'in', 'oops\n']);
      } finally {
        equal(native.open('/dev/null', 0, 0), 0);
      }
    },
  },
  awaitProgram: {
    'comes back after the timeout; the program goes on': (native) => {
      const took = secondsFor(native, () => {
        const killed = [ChildEnd.KILLED, Signal.KILL, 'before\n', ''];
        equal(shell(native, 'echo before; exec sleep 20', { timeout: 150 }), killed);
      });
      ok(took >= 0.15 && took < 5, `after ${took} s`);
      equal(native.reapAny(0), -1);
    },
    'comes back while it is writing without end': (native) => {
      const [code, , output] = shell(native, 'exec cat /dev/zero', { timeout: 100, limit: 1 });
      equal([code, output], [ChildEnd.KILLED, '\0']);
    },
    'loses nothing of what is written between two waits': (native) => {
      const script = 'printf 1; sleep 0.2; printf 2; exit 3';
      const pidfd = native.startProgram('/bin/sh', ['sh', '-c', script], ['PATH=/bin'], '', '', 10);
      equal([native.awaitProgram(pidfd, 0), native.awaitProgram(pidfd, 10)], [[], []]);
      equal(native.awaitProgram(pidfd, -1), [ChildEnd.EXITED, 3, [49, 50], []]);
      fails(() => native.awaitProgram(pidfd, -1), 'EBADF', 9, 'waitid');
    },
    'ends though another process holds its output': (native) => {
      const took = secondsFor(native, () => {
        const [code, status, output] = shell(native, 'sleep 5 & echo $!');
        equal([code, status], [ChildEnd.EXITED, 0]);
        withFds(native, [native.pidfdOpen(Number(output))], (left) => native.pidfdSendSignal(left, Signal.KILL));
      });
      ok(took < 4, `after ${took} s`);
    },
    'is there to be waited for when a wait has failed': (native) => {
      const files = 7;
      const [soft = '', hard = ''] = lineOf(contentOf(native, '/proc/self/limits'), 'Max open files').split(/ +/);
      const pidfd = native.startProgram('/bin/sh', ['sh', '-c', 'exec sleep 20'], ['PATH=/bin'], '', '', 10);
      // poll(2) takes no more descriptors than we may have.
      native.setRlimit(0, files, 2n, BigInt(hard));
      try {
        fails(() => native.awaitProgram(pidfd, -1), 'EINVAL', 22, 'poll');
      } finally {
        native.setRlimit(0, files, BigInt(soft), BigInt(hard));
      }
      native.pidfdSendSignal(pidfd, Signal.KILL);
      equal(native.awaitProgram(pidfd, -1).slice(0, 2), [ChildEnd.KILLED, Signal.KILL]);
    },
    'closes its output long before its end': (native) => {
      equal(shell(native, 'exec >&- 2>&-; sleep 0.1; exit 3'), [ChildEnd.EXITED, 3, '', '']);
    },
  },
};
