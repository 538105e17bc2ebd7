import t from 'tap';
import type { Linux, Spec } from '../spec/types.ts';
import { hostId, idMaps, mapText, newIdMaps } from './idmaps.ts';

const spec = (linux: Linux): Spec => ({ ociVersion: '1.3.0', linux });
const some = [
  { containerID: 0, hostID: 100000, size: 1000 },
  { containerID: 1000, hostID: 4294967294, size: 1 },
];
const one = [{ containerID: 0, hostID: 5, size: 1 }];

t.test('maps are lines as of uid_map', async (t) => {
  t.equal(mapText(some), '0 100000 1000\n1000 4294967294 1\n');
  t.same(idMaps(spec({ uidMappings: some, gidMappings: one })), { uid: mapText(some), gid: '0 5 1\n' });
  t.equal(idMaps(spec({ uidMappings: [], gidMappings: [] })), undefined);
  t.equal(idMaps({ ociVersion: '1.3.0' }), undefined);
});

t.test('the runtime writes those of a new user namespace only', async (t) => {
  const maps = { uidMappings: one, gidMappings: one };
  t.same(newIdMaps(spec({ ...maps, namespaces: [{ type: 'user' }] })), { uid: '0 5 1\n', gid: '0 5 1\n' });
  t.equal(newIdMaps(spec({ ...maps, namespaces: [{ type: 'user', path: '/u' }] })), undefined);
});

t.test('an id of the container is another one on the host', async (t) => {
  const map = mapText(some);
  t.equal(hostId(map, 0), 100000);
  t.equal(hostId(map, 999), 100999);
  t.equal(hostId(map, 1000), 4294967294);
  t.equal(hostId(map, 1001), undefined);
  t.equal(hostId('', 0), undefined);
  // As the kernel prints it.
  t.equal(hostId('         0          0 4294967295\n', 7), 7);
});
