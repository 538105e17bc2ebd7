import t from 'tap';
import type { OcirunError } from '../errors/error.ts';
import type { Control } from '../plan/cgroup/index.ts';
import type { Native } from '../sys/native.ts';

/** A hierarchy in memory: the text of each file, what was written in which order, and what is refused. */
let files = new Map<string, string>();
let writes: string[] = [];
let refuse: (path: string, text: string) => string | undefined = () => undefined;
let open: string[] = [];

const failure = (syscall: string, code: string): Error =>
  Object.assign(new Error(`${syscall}: No good`), { errno: 1, code, syscall });

globalThis.ocirunNative = {
  open: (path: string) => {
    if (!files.has(path)) throw failure('open', 'ENOENT');
    return open.push(path) - 1;
  },
  readText: (fd: number) => files.get(open[fd] ?? ''),
  write: (fd: number, text: string) => {
    const path = open[fd] ?? '';
    const code = refuse(path, text);
    writes.push(`${code ? `${code} ` : ''}${path.slice('/cg'.length)} ${text}`);
    if (code) throw failure('write', code);
    if (!path.endsWith('cgroup.subtree_control')) return;
    // What is enabled shows below at once.
    const added = text.replaceAll('+', '').split(' ');
    files.set(path, `${files.get(path)} ${added.join(' ')}`.trim());
    for (const [name] of files)
      if (name.endsWith('/cgroup.controllers') && parent(parent(name)) === parent(path))
        files.set(name, files.get(path) ?? '');
  },
  close: () => undefined,
} as unknown as Native;

const parent = (path: string): string => path.slice(0, path.lastIndexOf('/'));

const { enableControllers } = await import('./controllers.ts');
const { writeControls } = await import('./controls.ts');
const { admitProcesses, killThreaded } = await import('./threaded.ts');
const { giveCgroup } = await import('./owner.ts');

/** A hierarchy /cg with these controllers, and a cgroup /cg/a/b with these files. */
function hierarchy(controllers: string, own: Readonly<Record<string, string>> = {}): void {
  files = new Map([
    ['/cg/cgroup.controllers', controllers],
    ['/cg/cgroup.subtree_control', ''],
  ]);
  for (const level of ['/cg/a', '/cg/a/b'])
    for (const file of ['controllers', 'subtree_control']) files.set(`${level}/cgroup.${file}`, '');
  for (const [name, text] of Object.entries(own)) files.set(name.startsWith('/') ? name : `/cg/a/b/${name}`, text);
  writes = [];
  open = [];
  refuse = () => undefined;
}

const control = (file: string, value: string, more: Partial<Control> = {}): Control => {
  const [controller = ''] = file.split('.');
  return { pointer: `/r/${file}`, controller, file, value, ...more };
};

function errorOf(action: () => void): OcirunError {
  try {
    action();
  } catch (error) {
    return error as OcirunError;
  }
  throw new Error('nothing was thrown');
}

const write = (...controls: Control[]): void => writeControls('/cg/a/b', controls);
const set = (...controls: Control[]): void => {
  enableControllers('/cg', '/cg/a/b', controls);
  write(...controls);
};

t.test('all controllers are enabled from the root on, then the values are written', async (t) => {
  hierarchy('cpu memory', { 'memory.max': '', 'cpu.weight': '' });
  set(control('memory.max', '5'), control('cpu.weight', '7'));
  t.same(writes, [
    '/cgroup.subtree_control +cpu +memory',
    '/a/cgroup.subtree_control +cpu +memory',
    '/a/b/memory.max 5',
    '/a/b/cpu.weight 7',
  ]);
  writes = [];
  set(control('memory.max', '6'));
  t.same(writes, ['/a/b/memory.max 6'], 'once they are there, they are');
});

t.test('what cannot be had is left out where nobody needs it', async (t) => {
  hierarchy('cpu rdma', { 'cpu.weight': '' });
  refuse = (_, text) => (text.includes('rdma') ? 'EPERM' : undefined);
  set(control('cpu.weight', '7'));
  t.same(writes, [
    'EPERM /cgroup.subtree_control +cpu +rdma',
    '/cgroup.subtree_control +cpu',
    'EPERM /cgroup.subtree_control +rdma',
    '/a/cgroup.subtree_control +cpu',
    '/a/b/cpu.weight 7',
  ]);
});

