import t from 'tap';
import type { Linux, Namespace, Spec } from '../spec/types.ts';
import {
  hasNamespace,
  isNew,
  joinSteps,
  namespacesAhead,
  namespacesOfRoot,
  namespacesToClone,
  newNamespaces,
} from './namespaces.ts';
import { Sources } from './sources.ts';
import { slots } from './steps.ts';

const spec = (namespaces: readonly Namespace[], linux: Partial<Linux> = {}): Spec => ({
  ociVersion: '1.3.0',
  linux: { namespaces, ...linux },
});

const types = ['pid', 'network', 'mount', 'ipc', 'uts', 'user', 'cgroup', 'time'] as const;

t.test('every type has its flag of clone(2)', async (t) => {
  const flags = types.map((type) => newNamespaces(spec([{ type }])));
  t.same(flags, [0x20000000, 0x40000000, 0x20000, 0x8000000, 0x4000000, 0x10000000, 0x2000000, 0x80]);
  t.equal(newNamespaces(spec(types.map((type) => ({ type })))), 0x7e020080);
  t.equal(newNamespaces({ ociVersion: '1.3.0' }), 0);
});

t.test('a namespace with a path is joined, not made', async (t) => {
  const both = spec([{ type: 'pid', path: '/p' }, { type: 'uts' }, { type: 'ipc', path: '' }]);
  t.equal(newNamespaces(both), 0x4000000 + 0x8000000);
  t.ok(hasNamespace(both, 'pid'));
  t.notOk(isNew(both, 'pid'));
  t.ok(isNew(both, 'ipc'));
  t.notOk(isNew(both, 'time'));
});

t.test('a time namespace that a step makes is not cloned', async (t) => {
  t.equal(namespacesToClone(spec([{ type: 'time' }, { type: 'pid' }]), true), 0x20000000);
  t.equal(namespacesToClone(spec([{ type: 'time' }, { type: 'pid' }]), false), 0x20000080);
});

t.test('what belongs to whoever makes it is made by the root of the user namespace', async (t) => {
  const own: Namespace[] = [{ type: 'network' }, { type: 'ipc' }, { type: 'mount' }];
  t.equal(namespacesOfRoot(spec(own)), 0);
  for (const user of [{ type: 'user' }, { type: 'user', path: '/u' }] as const) {
    t.equal(namespacesOfRoot(spec([...own, user])), 0x48000000);
    t.equal(namespacesToClone(spec([...own, user]), false), 0x20000 + ('path' in user ? 0 : 0x10000000));
    t.equal(namespacesOfRoot(spec([{ type: 'ipc', path: '/i' }, { type: 'network' }, user])), 0x40000000);
  }
});

t.test('the slow new namespaces are made ahead', async (t) => {
  const slow = ['network', 'ipc', 'uts', 'mount'] as const;
  const without = types.filter((type) => type !== 'user').map((type): Namespace => ({ type }));
  t.equal(namespacesAhead(spec(without)), newNamespaces(spec(slow.map((type) => ({ type })))));
  t.equal(namespacesAhead(spec([{ type: 'pid' }, { type: 'cgroup' }])), 0);
  // What is joined is nothing to make, and does not keep the others from being made.
  t.equal(
    namespacesAhead(spec([{ type: 'mount', path: '/m' }, { type: 'pid', path: '/p' }, { type: 'uts' }])),
    0x4000000,
  );
});

t.test('nothing is made ahead that a user namespace has to own', async (t) => {
  t.equal(namespacesAhead(spec([{ type: 'user' }, { type: 'mount' }])), 0);
  t.equal(namespacesAhead(spec([{ type: 'user', path: '/u' }, { type: 'mount' }])), 0);
});

const joins = (document: Spec): [steps: unknown[], sources: Sources['list']] => {
  const sources = new Sources();
  return [
    joinSteps(document, sources).map(({ pointer, slots, nums, strs }) => [pointer, slots, nums, strs]),
    sources.list,
  ];
};

t.test('namespaces are joined by the file that the runtime has opened', async (t) => {
  const [steps, sources] = joins(spec([{ type: 'uts' }, { type: 'network', path: '/n' }, { type: 'pid', path: '/p' }]));
  t.same(steps, [
    ['/linux/namespaces/1/path', [slots.first], [0x40000000, 0], ['/n']],
    ['/linux/namespaces/2/path', [slots.first + 1], [0x20000000, 0], ['/p']],
  ]);
  t.same(sources, [
    { slot: slots.first, kind: 'namespace', pointer: '/linux/namespaces/1/path', path: '/n', type: 0x40000000 },
    { slot: slots.first + 1, kind: 'namespace', pointer: '/linux/namespaces/2/path', path: '/p', type: 0x20000000 },
  ]);
  t.same(joins(spec([{ type: 'uts' }])), [[], []]);
});

t.test('a joined user namespace may be what gives the right to join the others', async (t) => {
  const [steps, sources] = joins(
    spec([
      { type: 'user', path: '/u' },
      { type: 'ipc', path: '/i' },
    ]),
  );
  const [user, ipc] = [slots.first, slots.first + 1];
  t.same(steps, [
    ['/linux/namespaces/1/path', [ipc], [0x8000000, 1], ['/i']],
    ['/linux/namespaces/0/path', [user], [0x10000000, 0], ['/u']],
    ['/linux/namespaces/1/path', [ipc], [0x8000000, 0], ['/i']],
  ]);
  t.equal(sources.length, 2);
});

t.test('parameters of the network are not to be set in the network namespace of the host', async (t) => {
  const namespaces = [
    { type: 'network', path: '/n' },
    { type: 'ipc', path: '/i' },
  ] as const;
  const guarded = (sysctl: Record<string, string>): unknown[] =>
    joins(spec(namespaces, { sysctl }))[1].map((source) => source.kind === 'namespace' && source.mustBeForeign);
  t.same(guarded({ 'net.ipv4.ip_forward': '1' }), [true, undefined]);
  t.same(guarded({ 'net/ipv4/ip_forward': '1' }), [true, undefined]);
  t.same(guarded({ 'kernel.sem': '1' }), [undefined, undefined]);
});

t.test('the mount namespace of the host is never one to change the root of', async (t) => {
  t.match(joins(spec([{ type: 'mount', path: '/m' }]))[1], [{ path: '/m', mustBeForeign: true }]);
});
