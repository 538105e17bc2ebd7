import t from 'tap';
import { slicePath, unitOf } from './unit.ts';

t.test('where a slice is', async (t) => {
  const table: [string, string][] = [
    ['-.slice', ''],
    ['system.slice', '/system.slice'],
    ['a-b.slice', '/a.slice/a-b.slice'],
    ['test-a-b.slice', '/test.slice/test-a.slice/test-a-b.slice'],
    // cg_escape: these could be files of the cgroup above.
    ['memory.slice', '/_memory.slice'],
    ['cpu-pod.slice', '/_cpu.slice/cpu-pod.slice'],
    ['_x.slice', '/__x.slice'],
    ['memories.slice', '/memories.slice'],
  ];
  for (const [slice, path] of table) t.equal(slicePath(slice), path, slice);
});

t.test('names that no slice has', async (t) => {
  for (const slice of ['', '.slice', 'a', 'a.scope', 'a/b.slice', '-a.slice', 'a-.slice', 'a--b.slice', '--.slice'])
    t.throws(() => slicePath(slice), { code: 'E_CONFIG_RULE', message: `invalid slice name: ${slice}` }, slice);
  t.throws(() => slicePath('a b.slice'), { message: 'invalid unit name: a b.slice' });
});

t.test('the unit of a container', async (t) => {
  const table: [string | undefined, string, boolean, string, string, string][] = [
    ['system.slice:docker:1234', 'x', false, 'docker-1234.scope', 'system.slice', '/system.slice/docker-1234.scope'],
    [undefined, 'box', false, 'ocirun-box.scope', 'system.slice', '/system.slice/ocirun-box.scope'],
    ['', 'box', true, 'ocirun-box.scope', 'user.slice', '/user.slice/ocirun-box.scope'],
    [undefined, 'a+b', false, 'ocirun-a\\x2bb.scope', 'system.slice', '/system.slice/ocirun-a\\x2bb.scope'],
    [':runc:x', 'id', false, 'runc-x.scope', 'system.slice', '/system.slice/runc-x.scope'],
    // As runc has them.
    ['::', 'id', false, '-.scope', 'system.slice', '/system.slice/-.scope'],
    ['a.slice:x:', 'id', false, 'x-.scope', 'a.slice', '/a.slice/x-.scope'],
    ['::a.slice', 'id', false, 'a.slice', 'system.slice', '/a.slice'],
    ['::x', 'id', true, '-x.scope', 'user.slice', '/user.slice/-x.scope'],
    ['-.slice:a:b', 'id', false, 'a-b.scope', '-.slice', '/a-b.scope'],
    [
      'kubepods-burstable-pod1.slice:cri-containerd:c',
      'id',
      false,
      'cri-containerd-c.scope',
      'kubepods-burstable-pod1.slice',
      '/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1.slice/cri-containerd-c.scope',
    ],
    ['machine.slice:x:pod-a.slice', 'id', false, 'pod-a.slice', 'machine.slice', '/pod.slice/pod-a.slice'],
    ['a.slice:memory.x:y', 'id', false, 'memory.x-y.scope', 'a.slice', '/a.slice/memory.x-y.scope'],
    ['a.slice:_x:y', 'id', false, '_x-y.scope', 'a.slice', '/a.slice/__x-y.scope'],
    ['a.slice:cgroup.x:y', 'id', false, 'cgroup.x-y.scope', 'a.slice', '/a.slice/_cgroup.x-y.scope'],
  ];
  for (const [path, id, rootless, name, slice, directory] of table)
    t.strictSame(unitOf(path, id, rootless), { name, slice, path: directory }, String(path));
});

t.test('a path that is none for systemd', async (t) => {
  for (const path of ['/foo/bar', 'a:b', 'a:b:c:d'])
    t.throws(() => unitOf(path, 'x', false), {
      message: `expected cgroupsPath to be of format "slice:prefix:name" for systemd cgroups, got "${path}" instead`,
      details: { pointer: '/linux/cgroupsPath' },
    });
  t.throws(() => unitOf('system.slice:a/b:c', 'x', false), { message: 'invalid unit name: a/b-c.scope' });
  t.throws(() => unitOf(`system.slice:${'a'.repeat(250)}:c`, 'x', false), { code: 'E_CONFIG_RULE' });
  t.throws(() => unitOf('a/b.slice:x:y.slice', 'x', false), { message: 'invalid slice name: a/b.slice' });
  for (const path of ['::-.slice', 'a.slice:x:-.slice'])
    t.throws(() => unitOf(path, 'x', false), { message: "-.slice is the slice of all units, and no container's" });
  t.throws(() => unitOf('::.slice', 'x', false), { message: 'invalid slice name: .slice' });
  t.throws(() => unitOf('a.slice:x:y--z.slice', 'x', false), { message: 'invalid slice name: y--z.slice' });
});
