import t from 'tap';
import type { Linux, Mount, NamespaceType, Spec } from '../spec/types.ts';
import { attr, propagation } from './mount-flags.ts';
import { mountSteps } from './mounts.ts';
import { type SlotSource, Sources } from './sources.ts';
import { type Step, slots } from './steps.ts';

const { recursive } = propagation;
const rslave = propagation.slave | recursive;
const rprivate = propagation.private | recursive;

const usual = { overlayAppends: true, cgroup2Only: true, cgroupMount: '/sys/fs/cgroup' };

/** The steps of some mounts and what the runtime opens for them. */
function planned(mounts: Mount[], linux: Linux = {}, host = usual): { steps: Step[]; sources: SlotSource[] } {
  const spec: Spec = { ociVersion: '1.3.0', mounts, linux };
  const sources = new Sources();
  return { steps: mountSteps({ spec, bundle: '/bundle', host }, sources), sources: sources.list };
}

const stepOfOne = (mount: Mount, linux?: Linux): Step => planned([mount], linux).steps[0] as Step;

t.test('a new filesystem', async (t) => {
  t.same(stepOfOne({ destination: '/a', type: 'ext4', source: '/dev/sda', options: ['ro', 'nosuid', 'data=x'] }), {
    op: 'mount',
    pointer: '/mounts/0',
    slots: [slots.root],
    nums: [attr.rdonly | attr.nosuid, 0, 0, 0, 0, 0],
    strs: ['/a', 'ext4', '/dev/sda', 'ro', 'data=x'],
  });
  t.same(stepOfOne({ destination: '/a', type: 'mqueue' }).strs, ['/a', 'mqueue', '']);
  t.same(planned([]).steps, []);
});

t.test('destinations count from the root and are cleaned', async (t) => {
  for (const destination of ['a/b', '/a/b/', '//a/./b', '/a/c/../b'])
    t.equal(stepOfOne({ destination, type: 'tmpfs' }).strs[0], '/a/b', destination);
});

t.test('attributes for all below are attributes of a new mount, too', async (t) => {
  const attributesOf = (...options: string[]): unknown =>
    stepOfOne({ destination: '/a', type: 'tmpfs', options }).nums[0];
  t.equal(attributesOf('nosuid', 'rro'), attr.nosuid | attr.rdonly);
  t.equal(attributesOf('ro', 'rrw'), 0);
  t.equal(attributesOf('noatime', 'rstrictatime'), attr.strictatime);
  t.equal(attributesOf('noatime', 'rrelatime'), 0);
});

t.test('what only some filesystems get', async (t) => {
  const numsOf = (mount: Partial<Mount>): unknown => stepOfOne({ destination: '/a', ...mount }).nums.slice(1);
  t.same(numsOf({ type: 'proc' }), [0, 1, 0, 0, 0], 'no link on the way to a procfs');
  t.same(numsOf({ type: 'sysfs' }), [0, 1, 0, 0, 0]);
  t.same(numsOf({ type: 'tmpfs' }), [0, 0, 1, 0, 0], 'the mode of what is covered');
  t.same(numsOf({ type: 'tmpfs', options: ['mode=755'] }), [0, 0, 0, 0, 0]);
  t.same(numsOf({ type: 'tmpfs', options: ['tmpcopyup'] }), [0, 0, 1, 1, 0]);
  t.same(numsOf({ destination: '/proc/uptime', type: 'tmpfs' }), [0, 0, 1, 0, 1], 'inside a procfs');
  t.same(numsOf({ type: 'tmpfs', options: ['rshared', 'mode=1'] }), [propagation.shared, 0, 0, 0, 0]);
});

t.test('long lists of lower directories of an overlay are split where the kernel knows it', async (t) => {
  const layer = `/${'a'.repeat(200)}`;
  const lowerdir = `lowerdir=${layer}:${layer}`;
  const mount = { destination: '/a', type: 'overlay', options: [lowerdir, 'ro'] };
  const optionsOf = (appends: boolean): unknown =>
    planned([mount], {}, { ...usual, overlayAppends: appends }).steps[0]?.strs.slice(3);
  t.same(optionsOf(false), ['ro', lowerdir]);
  t.same(optionsOf(true), ['ro', `lowerdir+=${layer}`, `lowerdir+=${layer}`]);
});

