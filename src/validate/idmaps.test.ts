import t from 'tap';
import type { IdMapping, Linux, Namespace, Spec, User } from '../spec/types.ts';
import type { Refusal } from './finding.ts';
import { mappingsAreOfUserNamespace, userIsMapped } from './idmaps.ts';

const ids: IdMapping[] = [{ containerID: 0, hostID: 1000, size: 10 }];
const spec = (namespaces: Namespace[], linux: Linux = {}, user: User = {}): Spec => ({
  ociVersion: '1.3.0',
  linux: { namespaces, ...linux },
  process: { cwd: '/', user },
});
const told = (refusals: readonly Refusal[]): string[] =>
  refusals.map(({ details, message }) => `${details.pointer}: ${message}`);
const made: Namespace[] = [{ type: 'user' }];
const joined: Namespace[] = [{ type: 'user', path: '/u' }];
const maps = { uidMappings: ids, gidMappings: ids };

t.test('id maps are for a user namespace', async (t) => {
  const rule = (namespaces: Namespace[], linux: Linux): string[] =>
    told(mappingsAreOfUserNamespace(spec(namespaces, linux)));
  t.same(rule(made, maps), []);
  t.same(rule(joined, maps), []);
  t.same(rule(joined, {}), []);
  t.same(rule([], {}), []);
  t.same(mappingsAreOfUserNamespace({ ociVersion: '1.3.0' }), []);
  const message = "User namespace mappings specified, but USER namespace isn't enabled in the config";
  t.same(rule([], maps), [`/linux/uidMappings: ${message}`, `/linux/gidMappings: ${message}`]);
  t.same(rule([], { gidMappings: ids }), [`/linux/gidMappings: ${message}`]);
});

t.test('a new user namespace has maps, and a root in them', async (t) => {
  const rule = (linux: Linux): string[] => told(mappingsAreOfUserNamespace(spec(made, linux)));
  t.same(rule({}), [
    '/linux/namespaces: user namespaces enabled, but no uid mappings found',
    '/linux/namespaces: user namespaces enabled, but no gid mappings found',
  ]);
  t.same(rule({ uidMappings: ids, gidMappings: [{ containerID: 1, hostID: 1, size: 5 }] }), [
    '/linux/gidMappings: user namespaces enabled, but no group mapping found for gid 0',
  ]);
});

t.test('the user of the process is somebody in its user namespace', async (t) => {
  const rule = (namespaces: Namespace[], linux: Linux, user: User): string[] =>
    told(userIsMapped(spec(namespaces, linux, user)));
  t.same(rule(made, maps, { uid: 9, gid: 9, additionalGids: [0, 9] }), []);
  t.same(rule(made, maps, {}), []);
  t.same(rule([], {}, { uid: 10 }), []);
  t.same(userIsMapped({ ociVersion: '1.3.0' }), []);
  // What is in the maps of a joined namespace is known to the kernel alone.
  t.same(rule(joined, {}, { uid: 10 }), []);
  for (const namespaces of [made, joined])
    t.same(rule(namespaces, maps, { uid: 10, gid: 11, additionalGids: [1, 12] }), [
      '/process/user/uid: cannot setuid to unmapped uid 10 in user namespace',
      '/process/user/gid: cannot setgid to unmapped gid 11 in user namespace',
      '/process/user/additionalGids/1: cannot setgroups to unmapped gid 12 in user namespace',
    ]);
});
