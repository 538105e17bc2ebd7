// Rehearses the commands with a kernel that only pretends, in the seed of the standalone binary: what they write to in
// the heap image is to lie together (addon/standalone/profile.h).
import { encodeRecord } from '../../../src/lifecycle/record.ts';
import { kinds } from '../../../src/plan/protocol.ts';
import { defaultSpec } from '../../../src/spec/default.ts';
import { native, type Native } from '../../../src/sys/native.ts';
import { Files } from './files.ts';

/** What `sys.exit` throws here. */
class Ended {
  readonly status: number;
  constructor(status: number) {
    this.status = status;
  }
}

const init = 7;
const stat = `${init} (init) S 1${' 0'.repeat(17)} 99 0\n`;

const spec = defaultSpec({ rootless: false, cgroup2: true, euid: 0, egid: 0 });
const config = JSON.stringify({ ...spec, process: { ...spec.process, terminal: false } });

const files = new Files({
  '/bundle/config.json': config,
  '/proc/self/cgroup': '0::/\n',
  [`/proc/${init}/stat`]: stat,
  [`/proc/${init}/exe`]: '/memfd:ocirun-init (deleted)',
  '/sys/fs/cgroup/rehearsal/b/cgroup.events': 'populated 0\nfrozen 0\n',
});

const record = (kind: keyof typeof kinds, a = 0): [Uint8Array, ...number[]] => [encodeRecord(kind, a), files.descriptor('pidfd')];
let said: [Uint8Array, ...number[]][] = [];
const cgroup2 = 0x63677270;
const ended = [1, 0];
const inAndHangUp = 17;
let fifo: Uint8Array[] = [];

/** What is not here does nothing; what the kernel has no part in is done by the addon itself. */
const pretended: Partial<Native> = {
  exit: (status) => {
    throw new Ended(status);
  },
  open: (path, flags) => files.open(path, flags),
  openat: (dir, path, flags) => files.open(files.path(dir, path), flags),
  openat2: (dir, path, flags) => files.open(files.path(dir, path), flags),
  readText: (fd) => files.read(fd),
  readBytes: () => fifo.pop() ?? new Uint8Array(0),
  write: (fd, data) => files.write(fd, data),
  mkdirat: (dir, path) => files.make(files.path(dir, path)),
  mknodat: (dir, path) => files.make(files.path(dir, path)),
  symlinkat: (content, dir, path) => files.link(content, files.path(dir, path)),
  unlinkat: (dir, path) => files.remove(files.path(dir, path)),
  renameat: (from, old, to, path) => files.rename(files.path(from, old), files.path(to, path)),
  readlinkat: (dir, path) => files.readLink(files.path(dir, path)),
  listDirectory: (fd) => files.list(files.path(fd, '')),
  statat: () => [0o40755, 0, 0, 0, 0, 1, 0, 0, 1],
  exists: (dir, path) => files.has(files.path(dir, path)),
  filesystemType: () => cgroup2,
  isInherited: () => true,
  memfdCreate: () => files.descriptor('memfd'),
  spawnInit: () => [init, files.descriptor('pidfd')],
  pidfdOpen: () => files.descriptor('pidfd'),
  waitPidfd: () => ended,
  reapAny: () => -1,
  socketPair: () => [files.descriptor('socket'), files.descriptor('socket')],
  startProgram: () => files.descriptor('pidfd'),
  awaitProgram: () => [1, 0, new Uint8Array(0), new Uint8Array(0)],
  receiveRecord: () => said.shift() ?? [new Uint8Array(0)],
  poll: (fds) => fds.map(() => inAndHangUp),
  signalFd: () => files.descriptor('signals'),
  readSignal: () => 0,
  openTree: () => files.descriptor('tree'),
  loadDeviceProgram: () => files.descriptor('program'),
  kernelRelease: () => '6.18.0',
};

const real = ['lazy', 'encodeText', 'decodeText', 'describeErrno', 'clock', 'getids', 'capabilities', 'environ'];

type Function = (...args: never[]) => unknown;

/** The function object of the addon is touched by every call: here, too. */
function pretendAll(functions: Record<string, Function | undefined>): void {
  for (const [name, original] of Object.entries(functions)) {
    const pretend = pretended[name as keyof Native] as Function | undefined;
    if (real.includes(name) || original === undefined) continue;
    functions[name] = (...args) => [original, pretend?.(...args)][1];
  }
}

/** @param run the exported function of the main script */
export function rehearse(run: () => never): void {
  const functions = native as unknown as Record<string, Function>;
  pretendAll(functions);
  const command = (...args: string[]): void => {
    said = [record('pid', init), record('ready')];
    fifo = [Uint8Array.of(48)];
    functions['argv'] = () => ['ocirun', '--root', '/run/r', ...args];
    try {
      run();
    } catch (error) {
      if (!(error instanceof Ended)) throw error;
      if (error.status !== 0) throw new Error(`rehearsal: ocirun ${args.join(' ')} ended with ${error.status}: ${files.errors}`);
    }
  };
  command('run', '--bundle', '/bundle', 'a');
  command('create', '--bundle', '/bundle', '--pid-file', '/pid', 'b');
  command('state', 'b');
  command('start', 'b');
  command('state', 'b');
  command('kill', 'b', 'KILL');
  files.remove(`/proc/${init}/stat`);
  command('delete', 'b');
  command('plan', '--bundle', '/bundle', '--format', 'bytes');
}