const bind = (...options: string[]): Mount => ({ destination: '/a', type: 'none', source: '/src', options });

t.test('a bind mount is a tree that the runtime opens', async (t) => {
  const { steps, sources } = planned([bind('bind'), bind('ro', 'rbind', 'noatime', 'rnosuid', 'suid')]);
  t.same(sources, [
    { slot: slots.first, kind: 'tree', pointer: '/mounts/0/source', path: '/src', recursive: false },
    { slot: slots.first + 1, kind: 'tree', pointer: '/mounts/1/source', path: '/src', recursive: true },
  ]);
  t.same(steps, [
    {
      op: 'attach',
      pointer: '/mounts/0',
      slots: [slots.root, slots.first],
      nums: [0, 0, 0, 0, rslave, 0, 0],
      strs: ['/a'],
    },
    {
      op: 'attach',
      pointer: '/mounts/1',
      slots: [slots.root, slots.first + 1],
      nums: [attr.rdonly | attr.noatime, attr.atime | attr.nosuid, attr.nosuid, 0, rslave, 0, 0],
      strs: ['/a'],
    },
  ]);
});

t.test('a relative source counts from the bundle; the type bind is enough', async (t) => {
  const pathOf = (mount: Partial<Mount>): unknown => planned([{ destination: '/a', ...mount }]).sources[0];
  t.match(pathOf({ source: 'data', options: ['bind'] }), { path: '/bundle/data' });
  t.match(pathOf({ source: './data/../x', options: ['bind'] }), { path: '/bundle/./data/../x' });
  t.match(pathOf({ source: '/data', type: 'bind' }), { path: '/data', recursive: false });
});

t.test('what is bound to /proc has to be a procfs, and its files may be covered', async (t) => {
  const { steps, sources } = planned([
    { ...bind('rbind'), destination: '/proc/' },
    { ...bind('bind'), destination: '/proc/cpuinfo' },
    { ...bind('bind'), destination: '/process' },
  ]);
  t.same(
    sources.map((source) => 'mustBeProc' in source && source.mustBeProc),
    [true, false, false],
  );
  t.same(
    steps.map(({ nums }) => nums[6]),
    [0, 1, 0],
  );
});

/** First propagation, then the one asked for. */
const spreadOf = (mount: Mount, rootfsPropagation?: NonNullable<Linux['rootfsPropagation']>): unknown =>
  stepOfOne(mount, rootfsPropagation ? { rootfsPropagation } : {}).nums.slice(4, 6);

t.test('a bind mount is a slave of the host’s, unless the root is shared or private', async (t) => {
  for (const value of ['slave', 'rslave'] as const) t.same(spreadOf(bind('rbind'), value), [rslave, 0], value);
  for (const value of ['shared', 'rshared'] as const) t.same(spreadOf(bind('rbind'), value), [0, 0], value);
  for (const value of ['private', 'rprivate', 'unbindable', 'runbindable'] as const)
    t.same(spreadOf(bind('rbind'), value), [rprivate, 0], value);
});

t.test('propagation of a bind mount comes in the order of the options', async (t) => {
  t.same(spreadOf(bind('rbind', 'rshared')), [rslave, propagation.shared | recursive]);
  t.same(spreadOf(bind('rbind', 'rshared'), 'shared'), [0, propagation.shared | recursive]);
  t.same(spreadOf(bind('rbind', 'private', 'shared')), [propagation.private, propagation.shared]);
  t.same(spreadOf(bind('rbind', 'rslave'), 'private'), [rprivate, rslave]);
  t.same(spreadOf(bind('rbind', 'rslave'), 'shared'), [0, rslave]);
});

t.test('nothing comes first that would be no different', async (t) => {
  t.same(spreadOf(bind('rbind', 'rprivate')), [0, rprivate]);
  t.same(spreadOf(bind('rbind', 'private')), [rslave, propagation.private], 'what is below stays a slave');
  t.same(spreadOf(bind('bind', 'private')), [0, propagation.private]);
  t.same(spreadOf(bind('bind', 'slave')), [0, propagation.slave]);
  t.same(spreadOf(bind('rbind', 'runbindable')), [0, propagation.unbindable | recursive]);
});

const uidMappings = [{ containerID: 0, hostID: 1000, size: 1 }];
const gidMappings = [
  { containerID: 0, hostID: 2000, size: 1 },
  { containerID: 1, hostID: 3000, size: 2 },
];
const maps = { uid: '0 1000 1\n', gid: '0 2000 1\n1 3000 2\n' };

