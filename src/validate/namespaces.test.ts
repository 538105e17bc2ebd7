import t from 'tap';
import type { Namespace, NamespaceType, Spec, TimeOffsets } from '../spec/types.ts';
import {
  hasNamespace,
  mountsNeedMountNamespace,
  namesNeedUtsNamespace,
  namespacePathsAreAbsolute,
  namespacesAreUnique,
  timeOffsetsNeedNewTimeNamespace,
} from './namespaces.ts';

const spec = (types: readonly NamespaceType[], rest: Partial<Spec> = {}): Spec => ({
  ociVersion: '1.3.0',
  linux: { namespaces: types.map((type) => ({ type })) },
  ...rest,
});

t.test('a namespace is there or not', async (t) => {
  t.ok(hasNamespace(spec(['pid', 'uts']), 'uts'));
  t.notOk(hasNamespace(spec(['pid']), 'uts'));
  t.notOk(hasNamespace({ ociVersion: '1.3.0' }, 'uts'));
});

t.test('each kind is given once', async (t) => {
  const refusals = namespacesAreUnique(spec(['pid', 'uts', 'pid', 'pid']));
  t.same(
    refusals.map(({ details }) => details.pointer),
    ['/linux/namespaces/2', '/linux/namespaces/3'],
  );
  t.match(refusals[0], { code: 'E_CONFIG_RULE', message: 'duplicated namespace pid' });
  t.same(namespacesAreUnique(spec(['pid', 'uts'])), []);
  t.same(namespacesAreUnique({ ociVersion: '1.3.0' }), []);
});

t.test('names need a UTS namespace', async (t) => {
  const names = { hostname: 'a', domainname: 'b' };
  t.same(
    namesNeedUtsNamespace(spec([], names)).map(({ message, details }) => [details.pointer, message]),
    [
      ['/hostname', 'unable to set hostname without a private UTS namespace'],
      ['/domainname', 'unable to set domainname without a private UTS namespace'],
    ],
  );
  t.same(namesNeedUtsNamespace(spec(['uts'], names)), []);
  t.same(namesNeedUtsNamespace(spec([], { hostname: '' })), []);
});

t.test('paths of namespaces are absolute', async (t) => {
  const rule = (namespaces: Namespace[]): unknown[] =>
    namespacePathsAreAbsolute({ ociVersion: '1.3.0', linux: { namespaces } }).map(({ message, details }) => [
      details.pointer,
      message,
    ]);
  t.same(rule([{ type: 'pid' }, { type: 'uts', path: '' }, { type: 'network', path: '/n' }]), []);
  t.same(rule([{ type: 'pid' }, { type: 'uts', path: 'proc/1/ns/uts' }]), [
    ['/linux/namespaces/1/path', 'the path of the uts namespace is not absolute: "proc/1/ns/uts"'],
  ]);
  t.same(namespacePathsAreAbsolute({ ociVersion: '1.3.0' }), []);
});

t.test('nothing is mounted without a mount namespace', async (t) => {
  const rest: Partial<Spec> = { root: { path: 'rootfs', readonly: true }, mounts: [{ destination: '/a' }] };
  const linux = { namespaces: [], rootfsPropagation: 'shared' } as const;
  t.same(
    mountsNeedMountNamespace(spec([], { ...rest, linux })).map(({ message, details }) => [details.pointer, message]),
    [
      ['/mounts', 'unable to mount filesystems without a private MNT namespace'],
      ['/root/readonly', 'unable to make the root filesystem read-only without a private MNT namespace'],
      [
        '/linux/rootfsPropagation',
        'unable to set the propagation of the root filesystem without a private MNT namespace',
      ],
    ],
  );
  t.same(mountsNeedMountNamespace(spec(['mount'], rest)), []);
  t.same(mountsNeedMountNamespace(spec([], { mounts: [], root: { path: '/' } })), []);
});

t.test('clocks are set in a new time namespace', async (t) => {
  const rule = (namespaces: Namespace[], timeOffsets: TimeOffsets): unknown[] =>
    timeOffsetsNeedNewTimeNamespace({ ociVersion: '1.3.0', linux: { namespaces, timeOffsets } }).map(
      ({ message, details }) => [details.pointer, message],
    );
  const offsets = { monotonic: { secs: 1, nanosecs: 999999999 } };
  t.same(rule([{ type: 'time' }], offsets), []);
  t.same(rule([], {}), []);
  t.same(timeOffsetsNeedNewTimeNamespace({ ociVersion: '1.3.0' }), []);
  t.same(rule([], offsets), [
    ['/linux/timeOffsets', "time namespace offsets specified, but time namespace isn't enabled in the config"],
  ]);
  t.same(rule([{ type: 'time', path: '/t' }], offsets), [
    ['/linux/timeOffsets', 'time namespace enabled, but both namespace path and time offsets specified'],
  ]);
  t.same(rule([{ type: 'time' }], { boottime: { nanosecs: 1000000000 } }), [
    ['/linux/timeOffsets/boottime/nanosecs', 'nanosecs of a time offset are less than a second'],
  ]);
});
