import { mkdirSync, renameSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { conformance } from '../lib/conformance.ts';
import { mounting, probing } from '../lib/config.ts';
import { refuses } from '../lib/refused.ts';
import { mountAt, type Report } from '../lib/report.ts';

conformance('root.path is relative to the bundle, wherever the caller is', (t, box) => {
  renameSync(box.rootfs(), box.path('bundle/image'));
  const report = box.report([(c) => void (c.root.path = 'image')], { cwd: '/usr' });
  t.match(mountAt(report, '/')?.root, new RegExp(`${box.name}/bundle/image$`));
});

conformance('root.path may lead out of the bundle', (t, box) => {
  box.rootfs('other');
  const report = box.report([(c) => void (c.root.path = '../other/rootfs')]);
  t.match(mountAt(report, '/')?.root, new RegExp(`${box.name}/other/rootfs$`));
});

conformance('root.path may be absolute', (t, box) => {
  const elsewhere = box.rootfs('elsewhere');
  const report = box.report([(c) => void (c.root.path = elsewhere)]);
  t.match(mountAt(report, '/')?.root, new RegExp(`${box.name}/elsewhere/rootfs$`));
});

conformance('root.path may end with slashes and hold dots', (t, box) => {
  const report = box.report([(c) => void (c.root.path = './rootfs/.//')]);
  t.match(mountAt(report, '/')?.root, new RegExp(`${box.name}/bundle/rootfs$`));
});

conformance('root.path that is a symbolic link is refused, or followed', (t, box) => {
  symlinkSync('rootfs', box.path('link'));
  symlinkSync(box.rootfs('real'), join(box.bundle(), 'link'));
  const bundle = box.bundle((c) => void (c.root.path = 'link'));
  const result = box.call(['run', '--bundle', bundle, box.id()]);
  // runc refuses it: `invalid rootfs: not an absolute path, or a symlink`. The specification leaves it open.
  if (result.status !== 0) t.match(result.stderr, /rootfs.*symlink/);
  else t.match(mountAt(JSON.parse(result.stdout) as Report, '/')?.root, new RegExp(`${box.name}/real/rootfs$`));
});

conformance('a bundle that is reached through a symbolic link', (t, box) => {
  box.bundle();
  symlinkSync('bundle', box.path('link'));
  const result = box.must(['run', '--bundle', box.path('link'), box.id()]);
  t.match(mountAt(JSON.parse(result.stdout) as Report, '/')?.root, new RegExp(`${box.name}/bundle/rootfs$`));
});

conformance('root.path that is missing is refused', (t, box) => {
  const says =
    /rootfs.*(no such file or directory|does not exist)|nothing.*(no such file or directory|does not exist)/i;
  refuses(t, box, [(c) => void (c.root.path = 'nothing')], { says, pointer: '/root/path' });
});

conformance('root.path that is no directory is refused', (t, box) => {
  box.file('bundle/file');
  refuses(t, box, [(c) => void (c.root.path = 'file')], { says: /not a directory/i, pointer: '/root/path' });
});

conformance('a read-only root on a filesystem with flags keeps them', (t, box) => {
  box.mount('flagged', '-t', 'tmpfs', '-o', 'nosuid,nodev,noatime', 'tmpfs');
  box.rootfs('flagged');
  const report = box.report([probing('report', '/'), (c) => void (c.root.path = box.path('flagged/rootfs'))]);
  const { options } = mountAt(report, '/') ?? {};
  for (const word of ['ro', 'nosuid', 'nodev', 'noatime']) t.ok(options?.includes(word), word);
  t.equal(report.paths['/']?.write, 'EROFS');
});

conformance('a read-only root leaves mounts in it writable', (t, box) => {
  const report = box.report([
    probing('report', '/tmp', '/etc'),
    mounting({ destination: '/tmp', type: 'tmpfs', source: 'tmpfs' }),
  ]);
  t.match([report.paths['/tmp']?.write, report.paths['/etc']?.write], ['yes', 'EROFS']);
});

conformance('mounts below the root filesystem come along', (t, box) => {
  mkdirSync(join(box.rootfs(), 'data'));
  box.mount('bundle/rootfs/data', '-t', 'tmpfs', 'data');
  box.file('bundle/rootfs/data/file', 'hello');
  const report = box.report([probing('report', '/data/file')]);
  t.equal(report.paths['/data/file']?.text, 'hello');
  t.equal(mountAt(report, '/data')?.source, 'data');
});

conformance('the root filesystem may be a mount itself, also a shared one', (t, box) => {
  box.mount('bundle/rootfs', '-t', 'tmpfs', '--make-shared', 'image');
  const report = box.report([]);
  t.equal(mountAt(report, '/')?.source, 'image');
  t.strictSame(
    mountAt(report, '/')?.propagation.filter((word) => word.startsWith('shared')),
    [],
  );
});

conformance('the root is a directory that nobody is put above', (t, box) => {
  const report = box.report([probing('report', '/..', '/../probe')]);
  t.equal(report.paths['/../probe']?.kind, 'file');
  t.equal(report.paths['/..']?.read, statSync(box.rootfs()).nlink - 2 + 1, 'the directories and the probe');
});

conformance('the domain name is the configured one', (t, box) => {
  const report = box.report([(c) => void (c['domainname'] = 'second.example')]);
  t.equal(report.domainname, 'second.example');
});

conformance('a hostname of 64 letters is set whole', (t, box) => {
  t.equal(box.report([(c) => void (c.hostname = 'x'.repeat(64))]).hostname, 'x'.repeat(64));
});

conformance('a hostname of 65 letters is refused', (t, box) => {
  refuses(t, box, [(c) => void (c.hostname = 'x'.repeat(65))], { says: /hostname/i, pointer: '/hostname' });
});

for (const field of ['hostname', 'domainname'])
  conformance(`${field} without a uts namespace is refused`, (t, box) => {
    const edit = (c: { [field: string]: unknown; linux: { namespaces: { type: string }[] } }) => {
      delete c['hostname'];
      c[field] = 'name';
      c.linux.namespaces = c.linux.namespaces.filter((n) => n.type !== 'uts');
    };
    refuses(t, box, [edit], { says: /uts/i, pointer: `/${field}` });
  });
