import { chmodSync, chownSync, readlinkSync, statSync } from 'node:fs';
import type { Test } from 'tap';
import { conformance } from '../lib/conformance.ts';
import { mounting, probing, userNamespace, type Edit, type IdMap, type MountConfig } from '../lib/config.ts';
import { refuses } from '../lib/refused.ts';
import { unknownTo } from '../lib/runtime.ts';
import type { Sandbox } from '../lib/sandbox.ts';
import { until } from '../lib/wait.ts';

const idmapped = (name: string, body: (t: Test, box: Sandbox) => unknown): void =>
  conformance(name, body, { unless: unknownTo('runc', 'runc has idmapped mounts since 1.2') });

const map = (containerID: number, hostID: number, size: number): IdMap => ({ containerID, hostID, size });

const mapping = (uids: IdMap[], gids: IdMap[] = uids) => ({ uidMappings: uids, gidMappings: gids });

/** Files with these owners. */
const fill = (box: Sandbox, ...owners: number[]): string => {
  for (const id of owners) chownSync(box.file(`source/${id}`, '', 0o666), id, id + 1);
  return box.path('source');
};

const onTmp = (source: string, option: string, more: Partial<MountConfig> = {}): Edit =>
  mounting({ destination: '/tmp', type: 'bind', source, options: ['rbind', option], ...more });

idmapped('an idmapped mount shifts the owners of files', (t, box) => {
  const source = fill(box, 0, 5, 1000, 70000);
  const names = [0, 5, 1000, 70000].map((id) => `/tmp/${id}`);
  const shift = mapping([map(0, 200000, 65536)], [map(0, 300000, 65536)]);
  const { paths } = box.report([probing('report', ...names), onTmp(source, 'idmap', shift)]);
  t.strictSame(
    names.map((name) => [paths[name]?.uid, paths[name]?.gid]),
    [
      [200000, 300001],
      [200005, 300006],
      [201000, 301001],
      [65534, 65534],
    ],
  );
});

idmapped('an idmapped mount may have several ranges', (t, box) => {
  const source = fill(box, 0, 10, 11);
  const shift = mapping([map(0, 1000, 1), map(10, 2000, 2)], [map(0, 0, 65536)]);
  const { paths } = box.report([probing('report', '/tmp/0', '/tmp/10', '/tmp/11'), onTmp(source, 'idmap', shift)]);
  t.strictSame(
    ['/tmp/0', '/tmp/10', '/tmp/11'].map((name) => paths[name]?.uid),
    [1000, 2000, 2001],
  );
});

idmapped('what is made in an idmapped mount has the owner that maps to the process’s', (t, box) => {
  const source = fill(box, 1000);
  chmodSync(source, 0o777);
  chownSync(source, 1000, 1000);
  const bundle = box.bundle(probing('hold', '/tmp/made'), onTmp(source, 'idmap', mapping([map(1000, 0, 1)])));
  box.must(['create', '--bundle', bundle, box.id()]);
  box.must(['start', box.id()]);
  const made = until(() => statSync(`${source}/made`, { throwIfNoEntry: false }));
  t.match(made, { uid: 1000, gid: 1000 });
});

idmapped('the source on the host keeps its owners', (t, box) => {
  const source = fill(box, 5);
  box.report([onTmp(source, 'idmap', mapping([map(0, 200000, 65536)]))]);
  t.equal(statSync(`${source}/5`).uid, 5);
});

idmapped('maps without the option idmap work as well', (t, box) => {
  const source = fill(box, 5);
  const shift = mapping([map(0, 200000, 65536)]);
  const { paths } = box.report([probing('report', '/tmp/5'), onTmp(source, 'nodev', shift)]);
  t.equal(paths['/tmp/5']?.uid, 200005);
});

for (const [option, below] of [
  ['idmap', 5],
  ['ridmap', 200005],
] as const)
  idmapped(`${option} ${option === 'idmap' ? 'leaves' : 'shifts'} what is mounted below`, (t, box) => {
    const source = fill(box, 5);
    box.mount('source/below', '-t', 'tmpfs', 'tmpfs');
    chownSync(box.file('source/below/5'), 5, 5);
    const shift = mapping([map(0, 200000, 65536)]);
    const { paths } = box.report([probing('report', '/tmp/5', '/tmp/below/5'), onTmp(source, option, shift)]);
    t.strictSame([paths['/tmp/5']?.uid, paths['/tmp/below/5']?.uid], [200005, below]);
  });

idmapped('an idmapped mount can be read-only', (t, box) => {
  const shift = { ...mapping([map(0, 200000, 65536)]), options: ['bind', 'idmap', 'ro'] };
  const { paths } = box.report([probing('report', '/tmp/5'), onTmp(fill(box, 5), '', shift)]);
  t.match(paths['/tmp/5'], { uid: 200005, write: 'EROFS' });
});

idmapped('several mounts with the same and with other maps', (t, box) => {
  const source = fill(box, 5);
  const bind = (destination: string, to: number): MountConfig => ({
    destination,
    source,
    options: ['bind', 'idmap'],
    ...mapping([map(0, to, 65536)]),
  });
  const mounts = mounting(bind('/a', 200000), bind('/b', 300000), bind('/c', 200000));
  const { paths } = box.report([probing('report', '/a/5', '/b/5', '/c/5'), mounts]);
  t.strictSame(
    ['/a/5', '/b/5', '/c/5'].map((name) => paths[name]?.uid),
    [200005, 300005, 200005],
  );
});

const inUserNamespace = (box: Sandbox): Edit => {
  box.give(100000);
  return userNamespace();
};

idmapped('in a user namespace a mount with its maps shows the ids of the disk', (t, box) => {
  const source = fill(box, 0, 7);
  const shift = mapping([map(0, 100000, 65536)]);
  const edits = [inUserNamespace(box), probing('report', '/tmp/0', '/tmp/7'), onTmp(source, 'idmap', shift)];
  const report = box.report(edits);
  t.strictSame([report.paths['/tmp/0']?.uid, report.paths['/tmp/7']?.uid], [0, 7]);
  t.not(report.namespaces['user'], readlinkSync('/proc/self/ns/user'));
});

idmapped('idmap without maps takes those of the container’s user namespace', (t, box) => {
  const source = fill(box, 0, 7);
  const { paths } = box.report([inUserNamespace(box), probing('report', '/tmp/0', '/tmp/7'), onTmp(source, 'idmap')]);
  t.strictSame([paths['/tmp/0']?.uid, paths['/tmp/7']?.uid], [0, 7]);
});

for (const [title, option, more] of [
  ['with uid maps alone', 'idmap', { uidMappings: [map(0, 1, 1)] }],
  ['with gid maps alone', 'idmap', { gidMappings: [map(0, 1, 1)] }],
  ['without maps, where there is no user namespace', 'idmap', {}],
  ['of a new filesystem', 'idmap', { type: 'tmpfs', options: ['idmap'], ...mapping([map(0, 1, 1)]) }],
] as const)
  idmapped(`an idmapped mount ${title} is refused`, (t, box) => {
    refuses(t, box, [onTmp(fill(box, 0), option, more as Partial<MountConfig>)], { says: /map/i });
  });