t.test('a cgroup with processes gets threaded children only for a limit that needs them', async (t) => {
  const busy = (path: string): string | undefined => (path === '/cg/a/cgroup.subtree_control' ? 'EBUSY' : undefined);
  hierarchy('cpu memory pids');
  refuse = busy;
  set();
  t.same(writes.slice(1), ['EBUSY /a/cgroup.subtree_control +cpu +memory +pids'], 'nobody needs one');
  hierarchy('cpu memory pids', { '/cg/a/cgroup.type': 'domain\n', 'cgroup.type': 'domain\n' });
  refuse = busy;
  const error = errorOf(() => set(control('pids.max', '1'), control('memory.max', '1')));
  t.same(writes.slice(1), ['EBUSY /a/cgroup.subtree_control +cpu +memory +pids'], 'memory can have none');
  t.match(error, {
    code: 'E_CGROUP',
    message: 'enable the cgroup controller pids below /cg/a: no good',
    details: { pointer: '/r/pids.max', errnoName: 'EBUSY', hint: /processes of its own/ },
  });
  hierarchy('cpu memory pids', { 'pids.max': '' });
  refuse = (path, text) => (text === '+pids' ? undefined : busy(path));
  set(control('pids.max', '1'));
  t.same(writes.slice(1), [
    'EBUSY /a/cgroup.subtree_control +cpu +memory +pids',
    '/a/cgroup.subtree_control +pids',
    '/a/b/pids.max 1',
  ]);
});

t.test('a threaded cgroup on the way is named', async (t) => {
  for (const [type, says] of [
    ['threaded', 'threaded mode'],
    ['domain threaded', 'domain threaded mode'],
    ['domain invalid', 'an invalid state'],
  ]) {
    hierarchy('memory', { '/cg/a/cgroup.type': 'domain\n', 'cgroup.type': `${type}\n` });
    refuse = () => 'EOPNOTSUPP';
    t.match(
      errorOf(() => set(control('memory.max', '1'))),
      {
        message: `cannot enter cgroupv2 "/cg/a/b" with domain controllers -- it is in ${says}`,
        details: { pointer: '/r/memory.max', path: '/cg/a/b/cgroup.type' },
      },
    );
  }
});

t.test('a cgroup that can have no processes is made threaded, unless a limit needs a domain', async (t) => {
  hierarchy('', { 'cgroup.type': 'domain\n' });
  admitProcesses('/cg/a/b', [control('memory.max', '1')]);
  t.same(writes, []);
  hierarchy('', { 'cgroup.type': 'domain invalid\n' });
  admitProcesses('/cg/a/b', [control('pids.max', '1'), control('cgroup.max.depth', '1')]);
  t.same(writes, ['/a/b/cgroup.type threaded']);
  t.match(
    errorOf(() => admitProcesses('/cg/a/b', [control('io.max', '1')])),
    { message: /cannot enter cgroupv2 .* invalid state/, details: { pointer: '/r/io.max' } },
  );
});

t.test('the processes of a threaded cgroup are killed one by one', async (t) => {
  const threads = { '/proc/7/status': 'Name:\tsh\nTgid:\t7\n', '/proc/9/status': 'Name:\tsh\nTgid:\t9\n' };
  hierarchy('', { '/cg/a': '', 'cgroup.threads': '7\n9\n', 'cgroup.freeze': '', ...threads });
  Object.assign(globalThis.ocirunNative, {
    openat2: (dir: number, name: string) => open.push(`${open[dir]}/${name}`) - 1,
    openat: (dir: number, name: string) => {
      if (name === 'cgroup.procs') throw failure('read', 'EOPNOTSUPP');
      return open.push(`${open[dir]}/${name}`) - 1;
    },
    listDirectory: () => [],
    pidfdOpen: (pid: number) => {
      if (pid === 7) throw failure('pidfd_open', 'ESRCH');
      return open.push(`pid ${pid}`) - 1;
    },
    pidfdSendSignal: (fd: number, signal: number) => writes.push(`${open[fd]} signal ${signal}`),
  });
  killThreaded('/cg/a/b');
  t.same(writes, ['/a/b/cgroup.freeze 1', 'pid 9 signal 9', '/a/b/cgroup.freeze 0']);
  hierarchy('');
  killThreaded('/cg/a/b');
  t.same(writes, [], 'it may have gone');
});

const nowhere: readonly (readonly [string, RegExp])[] = [
  ['blkio\t7\t1\t1', /bound to a cgroup v1 hierarchy.*cgroup_no_v1=blkio/],
  ['blkio\t0\t1\t0', /cgroup_disable=blkio/],
  ['memory\t3\t1\t1', /built or booted without it/],
];

t.test('a controller that the hierarchy does not have is looked for elsewhere', async (t) => {
  for (const [line, hint] of nowhere) {
    hierarchy('cpu', { '/proc/cgroups': `#subsys_name\n${line}\n` });
    t.match(
      errorOf(() => set(control('cgroup.max.depth', '1'), control('io.max', 'x'), control('io.weight', 'y'))),
      { message: 'the cgroup2 hierarchy at /cg has no controller io', details: { pointer: '/r/io.max', hint } },
    );
  }
  t.match(
    errorOf(() => set(control('io.max', 'x', { pointer: '/linux/resources/unified/io.max' }))).message,
    `unified resource "io.max" can't be set: controller "io" not available: the cgroup2 hierarchy`,
  );
  t.same(writes, []);
});

t.test('a controller that went away is told', async (t) => {
  hierarchy('cpu');
  const { write: before } = globalThis.ocirunNative;
  t.teardown(() => (globalThis.ocirunNative.write = before));
  globalThis.ocirunNative.write = () => undefined;
  t.match(
    errorOf(() => set(control('cpu.max', 'x'))),
    { message: 'the cgroup controller cpu is not there for /cg/a/b', details: { pointer: '/r/cpu.max' } },
  );
});

