import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { probing, userNamespace, type Edit } from '../lib/config.ts';
import { conformance } from '../lib/conformance.ts';
import type { Report } from '../lib/report.ts';

/** Devices and links are made in the root filesystem itself. */
const withoutDev: Edit = (config) => {
  config.mounts = config.mounts.filter(({ destination }) => destination !== '/dev');
  config.root.readonly = false;
};

const node = (path: string, ...numbers: string[]) => void execFileSync('mknod', ['-m', '666', path, ...numbers]);

/** What an image may have in the place of the null device. */
const instead: Readonly<Record<string, (path: string) => void>> = {
  'a file': (path) => writeFileSync(path, 'of the image\n', { mode: 0o666 }),
  'another device': (path) => node(path, 'c', '1', '5'),
  'a block device': (path) => node(path, 'b', '1', '3'),
  'a link to a file': (path) => symlinkSync('/etc/file', path),
  'a link to another device': (path) => symlinkSync('zero', path),
  'a fifo': (path) => node(path, 'p'),
  'a directory': (path) => mkdirSync(path),
};

conformance('what is in the place of the null device and is none is not taken for one', (t, box) => {
  writeFileSync(join(box.rootfs(), 'etc/file'), 'of the image\n', { mode: 0o666 });
  const place = join(box.rootfs(), 'dev/null');
  const device = { kind: 'c', major: 1, minor: 3 };
  for (const hidden of [['/proc/keys'], []])
    for (const [what, make] of Object.entries(instead)) {
      rmSync(place, { recursive: true, force: true });
      make(place);
      const hiding: Edit = (config) => void (config.linux.maskedPaths = hidden);
      const bundle = box.bundle(withoutDev, hiding, probing('report', '/dev/null', ...hidden));
      const { status, stdout, stderr } = box.call(['run', '--bundle', bundle, box.id()]);
      if (status !== 0) t.match(stderr, /null/, `${what}: it says what is wrong`);
      else
        for (const path of ['/dev/null', ...hidden]) t.match((JSON.parse(stdout) as Report).paths[path], device, what);
    }
});

/** In a user namespace no device can be made: the host's are bound, which have to be those that are meant. */
conformance('in a user namespace a device that is another one on the host is refused', (t, box) => {
  box.give(100000);
  const device = (path: string, major: number, minor: number): Edit => {
    const found = { path, type: 'c', major, minor };
    return (config) => void (config.linux['devices'] = [found]);
  };
  const run = (...edits: Edit[]) =>
    box.call(['run', '--bundle', box.bundle(userNamespace(), probing('exit', '0'), ...edits), box.id()]);
  t.match(run(device('/dev/full', 1, 7)), { status: 0 }, 'the one that is meant is taken');
  const { status, stderr } = run(device('/dev/full', 1, 11));
  t.not(status, 0);
  t.match(stderr, /\/dev\/full/);
});
