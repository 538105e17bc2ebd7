import { At, Bpf, O } from '../constants.ts';
import type { Native } from '../native.ts';
import { equal, fails, ok, type Surface, withFds } from './check.ts';

type DevicePrograms = Pick<
  Surface,
  'loadDeviceProgram' | 'attachDeviceProgram' | 'detachDeviceProgram' | 'devicePrograms' | 'openProgram'
>;

const bytes = (...values: number[]): Uint8Array => new Uint8Array(values);

/** return `answer` */
const program = (native: Native, answer: number): number =>
  native.loadDeviceProgram(bytes(0xb4, 0, 0, 0, answer, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0));

/** A cgroup of cgroup2, wherever that is mounted. */
function withCgroup(native: Native, use: (cgroup: number) => void): void {
  const mount = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'].find((path) =>
    native.exists(At.FDCWD, `${path}/cgroup.procs`),
  );
  const path = `${mount}/ocirun-test-surface-${native.getpid()}`;
  native.mkdirat(At.FDCWD, path, 0o755);
  try {
    withFds(native, [native.open(path, O.PATH | O.DIRECTORY, 0)], use);
  } finally {
    native.unlinkat(At.FDCWD, path, At.REMOVEDIR);
  }
}

/** Device programs: who may load one may attach it to a cgroup. */
export const devicePrograms: DevicePrograms = {
  loadDeviceProgram: {
    'the kernel checks it': (native) => {
      withFds(native, [program(native, 1)]);
      fails(() => program(native, 2), 'EINVAL', 22, 'bpf', 'Invalid argument');
      fails(() => native.loadDeviceProgram(bytes()), 'E2BIG', 7, 'bpf');
    },
  },
  attachDeviceProgram: {
    'one beside another, and one in the place of another': (native) => {
      withCgroup(native, (cgroup) => {
        withFds(
          native,
          [program(native, 0), program(native, 1), program(native, 1)],
          (first = -1, second = -1, third = -1) => {
            native.attachDeviceProgram(cgroup, first, Bpf.ALLOW_MULTI, -1);
            native.attachDeviceProgram(cgroup, second, Bpf.ALLOW_MULTI, -1);
            const [one, two] = native.devicePrograms(cgroup);
            native.attachDeviceProgram(cgroup, third, Bpf.ALLOW_MULTI | Bpf.REPLACE, first);
            const [three, still] = native.devicePrograms(cgroup);
            ok(one !== two && one !== three && two === still, 'the first is replaced');
            const again = (): void => native.attachDeviceProgram(cgroup, third, Bpf.ALLOW_MULTI | Bpf.REPLACE, first);
            fails(again, 'EINVAL', 22, 'bpf');
          },
        );
      });
      fails(() => native.attachDeviceProgram(-1, -1, Bpf.ALLOW_MULTI, -1), 'EBADF', 9, 'bpf', 'Bad file descriptor');
    },
  },
  detachDeviceProgram: {
    once: (native) => {
      withCgroup(native, (cgroup) => {
        withFds(native, [program(native, 1)], (fd) => {
          native.attachDeviceProgram(cgroup, fd, Bpf.ALLOW_MULTI, -1);
          native.detachDeviceProgram(cgroup, fd);
          equal(native.devicePrograms(cgroup), []);
          fails(() => native.detachDeviceProgram(cgroup, fd), 'ENOENT', 2, 'bpf');
        });
      });
    },
  },
  devicePrograms: {
    'has those of the cgroup itself': (native) => {
      withCgroup(native, (cgroup) => equal(native.devicePrograms(cgroup), []));
      fails(() => native.devicePrograms(-1), 'EBADF', 9, 'bpf');
    },
  },
  openProgram: {
    'by its id': (native) => {
      withCgroup(native, (cgroup) => {
        withFds(native, [program(native, 1)], (fd) => native.attachDeviceProgram(cgroup, fd, Bpf.ALLOW_MULTI, -1));
        const [id = 0] = native.devicePrograms(cgroup);
        withFds(native, [native.openProgram(id)], (fd) => native.detachDeviceProgram(cgroup, fd));
        equal(native.devicePrograms(cgroup), []);
      });
      fails(() => native.openProgram(0xffffffff), 'ENOENT', 2, 'bpf');
    },
  },
};