t.test('a file that is not there', async (t) => {
  hierarchy('', { 'io.weight': '' });
  write(control('memory.swap.max', '0', { optional: true }));
  t.same(writes, [], 'is no loss');
  write(control('io.bfq.weight', '500', { instead: { file: 'io.weight', value: '4950' } }));
  t.same(writes, ['/a/b/io.weight 4950'], 'is replaced');
  t.match(
    errorOf(() => write(control('hugetlb.4MB.max', '0', { lacking: 'this machine has no huge pages of 4MB' }))),
    { code: 'E_CGROUP', message: 'this machine has no huge pages of 4MB (no /cg/a/b/hugetlb.4MB.max)' },
  );
  t.match(
    errorOf(() => write(control('memory.x', '0'))).message,
    'write 0 to /cg/a/b/memory.x: no such file or directory',
  );
  t.match(
    errorOf(() => write(control('memory.x', '\n', { pointer: '/linux/resources/unified/memory.x' }))).message,
    'unable to set unified resource "memory.x": write nothing to /cg/a/b/memory.x: no such file or directory',
  );
});

t.test('a value that the kernel refuses is told with what that means', async (t) => {
  hierarchy('', { 'io.max': '', 'memory.max': '' });
  refuse = () => 'ENODEV';
  t.match(
    errorOf(() => write(control('io.max', '9:9 rbps=1'))),
    {
      message: 'write 9:9 rbps=1 to /cg/a/b/io.max: no good',
      details: { pointer: '/r/io.max', path: '/cg/a/b/io.max', errnoName: 'ENODEV', hint: /no block device/ },
    },
  );
  t.equal(errorOf(() => write(control('memory.max', '1'))).details.hint, undefined);
});

t.test('what depends on another value is tried once more after it', async (t) => {
  const burst = control('cpu.max.burst', '9', { again: true });
  const quota = control('cpu.max', '9 10');
  hierarchy('', { 'cpu.max.burst': '', 'cpu.max': '' });
  refuse = (path, text) => (text === '9' && !writes.includes('/a/b/cpu.max 9 10') ? 'EINVAL' : undefined);
  write(burst, quota);
  t.same(writes, ['EINVAL /a/b/cpu.max.burst 9', '/a/b/cpu.max 9 10', '/a/b/cpu.max.burst 9']);
  refuse = (path) => (path.endsWith('burst') ? 'EINVAL' : undefined);
  t.match(errorOf(() => write(burst, quota)).details, { pointer: '/r/cpu.max.burst', hint: /larger than the quota/ });
  refuse = (path) => (path.endsWith('burst') ? 'EPERM' : undefined);
  writes = [];
  t.match(errorOf(() => write(burst, quota)).details, { errnoName: 'EPERM' });
  t.same(writes, ['EPERM /a/b/cpu.max.burst 9'], 'only what that can help');
});

t.test('a limit below what is in use is refused before anything is written', async (t) => {
  const limits = [
    { what: 'memory+swap limit', limit: 200n },
    { what: 'memory limit', limit: 100n },
  ];
  const controls = [control('pids.max', '5'), control('memory.max', '100', { aboveUsage: limits })];
  hierarchy('', { 'memory.current': '100\n', 'memory.max': '', 'pids.max': '' });
  t.match(
    errorOf(() => write(...controls)),
    { message: 'rejecting memory limit 100 <= usage 100', details: { pointer: '/r/memory.max' } },
  );
  files.set('/cg/a/b/memory.current', '200\n');
  t.match(errorOf(() => write(...controls)).message, 'rejecting memory+swap limit 200 <= usage 200');
  t.same(writes, []);
  files.set('/cg/a/b/memory.current', '99\n');
  write(...controls);
  files.delete('/cg/a/b/memory.current');
  write(...controls);
  t.same(writes.length, 4, 'where it cannot be told, the limit counts');
});

t.test('a cgroup is given with what the kernel lets be delegated', async (t) => {
  const given: unknown[] = [];
  Object.assign(globalThis.ocirunNative, {
    fchownat: (_: number, path: string, uid: number, gid: number) => {
      if (path.endsWith('gone')) throw failure('fchownat', 'ENOENT');
      given.push([path, uid, gid]);
    },
  });
  hierarchy('', { '/sys/kernel/cgroup/delegate': 'cgroup.procs\nmemory.gone\n' });
  giveCgroup('/cg/a/b', 1000);
  const unchanged = 0xffffffff;
  t.same(given, [
    ['/cg/a/b', 1000, unchanged],
    ['/cg/a/b/cgroup.procs', 1000, unchanged],
  ]);
  given.length = 0;
  hierarchy('');
  giveCgroup('/cg/a/b', 7);
  t.same(
    given.map((each) => (each as string[])[0]),
    ['', '/cgroup.procs', '/cgroup.subtree_control', '/cgroup.threads'].map((file) => `/cg/a/b${file}`),
  );
});
