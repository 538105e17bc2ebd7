import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { conformance } from '../lib/conformance.ts';
import { binding, mounting, probing, writableRoot, type Edit } from '../lib/config.ts';
import { refuses } from '../lib/refused.ts';
import { mountAt, mountsOf } from '../lib/report.ts';
import type { Sandbox } from '../lib/sandbox.ts';

const masking =
  (...paths: string[]): Edit =>
  (c) =>
    void (c.linux.maskedPaths = paths);

const protecting =
  (...paths: string[]): Edit =>
  (c) =>
    void (c.linux.readonlyPaths = paths);

/** `/data/dir<n>/file` and `/data/file<n>` in the root filesystem. */
const fill = (box: Sandbox, count: number): { directories: string[]; files: string[] } => {
  const numbers = Array.from({ length: count }, (_, i) => i);
  for (const i of numbers) {
    box.file(`bundle/rootfs/data/dir${i}/file`);
    box.file(`bundle/rootfs/data/file${i}`);
  }
  return { directories: numbers.map((i) => `/data/dir${i}`), files: numbers.map((i) => `/data/file${i}`) };
};

conformance('a masked file reads as empty, a masked directory has nothing in it', (t, box) => {
  fill(box, 1);
  const { paths } = box.report([
    probing('report', '/data/file0', '/data/dir0', '/data/dir0/file'),
    masking('/data/file0', '/data/dir0'),
    writableRoot,
  ]);
  t.match(paths['/data/file0'], { kind: 'c', major: 1, minor: 3, read: 0 });
  t.match(paths['/data/dir0'], { kind: 'directory', read: 0, readonly: true, write: 'EROFS' });
  t.equal(paths['/data/dir0/file'], null);
});

conformance('a hundred directories and a hundred files can be masked', (t, box) => {
  const { directories, files } = fill(box, 100);
  const { paths } = box.report([probing('report', ...directories, ...files), masking(...directories, ...files)]);
  const seen = (list: string[], wanted: object) =>
    list.filter((path) => Object.entries(wanted).every(([key, value]) => paths[path]?.[key as 'kind'] === value))
      .length;
  t.equal(seen(directories, { kind: 'directory', read: 0, readonly: true }), 100);
  t.equal(seen(files, { kind: 'c', read: 0 }), 100);
});

conformance('a hundred paths can be made read-only', (t, box) => {
  const { directories, files } = fill(box, 50);
  const all = [...directories, ...files];
  const { paths } = box.report([probing('report', ...all, '/data'), protecting(...all), writableRoot]);
  t.strictSame(
    all.filter((path) => paths[path]?.write !== 'EROFS'),
    [],
  );
  t.equal(paths['/data']?.write, 'yes', 'what is above stays writable');
  t.equal(paths['/data/file7']?.text, 'bundle/rootfs/data/file7');
});

conformance(
  'one filesystem serves all the masked directories',
  (t, box) => {
    const { directories } = fill(box, 10);
    const mounts = mountsOf(box.report([masking(...directories)])).filter((m) => m.target.startsWith('/data/'));
    t.equal(mounts.length, 10);
    t.equal(new Set(mounts.map((m) => m.device)).size, 1);
  },
  { only: 'ocirun' },
);

conformance('a path that is masked through a symbolic link', (t, box) => {
  fill(box, 1);
  symlinkSync('/data/dir0', join(box.rootfs(), 'alias'));
  const { paths } = box.report([probing('report', '/data/dir0'), masking('/alias')]);
  t.equal(paths['/data/dir0']?.read, 0);
});

conformance('a path that leads nowhere is no failure', (t, box) => {
  symlinkSync('/nothing', join(box.rootfs(), 'dangling'));
  box.file('bundle/rootfs/file');
  const all = ['/dangling', '/nothing', '/nothing/below', '/file/below'];
  const { paths } = box.report([
    probing('report', '/file'),
    masking(...all.slice(0, 3)),
    protecting(...all.slice(0, 3)),
  ]);
  t.equal(paths['/file']?.text, 'bundle/rootfs/file');
});

conformance('what is mounted by the config can be masked', (t, box) => {
  box.file('source/secret');
  const { paths } = box.report([
    probing('report', '/tmp', '/etc/secret', '/dev/shm'),
    binding(box.path('source'), '/tmp'),
    binding(box.path('source'), '/etc'),
    masking('/tmp', '/etc/secret', '/dev/shm'),
  ]);
  for (const path of ['/tmp', '/dev/shm']) t.match(paths[path], { kind: 'directory', read: 0, readonly: true }, path);
  t.match(paths['/etc/secret'], { kind: 'c', read: 0 });
});

conformance('a read-only path keeps the flags of its mount', (t, box) => {
  const report = box.report([
    mounting({ destination: '/tmp', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'nodev', 'noexec'] }),
    binding('/usr', '/tmp/usr', 'nosuid'),
    protecting('/tmp', '/tmp/usr'),
  ]);
  for (const word of ['ro', 'nosuid', 'nodev', 'noexec']) t.ok(mountAt(report, '/tmp')?.options.includes(word), word);
});

conformance('a path can be read-only though it is below a masked one', (t, box) => {
  fill(box, 2);
  const { paths } = box.report([
    probing('report', '/data/dir0', '/data/dir1'),
    masking('/data/dir0'),
    protecting('/data', '/data/dir0'),
    writableRoot,
  ]);
  t.match(paths['/data/dir0'], { read: 0, write: 'EROFS' });
  t.match(paths['/data/dir1'], { read: 1, write: 'EROFS' });
});

conformance('masks can neither be undone nor seen through by the process', (t, box) => {
  mkdirSync(join(box.rootfs(), 'data'));
  const { paths } = box.report([
    probing('report', '/proc/keys', '/proc/1/root/proc/keys', '/proc/self/root/proc/keys'),
    masking('/proc/keys'),
  ]);
  for (const path of Object.keys(paths)) t.match(paths[path], { kind: 'c', major: 1, minor: 3 }, path);
});

for (const field of ['maskedPaths', 'readonlyPaths'])
  conformance(`${field} without a mount namespace is refused`, (t, box) => {
    const edit: Edit = (c) => {
      c.linux.namespaces = c.linux.namespaces.filter((n) => n.type !== 'mount');
      delete c.linux.maskedPaths;
      delete c.linux.readonlyPaths;
      c.linux[field] = ['/tmp'];
      c.mounts = [];
    };
    refuses(t, box, [edit], { says: /mount namespace|MNT|mount/i });
  });