t.test('ids of a bind mount are mapped by its own maps or those of the container', async (t) => {
  const idmapOf = (mount: Mount, linux?: Linux): unknown => {
    const [source] = planned([mount], linux).sources;
    return source?.kind === 'tree' ? source.idmap : 'no tree';
  };
  t.equal(idmapOf(bind('bind')), undefined);
  t.same(idmapOf({ ...bind('bind'), uidMappings, gidMappings }), { ...maps, recursive: false });
  t.same(idmapOf({ ...bind('rbind', 'ridmap'), uidMappings, gidMappings }), { ...maps, recursive: true });
  const linux: Linux = { namespaces: [{ type: 'user' }], uidMappings, gidMappings };
  t.same(idmapOf(bind('rbind', 'idmap'), linux), { ...maps, recursive: false });
  t.same(idmapOf({ ...bind('rbind', 'ridmap'), uidMappings: [], gidMappings: [] }, linux), {
    ...maps,
    recursive: true,
  });
  t.same(idmapOf(bind('rbind', 'ridmap'), { namespaces: [{ type: 'user', path: '/ns' }] }), {
    path: '/ns',
    recursive: true,
  });
  t.equal(idmapOf(bind('rbind'), linux), undefined);
});

t.test('a cgroup mount shows the container’s own cgroup, or on hosts with cgroup v2 alone all of them', async (t) => {
  const namespaces = (...types: NamespaceType[]): Linux => ({ namespaces: types.map((type) => ({ type })) });
  const hybrid = { ...usual, cgroup2Only: false, cgroupMount: '/sys/fs/cgroup/unified' };
  const made = { op: 'mount', nums: [attr.rdonly | attr.nosuid], strs: ['/cg', 'cgroup2', 'cgroup', 'ro'] };
  const attached = {
    op: 'attach',
    pointer: '/mounts/0',
    slots: [slots.root, slots.first],
    nums: [attr.rdonly | attr.nosuid, 0, 0, 0, propagation.slave, 0, 0],
    strs: ['/cg'],
  };
  const own = { slot: slots.first, kind: 'cgroup', pointer: '/mounts/0' };
  const all = { ...own, kind: 'tree', path: '/sys/fs/cgroup', recursive: false };
  const joined: Linux = { namespaces: [{ type: 'user' }, { type: 'cgroup', path: '/ns' }] };
  for (const type of ['cgroup', 'cgroup2']) {
    const mount = { destination: '/cg', type, source: 'cgroup', options: ['ro', 'nosuid'] };
    for (const linux of [namespaces('cgroup'), namespaces('cgroup', 'user')])
      t.match(planned([mount], linux), { steps: [made], sources: [] });
    t.match(planned([mount], namespaces('cgroup'), hybrid), { steps: [made], sources: [] });
    t.same(planned([mount], { rootfsPropagation: 'shared' }, hybrid), { steps: [attached], sources: [own] });
    t.same(planned([mount], namespaces()), { steps: [attached], sources: [all] });
    t.same(planned([mount], namespaces('user')), { steps: [attached], sources: [all] });
    t.same(planned([mount], joined), { steps: [attached], sources: [own] });
  }
});

t.test('a remount changes what is there', async (t) => {
  const of = (...options: string[]): unknown => {
    const { op, nums, strs } = stepOfOne({ destination: '/a', options });
    return { op, nums, strs };
  };
  t.same(of('remount', 'ro', 'size=1k', 'rnosuid', 'rshared'), {
    op: 'remount',
    nums: [attr.rdonly, 0, attr.nosuid, 0, propagation.shared | recursive, 1],
    strs: ['/a', 'ro', 'size=1k'],
  });
  t.same(of('remount', 'rw', 'async'), {
    op: 'remount',
    nums: [0, attr.rdonly, 0, 0, 0, 1],
    strs: ['/a', 'rw', 'async'],
  });
  t.same(of('remount', 'nosuid'), { op: 'remount', nums: [attr.nosuid, 0, 0, 0, 0, 0], strs: ['/a'] });
  t.same(of('bind', 'remount', 'ro', 'sync'), { op: 'remount', nums: [attr.rdonly, 0, 0, 0, 0, 0], strs: ['/a'] });
});
