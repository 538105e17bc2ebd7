import t from 'tap';
import type { Spec } from '../../spec/types.ts';
import { isDelegated } from './delegation.ts';

const own = [{ type: 'cgroup' as const }];
const writable = { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: ['nosuid'] };

const spec = (changes: Partial<Spec> & { readonly uid?: number } = {}): Spec => {
  const { uid = 1000, ...rest } = changes;
  const process = { cwd: '/', user: { uid, gid: 0 } };
  return { ociVersion: '1.3.0', process, mounts: [writable], linux: { namespaces: own }, ...rest };
};

t.test('a cgroup is given away where the container has it to itself and may write it', async (t) => {
  t.ok(isDelegated(spec()));
  t.ok(isDelegated(spec({ mounts: [{ ...writable, destination: '/sys/fs//cgroup/', type: 'cgroup2' }] })));
  t.ok(isDelegated(spec({ mounts: [{ ...writable, options: ['ro', 'rw'] }] })));
  t.ok(isDelegated(spec({ uid: 0, linux: { namespaces: [...own, { type: 'user' }] } })), 'root of a user namespace');
});

t.test('else it stays as it is', async (t) => {
  t.notOk(isDelegated({ ociVersion: '1.3.0' }));
  t.notOk(isDelegated(spec({ linux: {} })), 'no cgroup namespace');
  t.notOk(isDelegated(spec({ linux: { namespaces: [{ type: 'cgroup', path: '/proc/1/ns/cgroup' }] } })), 'joined');
  t.notOk(isDelegated(spec({ mounts: [] })), 'no mount');
  t.notOk(isDelegated(spec({ mounts: [{ ...writable, options: ['ro'] }] })), 'read-only');
  t.notOk(isDelegated(spec({ mounts: [{ ...writable, options: ['rw', 'ro'] }] })), 'read-only in the end');
  t.notOk(isDelegated(spec({ mounts: [{ ...writable, destination: '/cg' }] })), 'elsewhere');
  t.notOk(isDelegated(spec({ mounts: [{ ...writable, type: 'bind' }] })), 'not a cgroup mount');
});
