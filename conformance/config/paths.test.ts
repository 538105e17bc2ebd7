import { existsSync, statSync } from 'node:fs';
import { conformance } from '../lib/conformance.ts';
import { probing } from '../lib/config.ts';

conformance('every masked path is empty', (t, box) => {
  const masked = box.config().linux.maskedPaths ?? [];
  const report = box.report([probing('report', ...masked)]);
  for (const path of masked) {
    const entry = report.paths[path];
    if (entry === null || entry === undefined) t.notOk(existsSync(path), `${path} is not there on this host`);
    else t.equal(entry.read, 0, path);
    if (entry?.kind === 'directory') t.ok(['EROFS', 'ENOSPC'].includes(entry.write ?? ''), `${path} takes no file`);
    if (entry && entry.kind !== 'directory')
      t.match(entry, { kind: 'c', major: 1, minor: 3 }, `${path} is the null device`);
  }
  t.ok(
    masked.some((path) => existsSync(path)),
    'the host has some of them',
  );
});

conformance('every read-only path can be read and not written', (t, box) => {
  const paths = box.config().linux.readonlyPaths ?? [];
  const report = box.report([probing('report', ...paths, '/proc/sys/kernel/hostname')]);
  for (const path of paths) {
    const entry = report.paths[path];
    if (!entry) t.notOk(existsSync(path), `${path} is not there on this host`);
    else t.match(entry, { readonly: true, write: /^E/ }, path);
  }
  t.equal(report.paths['/proc/sys/kernel/hostname']?.write, 'EROFS', 'what is below is read-only too');
});

conformance('without maskedPaths and readonlyPaths nothing is hidden', (t, box) => {
  const report = box.report([
    probing('report', '/proc/keys', '/proc/sys/kernel/hostname'),
    (c) => {
      delete c.linux.maskedPaths;
      delete c.linux.readonlyPaths;
    },
  ]);
  t.equal(report.paths['/proc/keys']?.kind, 'file');
  t.equal(report.paths['/proc/sys/kernel/hostname']?.write, 'yes');
});

conformance('a path that does not exist is no failure', (t, box) => {
  const report = box.report([
    probing('report', '/nothing/here'),
    (c) => {
      c.linux.maskedPaths = ['/nothing/here'];
      c.linux.readonlyPaths = ['/nothing/here/either'];
    },
  ]);
  t.equal(report.paths['/nothing/here'], null);
});

conformance('a file and a directory of the root filesystem can be masked', (t, box) => {
  const report = box.report([
    probing('report', '/etc', '/probe'),
    (c) => void (c.linux.maskedPaths = ['/etc']),
    (c) => void (c.linux.readonlyPaths = ['/tmp']),
  ]);
  t.equal(report.paths['/etc']?.read, 0);
  t.equal(report.paths['/etc']?.kind, 'directory');
  t.ok(statSync(box.path('bundle/rootfs/etc')).isDirectory());
});

conformance(
  'a read-only path that is the root makes the root read-only',
  (t, box) => {
    const report = box.report([
      probing('report', '/tmp'),
      (c) => {
        c.root.readonly = false;
        c.linux.readonlyPaths = ['/'];
      },
    ]);
    t.equal(report.paths['/tmp']?.write, 'EROFS');
  },
  { only: 'ocirun' },
);
