import t from 'tap';
import { mountOptionNames } from '../plan/mount-options.ts';
import type { Linux, Mount, Spec } from '../spec/types.ts';
import type { Refusal } from './finding.ts';
import { isFilesystem, mountsAreSound, privateRootIsPivoted } from './mounts.ts';

const spec = (mount: Partial<Mount>, namespaces: Linux['namespaces'] = []): Spec => ({
  ociVersion: '1.3.0',
  mounts: [
    { destination: '/first', type: 'tmpfs' },
    { destination: '/a', ...mount },
  ],
  linux: { namespaces: namespaces ?? [] },
});

/** `pointer: message` of each refusal. */
const told = (refusals: Refusal[]): string[] =>
  refusals.map(({ details, message }) => `${details.pointer}: ${message}`);

t.test('the options say what kind of mount it is, and the type bind does', async (t) => {
  const rows: readonly (readonly [Partial<Mount>, string])[] = [
    [{ type: 'tmpfs' }, 'filesystem'],
    [{ type: 'none', options: ['ro', 'bind'] }, 'bind'],
    [{ options: ['rbind'] }, 'bind'],
    [{ type: 'bind' }, 'bind'],
    [{ type: 'tmpfs', options: ['remount', 'ro'] }, 'remount'],
    [{ options: ['bind', 'remount'] }, 'remount'],
    [{ type: 'tmpfs', options: ['binding', 'bind=1'] }, 'filesystem'],
  ];
  for (const [mount, kind] of rows) t.equal(isFilesystem({ destination: '/a', ...mount }), kind === 'filesystem');
});

t.test('a mount has a type, a bind mount a source', async (t) => {
  t.same(told(mountsAreSound(spec({ type: 'ext4', source: '/dev/sda' }))), []);
  t.same(told(mountsAreSound(spec({ options: ['remount'] }))), []);
  t.same(told(mountsAreSound(spec({ source: 'x', options: ['bind'] }))), []);
  const needsType = '/mounts/1/type: a mount needs a type, or one of the options bind and rbind';
  t.same(told(mountsAreSound(spec({ source: 'x' }))), [needsType]);
  t.same(told(mountsAreSound(spec({ source: 'x', type: '' }))), [needsType]);
  const needsSource = '/mounts/1/source: a bind mount needs a source';
  t.same(told(mountsAreSound(spec({ options: ['bind'] }))), [needsSource]);
  t.same(told(mountsAreSound(spec({ type: 'bind', source: '' }))), [needsSource]);
  t.same(mountsAreSound({ ociVersion: '1.3.0' }), []);
});

t.test('no bind mount takes options of a filesystem', async (t) => {
  const message = 'bind mounts cannot have any filesystem-specific options applied';
  for (const option of ['bind', 'rbind'])
    t.same(told(mountsAreSound(spec({ source: '/x', options: ['size=1k', option, '', 'ro', 'x'] }))), [
      `/mounts/1/options/0: ${message}: size=1k`,
      `/mounts/1/options/4: ${message}: x`,
    ]);
  t.same(told(mountsAreSound(spec({ type: 'bind', source: '/x', options: ['ro bind'] }))), [
    `/mounts/1/options/0: ${message}: ro bind`,
  ]);
  t.same(told(mountsAreSound(spec({ options: ['remount', 'bind', 'x'] }))), [`/mounts/1/options/2: ${message}: x`]);
  t.same(mountsAreSound(spec({ type: 'tmpfs', options: ['size=1k'] })), []);
  t.same(mountsAreSound({ ociVersion: '1.3.0' }), []);
});

const bound = (option: string): Spec => spec({ type: 'bind', source: '/x', options: [option] }, [{ type: 'user' }]);

t.test('every option that the plan knows is no filesystem’s own, and no other is', async (t) => {
  for (const option of mountOptionNames()) t.same(mountsAreSound(bound(option)), [], option);
  for (const option of ['constructor', 'mode=1', 'newinstance', 'RO'])
    t.equal(mountsAreSound(bound(option)).length, 1, option);
});

t.test('a cgroup mount takes them where the container has a cgroup namespace', async (t) => {
  for (const type of ['cgroup', 'cgroup2']) {
    t.same(told(mountsAreSound(spec({ type, options: ['ro', 'memory'] }))), [
      '/mounts/1/options/1: without a cgroup namespace, cgroup mounts cannot have any filesystem-specific options ' +
        'applied: memory',
    ]);
    t.same(mountsAreSound(spec({ type, options: ['memory'] }, [{ type: 'cgroup' }])), []);
  }
});

t.test('an idmapped mount is a bind mount, with both maps', async (t) => {
  const ids = [{ containerID: 0, hostID: 0, size: 1 }];
  const both = 'id-mapped mounts must have both uid and gid mappings specified';
  const bind = (rest: Partial<Mount>, namespaces?: Linux['namespaces']): string[] =>
    told(mountsAreSound(spec({ source: '/x', ...rest, options: ['bind', ...(rest.options ?? [])] }, namespaces)));
  t.same(bind({ uidMappings: ids, gidMappings: ids }), []);
  t.same(bind({ uidMappings: ids, gidMappings: ids, options: ['ridmap'] }), []);
  t.same(bind({ uidMappings: [], gidMappings: [] }), []);
  t.same(bind({ uidMappings: ids }), [`/mounts/1/uidMappings: ${both}`]);
  t.same(bind({ uidMappings: [], gidMappings: ids, options: ['idmap'] }), [`/mounts/1/gidMappings: ${both}`]);
  t.same(bind({ options: ['ro', 'ridmap'] }), [
    `/mounts/1/options/2: ${both}: there is no user namespace to take them from`,
  ]);
  t.same(bind({ options: ['idmap'] }, [{ type: 'user' }]), []);
  const onlyBinds = 'id-mapped mounts are only supported for bind-mounts';
  t.same(told(mountsAreSound(spec({ type: 'tmpfs', uidMappings: ids, gidMappings: ids }))), [
    `/mounts/1/uidMappings: ${onlyBinds}`,
  ]);
  t.same(told(mountsAreSound(spec({ type: 'tmpfs', options: ['idmap'] }, [{ type: 'user' }]))), [
    `/mounts/1/options/0: ${onlyBinds}`,
  ]);
  t.same(mountsAreSound({ ociVersion: '1.3.0' }), []);
});

t.test('a root that is private is pivoted to', async (t) => {
  const message = 'rootfsPropagation of [r]private is not safe without pivot_root';
  for (const rootfsPropagation of ['private', 'rprivate'] as const)
    t.same(told(privateRootIsPivoted({ ociVersion: '1.3.0', linux: { rootfsPropagation } })), [
      `/linux/rootfsPropagation: ${message}`,
    ]);
  t.same(privateRootIsPivoted({ ociVersion: '1.3.0', linux: { rootfsPropagation: 'rslave' } }), []);
  t.same(privateRootIsPivoted({ ociVersion: '1.3.0' }), []);
});
