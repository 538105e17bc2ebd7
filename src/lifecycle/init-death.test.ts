import t from 'tap';
import { OcirunError } from '../errors/error.ts';
import type { Native } from '../sys/native.ts';

/** The files of the cgroup, and those that are open. */
let files: Readonly<Record<string, string>> = {};
let open: string[] = [];
let ended = 1;

globalThis.ocirunNative = {
  open: (path: string) => {
    if (!(path in files))
      throw Object.assign(new Error('open: No such file or directory'), { errno: 2, code: 'ENOENT' });
    return open.push(path) - 1;
  },
  readText: (fd: number) => files[open[fd] ?? ''],
  close: () => undefined,
  poll: () => [ended],
} as unknown as Native;

const { initDied, orEnded } = await import('./init-death.ts');

const deathIn = (found: typeof files, cgroup: string | undefined, pointer?: string): unknown => {
  files = found;
  open = [];
  const { code, message, details } = initDied('init ended', cgroup, pointer);
  return { code, message, ...details };
};

t.test('who was killed for memory is told so', async (t) => {
  const events = 'low 0\nhigh 0\nmax 3\noom 1\noom_kill 1\noom_group_kill 0\n';
  const found = { '/cg/memory.events': events, '/cg/memory.max': '4096\n' };
  t.match(deathIn(found, '/cg', '/linux/resources/unified/memory.max'), {
    code: 'E_INIT_DIED',
    message: 'container init was OOM-killed (memory limit too low?): init ended',
    path: '/cg/memory.events',
    pointer: '/linux/resources/unified/memory.max',
    hint: /^the limit is 4096 bytes/,
  });
  t.match(deathIn({ ...found, '/cg/memory.max': 'max\n' }, '/cg'), {
    pointer: undefined,
    hint: /^the memory of \/cg has no limit/,
  });
});

t.test('who was not, or where that cannot be told, is not', async (t) => {
  const quiet = 'low 0\noom_kill 0\noom_group_kill 7\n';
  for (const [found, cgroup] of [
    [{ '/cg/memory.events': quiet }, '/cg'],
    [{}, '/cg'],
    [{}, undefined],
  ] as const)
    t.match(deathIn(found, cgroup, '/x'), { message: 'init ended', hint: /killed from outside/, pointer: undefined });
});

t.test('what fails because init has ended is told as that', async (t) => {
  files = { '/cg/memory.events': 'oom_kill 1\n', '/cg/memory.max': '4096\n' };
  open = [];
  const plan = { controls: [{ file: 'memory.max', pointer: '/m', controller: 'memory', value: '1' }] };
  const told = (errnoName: string, path?: string): unknown =>
    orEnded(
      new OcirunError('E_NAMESPACE', 'write the uid map', { errnoName, ...(path ? { path } : {}) }),
      { pidfd: 3, cgroup: '/cg' },
      plan,
    );
  const message =
    'container init was OOM-killed (memory limit too low?): init ended before the container was ready (write the uid map)';
  t.match(told('ESRCH'), { code: 'E_INIT_DIED', message, details: { pointer: '/m' } });
  t.match(told('ENOENT', '/proc/5/uid_map'), { code: 'E_INIT_DIED', message });
  for (const other of [told('ENOENT', '/etc/x'), told('EPERM', '/proc/5/uid_map'), told('ENOENT')])
    t.match(other, { code: 'E_NAMESPACE' });
  ended = 0;
  t.match(told('ESRCH'), { code: 'E_NAMESPACE' }, 'it is still there');
  t.equal(orEnded(3, { pidfd: 3, cgroup: '/cg' }, plan), 3);
});
