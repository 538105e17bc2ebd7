import { At, Poll, Signal } from '../constants.ts';
import { equal, fails, type Surface, withFds } from './check.ts';

type Talking = Pick<
  Surface,
  | 'socketPair'
  | 'sendRecord'
  | 'receiveRecord'
  | 'receiveTimeout'
  | 'poll'
  | 'defaultSignal'
  | 'signalFd'
  | 'readSignal'
  | 'connectUnix'
  | 'bindDatagram'
>;

const stream = 1;
const datagram = 2;

const bytes = (...values: number[]): Uint8Array => new Uint8Array(values);

/** Sockets, waiting, signals. */
export const talking: Talking = {
  socketPair: {
    'keeps records apart, closed at exec': (native) => {
      withFds(native, native.socketPair(), (one, two) => {
        equal(native.sendRecord(one, bytes(1, 2), []), 2);
        equal(native.sendRecord(one, bytes(3), []), 1);
        equal(native.receiveRecord(two, 100), [[1, 2]]);
        equal(native.receiveRecord(two, 100), [[3]]);
      });
    },
  },
  sendRecord: {
    'to nobody is EPIPE, not a signal': (native) => {
      const [one, two] = native.socketPair();
      native.close(two);
      fails(() => native.sendRecord(one, bytes(1), []), 'EPIPE', 32, 'sendmsg', 'Broken pipe');
      native.close(one);
    },
    'too many or wrong descriptors': (native) => {
      withFds(native, native.socketPair(), (one) => {
        fails(() => native.sendRecord(one, bytes(1), [1 << 20]), 'EBADF', 9, 'sendmsg');
        const many = Array.from({ length: 254 }, () => one);
        fails(() => native.sendRecord(one, bytes(1), many), 'E2BIG', 7, 'sendmsg');
      });
    },
  },
  receiveRecord: {
    'brings descriptors, closed at exec': (native) => {
      withFds(native, native.socketPair(), (one, two) => {
        native.sendRecord(
          one,
          bytes(7),
          Array.from({ length: 253 }, () => one),
        );
        const [data, ...fds] = native.receiveRecord(two, 100);
        equal([data, fds.length], [[7], 253]);
        withFds(native, fds);
      });
    },
    'has no bytes at the end': (native) => {
      const [one, two] = native.socketPair();
      native.close(one);
      equal(native.receiveRecord(two, 100), [[]]);
      native.close(two);
    },
    'a longer record is EMSGSIZE, its descriptors closed': (native) => {
      withFds(native, native.socketPair(), (one, two) => {
        const count = (): number => {
          const fd = native.open('/proc/self/fd', 0, 0);
          const open = native.listDirectory(fd).length;
          native.close(fd);
          return open;
        };
        native.sendRecord(one, bytes(1, 2, 3), [one]);
        const before = count();
        fails(() => native.receiveRecord(two, 2), 'EMSGSIZE', 90, 'recvmsg', 'Message too long');
        equal(count(), before, 'open descriptors');
      });
    },
  },
  receiveTimeout: {
    'ends a wait with EAGAIN, and no other': (native) => {
      withFds(native, native.socketPair(), (one, two) => {
        native.receiveTimeout(one, 20);
        fails(() => native.receiveRecord(one, 10), 'EAGAIN', 11, 'recvmsg');
        native.sendRecord(two, bytes(1), []);
        equal(native.receiveRecord(one, 10), [[1]]);
      });
      fails(() => native.receiveTimeout(-1, 20), 'EBADF', 9, 'setsockopt');
    },
  },
  poll: {
    'says what came': (native) => {
      withFds(native, native.socketPair(), (one, two) => {
        equal(native.poll([one, two], [Poll.IN, Poll.IN | Poll.OUT], -1), [0, Poll.OUT]);
        native.sendRecord(two, bytes(1), []);
        equal(native.poll([one, -1], [Poll.IN, Poll.IN], -1), [Poll.IN, 0]);
        equal(native.poll([two], [Poll.IN], 1), [0]);
      });
      equal(native.poll([1 << 20], [Poll.IN], 0), [0x20]);
      equal(native.poll([], [], 0), []);
    },
    'wants lists of one length': (native) => fails(() => native.poll([1], [], 0), 'EINVAL', 22, 'poll'),
  },
  defaultSignal: {
    'has a child that nobody waits for stay to be waited for': (native) => {
      native.defaultSignal(Signal.CHLD);
      equal(native.reapAny(0), -1);
    },
  },
  signalFd: {
    'has signals come as numbers, closed at exec': (native) => {
      withFds(native, [native.signalFd([Signal.WINCH, Signal.URG]), native.pidfdOpen(native.getpid())], (fd, self) => {
        equal(native.readSignal(fd), 0);
        native.pidfdSendSignal(self, Signal.WINCH);
        equal(native.poll([fd], [Poll.IN], 5000), [Poll.IN]);
        equal(native.readSignal(fd), Signal.WINCH);
        native.pidfdSendSignal(self, Signal.URG);
        equal(native.poll([fd], [Poll.IN], 5000), [Poll.IN]);
        equal(native.readSignal(fd), Signal.URG);
        equal(native.readSignal(fd), 0);
      });
    },
    'a signal that cannot be is EINVAL': (native) => fails(() => native.signalFd([999]), 'EINVAL', 22, 'signalfd'),
  },
  readSignal: {
    'of something else is an error': (native) => {
      fails(() => native.readSignal(-1), 'EBADF', 9, 'read');
      withFds(native, [native.open('/dev/null', 0, 0)], (fd) => fails(() => native.readSignal(fd), 'EIO', 5, 'read'));
    },
  },
  connectUnix: {
    'of a datagram socket that is bound there': (native) => {
      withFds(native, [native.bindDatagram('there')], (there) => {
        withFds(native, [native.connectUnix('there', datagram)], (here) => {
          native.sendRecord(here, bytes(1, 2), [here]);
          const [data, ...fds] = native.receiveRecord(there, 100);
          equal([data, fds.length], [[1, 2], 1]);
          withFds(native, fds);
        });
        fails(() => native.connectUnix('there', stream), 'EPROTOTYPE', 91, 'connect');
      });
      fails(() => native.connectUnix('there', datagram), 'ECONNREFUSED', 111, 'connect', 'Connection refused');
      native.unlinkat(At.FDCWD, 'there', 0);
      fails(() => native.connectUnix('there', stream), 'ENOENT', 2, 'connect', 'No such file or directory');
    },
    'an abstract name': (native) => {
      const name = `@ocirun-test-${native.getpid()}`;
      withFds(native, [native.bindDatagram(name)], (there) => {
        equal(native.exists(At.FDCWD, name), false);
        withFds(native, [native.connectUnix(name, datagram)], (here) => native.sendRecord(here, bytes(1), []));
        equal(native.receiveRecord(there, 100), [[1]]);
      });
      fails(() => native.connectUnix(name, datagram), 'ECONNREFUSED', 111, 'connect');
    },
    'a long name, and one that is too long': (native) => {
      const name = 'x'.repeat(107);
      withFds(native, [native.bindDatagram(name)]);
      native.unlinkat(At.FDCWD, name, 0);
      fails(() => native.connectUnix(`${name}x`, stream), 'ENAMETOOLONG', 36, 'connect', 'File name too long');
    },
    'a type that cannot be': (native) => fails(() => native.connectUnix('x', 99), 'EINVAL', 22, 'socket'),
  },
  bindDatagram: {
    'makes a file, once': (native) => {
      withFds(native, [native.bindDatagram('bound')], () => {
        equal((native.statat(At.FDCWD, 'bound', 0)[0] ?? 0) & 0o170000, 0o140000);
        fails(() => native.bindDatagram('bound'), 'EADDRINUSE', 98, 'bind', 'Address already in use');
      });
      native.unlinkat(At.FDCWD, 'bound', 0);
    },
  },
};
