import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { conformance } from '../lib/conformance.ts';
import { binding, mounting, probing } from '../lib/config.ts';
import { refuses } from '../lib/refused.ts';
import { mountAt, mountsOf } from '../lib/report.ts';

const tmpfs = (...options: string[]) => mounting({ destination: '/tmp', type: 'tmpfs', source: 'tmpfs', options });

const remount = (...options: string[]) =>
  mounting({ destination: '/tmp', type: 'tmpfs', source: 'tmpfs', options: ['remount', ...options] });

conformance('a remount changes the size of a filesystem', (t, box) => {
  const report = box.report([tmpfs('size=64k', 'mode=0700'), remount('size=128k')]);
  t.ok(mountAt(report, '/tmp')?.superOptions.includes('size=128k'));
  t.equal(mountsOf(report).filter((m) => m.target === '/tmp').length, 1, 'it is no second mount');
});

conformance('a remount makes a filesystem read-only', (t, box) => {
  const report = box.report([probing('report', '/tmp'), tmpfs('size=64k'), remount('ro')]);
  t.equal(report.paths['/tmp']?.write, 'EROFS');
});

conformance('a remount of a bind mount makes that mount read-only and no other', (t, box) => {
  box.file('source/file');
  const source = box.path('source');
  const report = box.report([
    probing('report', '/tmp', '/etc'),
    binding(source, '/tmp'),
    binding(source, '/etc'),
    mounting({ destination: '/tmp', type: 'none', source, options: ['bind', 'remount', 'ro', 'nosuid'] }),
  ]);
  t.match([report.paths['/tmp']?.write, report.paths['/etc']?.write], ['EROFS', 'yes']);
  t.ok(mountAt(report, '/tmp')?.options.includes('nosuid'));
  t.equal(mountsOf(report).filter((m) => m.target === '/tmp').length, 1, 'it is no second mount');
  t.ok(mountAt(report, '/tmp')?.superOptions.includes('rw'), 'the filesystem of the host stays writable');
});

conformance('a remount of what the default config mounts', (t, box) => {
  const report = box.report([
    probing('report', '/dev/shm'),
    mounting({ destination: '/dev/shm', type: 'tmpfs', source: 'shm', options: ['remount', 'size=4k', 'nosuid'] }),
  ]);
  t.ok(mountAt(report, '/dev/shm')?.superOptions.includes('size=4k'));
});

conformance(
  'a remount by way of a link of the image changes nothing of the kernel’s',
  (t, box) => {
    symlinkSync('sys', join(box.rootfs(), 'alias'));
    const loosen = mounting({
      destination: '/alias',
      type: 'sysfs',
      source: 'sysfs',
      options: ['remount', 'bind', 'rw'],
    });
    refuses(t, box, [loosen], { says: /\/alias/, pointer: '/mounts/7' });
  },
  { only: 'ocirun' },
);

conformance('a remount of a path where nothing is mounted is refused', (t, box) => {
  const edits = [mounting({ destination: '/tmp', source: box.directory, options: ['remount', 'bind', 'ro'] })];
  refuses(t, box, edits, { says: /\/tmp.*invalid argument/i, pointer: '/mounts/7' });
});

conformance('a remount with a bad option is refused', (t, box) => {
  refuses(t, box, [tmpfs(), remount('size=lots')], { says: /\/tmp.*invalid argument|size/i, pointer: '/mounts/8' });
});
