import { chownSync, lstatSync, mkdirSync, readdirSync, statSync, symlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { conformance } from '../lib/conformance.ts';
import { mounting, probing } from '../lib/config.ts';
import { mountAt } from '../lib/report.ts';
import type { Sandbox } from '../lib/sandbox.ts';

const copied = (destination = '/data', ...options: string[]) =>
  mounting({ destination, type: 'tmpfs', source: 'tmpfs', options: [...options, 'tmpcopyup'] });

/** Puts files with owners and modes of their own into the root filesystem. */
const fill = (box: Sandbox): string => {
  const data = join(box.rootfs(), 'data');
  box.file('bundle/rootfs/data/file', 'hello', 0o646);
  box.file('bundle/rootfs/data/program', '#!/x', 0o4755);
  box.file('bundle/rootfs/data/deep/er/file', 'deep', 0o600);
  chownSync(join(data, 'file'), 11, 12);
  chownSync(join(data, 'deep/er'), 13, 14);
  symlinkSync('/etc/passwd', join(data, 'link'));
  symlinkSync('nowhere', join(data, 'dangling'));
  return data;
};

conformance('tmpcopyup copies what the target holds', (t, box) => {
  fill(box);
  const report = box.report([
    probing('report', '/data', '/data/file', '/data/deep/er/file', '/data/deep/er'),
    copied(),
  ]);
  t.equal(mountAt(report, '/data')?.type, 'tmpfs');
  t.match(report.paths['/data/file'], { kind: 'file', text: 'hello', mode: 0o646, uid: 11, gid: 12, write: 'yes' });
  t.match(report.paths['/data/deep/er'], { kind: 'directory', mode: 0o755, uid: 13, gid: 14 });
  t.match(report.paths['/data/deep/er/file'], { kind: 'file', text: 'deep', mode: 0o600 });
  t.equal(report.paths['/data']?.read, 5, 'and nothing else');
});

conformance('tmpcopyup keeps the bit that sets the user', (t, box) => {
  fill(box);
  const report = box.report([probing('report', '/data/program'), copied()]);
  t.match(report.paths['/data/program'], { mode: 0o4755, uid: 0 });
});

conformance('tmpcopyup copies symbolic links as such', (t, box) => {
  fill(box);
  const report = box.report([probing('report', '/data/link', '/data/dangling'), copied()]);
  t.match(report.paths['/data/link'], { kind: 'link', link: '/etc/passwd' });
  t.match(report.paths['/data/dangling'], { kind: 'link', link: 'nowhere' });
});

conformance('tmpcopyup leaves the root filesystem as it is', (t, box) => {
  const data = fill(box);
  utimesSync(join(data, 'file'), 1, 1);
  const before = readdirSync(data).map((name) => [name, lstatSync(join(data, name)).mtimeMs]);
  const report = box.report([probing('report', '/data/file'), copied()]);
  t.equal(report.paths['/data/file']?.write, 'yes');
  t.strictSame(
    readdirSync(data).map((name) => [name, lstatSync(join(data, name)).mtimeMs]),
    before,
  );
});

conformance('tmpcopyup works with other options', (t, box) => {
  fill(box);
  const report = box.report([probing('report', '/data/file'), copied('/data', 'nosuid', 'noexec', 'size=1m')]);
  const mount = mountAt(report, '/data');
  for (const word of ['nosuid', 'noexec']) t.ok(mount?.options.includes(word), word);
  t.ok(mount?.superOptions.includes('size=1024k'));
  t.equal(report.paths['/data/file']?.text, 'hello');
});

conformance('tmpcopyup of a read-only mount copies before it is read-only', (t, box) => {
  fill(box);
  const report = box.report([probing('report', '/data/file'), copied('/data', 'ro')]);
  t.match(report.paths['/data/file'], { text: 'hello', write: 'EROFS' });
});

conformance('tmpcopyup of a missing or empty target gives an empty filesystem', (t, box) => {
  mkdirSync(join(box.rootfs(), 'empty'));
  const report = box.report([probing('report', '/missing/deep', '/empty'), copied('/missing/deep'), copied('/empty')]);
  t.match(report.paths['/missing/deep'], { kind: 'directory', read: 0, write: 'yes' });
  t.match(report.paths['/empty'], { read: 0, write: 'yes' });
  t.equal(mountAt(report, '/missing/deep')?.type, 'tmpfs');
});

conformance('tmpcopyup copies a big file whole', (t, box) => {
  const size = 3 * 1024 * 1024 + 17;
  box.file('bundle/rootfs/data/big', 'x'.repeat(size));
  const report = box.report([probing('report', '/data/big', '/data'), copied()]);
  t.equal(report.paths['/data/big']?.read, 4096);
  t.equal(report.paths['/data/big']?.size, size);
  t.equal(statSync(join(box.rootfs(), 'data/big')).size, size);
});

conformance('tmpcopyup copies a directory of many files', (t, box) => {
  for (let i = 0; i < 500; i++) box.file(`bundle/rootfs/data/${i % 10}/${i}`);
  const report = box.report([
    probing('report', ...Array.from({ length: 10 }, (_, i) => `/data/${i}`), '/data/7/7'),
    copied(),
  ]);
  for (let i = 0; i < 10; i++) t.equal(report.paths[`/data/${i}`]?.read, 50);
  t.equal(report.paths['/data/7/7']?.text, 'bundle/rootfs/data/7/7');
});
