import { ChildEnd, Signal } from '../constants.ts';
import type { Native } from '../native.ts';
import { equal, fails, lineOf, ok, type Surface, withFds, withFile } from './check.ts';

type Programs = Pick<Surface, 'runProgram'>;

interface Wishes {
  readonly args?: string[];
  readonly env?: string[];
  readonly directory?: string;
  readonly input?: string;
  readonly timeout?: number;
  readonly limit?: number;
}

/** [si_code, si_status, standard output, standard error] of a script of `sh`. */
function shell(native: Native, script: string, wishes: Wishes = {}): [number, number, string, string] {
  const {
    args = [],
    env = ['PATH=/usr/bin:/bin'],
    directory = '',
    input = '',
    timeout = 20_000,
    limit = 4096,
  } = wishes;
  const all = ['sh', '-c', script, ...args];
  const [code, status, output, errors] = native.runProgram('/bin/sh', all, env, directory, input, timeout, limit);
  return [code, status, native.decodeText(output), native.decodeText(errors)];
}

function secondsFor(native: Native, action: () => void): number {
  const [seconds, nanoseconds] = native.clock(1);
  action();
  const [later, more] = native.clock(1);
  return later - seconds + (more - nanoseconds) / 1e9;
}

export const programs: Programs = {
  runProgram: {
    'has arguments, environment, input and both outputs': (native) => {
      const script = 'printf "%s|" "$0" "$@"; env | sort; cat; echo oops >&2; exit 7';
      const wishes = { args: ['zero', 'one', '', 'ñ'], env: ['PATH=/bin', 'A=ü 1'], input: '{"a":"ñ"}' };
      const [code, status, output, errors] = shell(native, script, wishes);
      equal([code, status, errors], [ChildEnd.EXITED, 7, 'oops\n']);
      ok(output.startsWith('zero|one||ñ|A=ü 1\nPATH=/bin\n'), output);
      ok(output.endsWith('{"a":"ñ"}'), output);
    },
    'has an environment of nothing but what is given': (native) => {
      const [, , output] = native.runProgram('/usr/bin/env', ['env'], [], '', '', 20_000, 100);
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
      const run = (path: string) => () => native.runProgram(path, [path], [], '', '', -1, 100);
      fails(run('/ocirun-test-missing'), 'ENOENT', 2, 'execve', 'No such file or directory');
      fails(run('/proc/self/status'), 'EACCES', 13, 'execve', 'Permission denied');
      withFile(native, 'no-format', 'x', () => fails(run('./no-format'), 'ENOEXEC', 8, 'execve'));
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
    'is killed after the timeout': (native) => {
      const took = secondsFor(native, () => {
        equal(shell(native, 'echo before; exec sleep 20', { timeout: 150 }), [0, 0, 'before\n', '']);
      });
      ok(took >= 0.15 && took < 5, `after ${took} s`);
      equal(native.reapAny(0), -1);
    },
    'is killed after the timeout while it writes without end': (native) => {
      equal(shell(native, 'exec cat /dev/zero', { timeout: 100, limit: 1 }).slice(0, 3), [0, 0, '\0']);
    },
    'ends though another process holds its output': (native) => {
      const took = secondsFor(native, () => {
        const [code, status, output] = shell(native, 'sleep 5 & echo $!');
        equal([code, status], [ChildEnd.EXITED, 0]);
        withFds(native, [native.pidfdOpen(Number(output))], (left) => native.pidfdSendSignal(left, Signal.KILL));
      });
      ok(took < 4, `after ${took} s`);
    },
    'closes its output long before its end': (native) => {
      equal(shell(native, 'exec >&- 2>&-; sleep 0.1; exit 3'), [ChildEnd.EXITED, 3, '', '']);
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
      fails(() => native.runProgram('/nowhere', [], [], '', '', -1, 1), 'ENOENT', 2, 'execve');
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
};
