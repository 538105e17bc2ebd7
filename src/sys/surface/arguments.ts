import type { Native } from '../native.ts';
import { fails, refuses } from './check.ts';

/** The kinds of arguments, each with values that are refused with a TypeError. */
const wrong = {
  int: ['1', 1.5, NaN, Infinity, 2 ** 31, -(2 ** 31) - 1, 2 ** 53, 1n, undefined, null, {}, []],
  uint: ['1', 0.5, NaN, -1, 2 ** 32, 2 ** 53, undefined, true],
  long: ['1', 0.5, NaN, -1, 2 ** 53, 1e300, undefined],
  text: [1, undefined, null, {}, ['x'], new Uint8Array(1)],
  path: [1, undefined, null, {}, ['x'], new Uint8Array(1)],
  bytes: ['x', [1], undefined, null, new Uint16Array(1), new Int8Array(1), new ArrayBuffer(1)],
  data: [1, [1], undefined, null, new Uint16Array(1), new Float64Array(1)],
  ints: [1, '1', undefined, null, {}, [1.5], ['1'], [undefined], [2 ** 31], new Uint8Array(1)],
  texts: [1, 'x', undefined, null, {}, [1], ['x', null], [['x']], new Uint8Array(1)],
  bool: [1, 0, 'true', undefined, null],
  big: [1, 1.5, '1', undefined, -1n, 2n ** 64n, 2n ** 200n],
} as const;

type Kind = keyof typeof wrong;

/** A right value of each kind; no function is ever called with right ones only. */
const right: Record<Kind, unknown> = {
  int: -1,
  uint: 0,
  long: 0,
  text: 'x',
  path: 'x',
  bytes: new Uint8Array(1),
  data: 'x',
  ints: [-1],
  texts: ['x'],
  bool: true,
  big: 0n,
};

/** The arguments of every function of the addon, by name and kind. */
const signatures: Record<Exclude<keyof Native, 'argv' | 'environ' | 'lazy'>, string> = {
  getenv: 'variable:path',
  exit: 'status:int',
  encodeText: 'text:text',
  decodeText: 'bytes:bytes',
  describeErrno: 'errno:int',
  clock: 'id:int',
  open: 'path:path flags:int mode:uint',
  openat: 'dir:int path:path flags:int mode:uint',
  openat2: 'dir:int path:path flags:long mode:uint resolve:long',
  close: 'fd:int',
  readText: 'fd:int limit:uint',
  readBytes: 'fd:int limit:uint',
  write: 'fd:int data:data',
  mkdirat: 'dir:int path:path mode:uint',
  mknodat: 'dir:int path:path mode:uint major:uint minor:uint',
  symlinkat: 'content:path dir:int path:path',
  unlinkat: 'dir:int path:path flags:int',
  renameat: 'oldDir:int oldPath:path newDir:int newPath:path',
  readlinkat: 'dir:int path:path',
  listDirectory: 'fd:int',
  statat: 'dir:int path:path flags:int',
  exists: 'dir:int path:path',
  filesystemType: 'fd:int',
  fchownat: 'dir:int path:path uid:uint gid:uint flags:int',
  flock: 'fd:int operation:int',
  lockBeside: 'fd:int',
  closeOnExec: 'fd:int on:bool',
  isInherited: 'fd:int',
  memfdCreate: 'name:path flags:uint',
  addSeals: 'fd:int seals:int',
  writeInitImage: 'fd:int',
  spawnInit: 'image:int socket:int cgroup:int name:path keep:uint timeout:int',
  getpid: '',
  getids: '',
  getcwd: '',
  kernelRelease: '',
  capabilities: '',
  setSubreaper: 'on:bool',
  setDumpable: 'on:bool',
  umask: 'mask:uint',
  pidfdOpen: 'pid:int',
  pidfdGetfd: 'pidfd:int fd:int',
  pidfdSendSignal: 'pidfd:int signal:int',
  waitPidfd: 'pidfd:int flags:int',
  reapAny: 'except:int',
  setRlimit: 'pid:int resource:int soft:big hard:big',
  socketPair: '',
  sendRecord: 'fd:int data:bytes fds:ints',
  receiveRecord: 'fd:int limit:uint',
  receiveTimeout: 'fd:int timeout:uint',
  poll: 'fds:ints wanted:ints timeout:int',
  defaultSignal: 'signal:int',
  signalFd: 'signals:ints',
  readSignal: 'fd:int',
  connectUnix: 'address:path type:int',
  bindDatagram: 'address:path',
  startProgram: 'path:path args:texts env:texts directory:path input:text limit:uint',
  awaitProgram: 'pidfd:int timeout:int',
  mountSetattr: 'fd:int flags:uint set:long clear:long userns:int',
  userNamespace: 'uidMap:path gidMap:path',
  openTree: 'dir:int path:path flags:uint',
  loadDeviceProgram: 'program:bytes',
  attachDeviceProgram: 'cgroup:int program:int flags:uint replaced:int',
  detachDeviceProgram: 'cgroup:int program:int',
  devicePrograms: 'directory:int',
  openProgram: 'id:uint',
  auditArchitecture: '',
  seccompHasFlags: 'filterFlags:uint',
  seccompHasAction: 'filterAction:uint',
};

/** Kinds of arguments that the kernel gets as a string, with how they hold one. */
const speaks: Partial<Record<Kind, (text: string) => unknown>> = {
  path: (text) => text,
  data: (text) => text,
  texts: (text) => ['x', text],
};

interface Parameter {
  readonly name: string;
  readonly kind: Kind;
}

const parametersOf = (signature: string): Parameter[] =>
  signature
    .split(' ')
    .filter((part) => part !== '')
    .map((part) => ({ name: part.split(':')[0] as string, kind: part.split(':')[1] as Kind }));

/** What a string that the kernel cannot have gives: the error's code and number. */
const unspeakable = [
  ['a\0b', 'EINVAL', 22],
  [`${'x'.repeat(600)}\0`, 'EINVAL', 22],
  ['a\ud800b', 'EILSEQ', 84],
  ['\udfff', 'EILSEQ', 84],
  [`${'ñ'.repeat(600)}\ud800`, 'EILSEQ', 84],
] as const;

/** Every argument of every function, wrong in every way, one at a time. */
export const argumentCases = Object.entries(signatures).map(([name, signature]) => ({
  name,
  run: (native: Native): void => {
    const parameters = parametersOf(signature);
    const call = native[name as keyof Native] as (...values: unknown[]) => unknown;
    const values = parameters.map(({ kind }) => right[kind]);
    refuses(() => call(...values, 'one more'), `${name}: takes ${values.length} arguments`);
    if (values.length > 0) refuses(() => call(...values.slice(1)), `${name}: takes ${values.length} arguments`);
    parameters.forEach((parameter, index) => {
      const message = `${name}: argument ${index + 1} (${parameter.name}) `;
      for (const value of wrong[parameter.kind]) refuses(() => call(...values.with(index, value)), message);
      const speak = speaks[parameter.kind];
      if (speak === undefined) return;
      for (const [text, code, errno] of unspeakable)
        fails(() => call(...values.with(index, speak(text))), code, errno, name);
    });
  },
}));
