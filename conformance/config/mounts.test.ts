import { statSync } from 'node:fs';
import { join } from 'node:path';
import { conformance } from '../lib/conformance.ts';
import { probing } from '../lib/config.ts';
import { mountAt, mountsOf } from '../lib/report.ts';

const sorted = (list: readonly string[] = []) => [...list].sort();

/** What the default config asks for: filesystem, mount options, and options of the filesystem that must be seen. */
const expected: readonly (readonly [string, string, string[], string[]])[] = [
  ['/proc', 'proc', ['rw', 'relatime'], ['rw']],
  ['/dev', 'tmpfs', ['rw', 'nosuid'], ['rw', 'size=65536k', 'mode=755']],
  ['/dev/pts', 'devpts', ['rw', 'nosuid', 'noexec', 'relatime'], ['rw', 'gid=5', 'mode=620', 'ptmxmode=666']],
  ['/dev/shm', 'tmpfs', ['rw', 'nosuid', 'nodev', 'noexec', 'relatime'], ['rw', 'size=65536k']],
  ['/dev/mqueue', 'mqueue', ['rw', 'nosuid', 'nodev', 'noexec', 'relatime'], ['rw']],
  ['/sys', 'sysfs', ['ro', 'nosuid', 'nodev', 'noexec', 'relatime'], ['ro']],
];

for (const [target, type, options, superOptions] of expected)
  conformance(`${target} is mounted as the default config says`, (t, box) => {
    const mount = mountsOf(box.report()).find((m) => m.target === target);
    t.equal(mount?.type, type);
    t.strictSame(sorted(mount?.options), sorted(options));
    for (const option of superOptions) t.ok(mount?.superOptions.includes(option), option);
  });

conformance('/sys/fs/cgroup shows cgroups and none can be changed', (t, box) => {
  const report = box.report([probing('report', '/sys/fs/cgroup')]);
  t.ok(mountAt(report, '/sys/fs/cgroup'), 'something is mounted there');
  // With pure cgroup v2 it is one mount; on other hosts every hierarchy may be a mount below.
  const hierarchies = mountsOf(report).filter((m) => m.type.startsWith('cgroup'));
  t.ok(hierarchies.length > 0, 'a hierarchy is there');
  for (const mount of hierarchies) {
    t.match(mount.target, /^\/sys\/fs\/cgroup(\/|$)/);
    t.ok(mount.options.includes('ro'), `${mount.target} is read-only`);
  }
  t.not(report.paths['/sys/fs/cgroup']?.write, 'yes');
});

conformance('the root is the bundle’s root filesystem', (t, box) => {
  const root = mountAt(box.report(), '/');
  t.match(root?.root, new RegExp(`${box.name}/bundle/rootfs$`));
});

conformance('root.readonly makes the root read-only', (t, box) => {
  const report = box.report([probing('report', '/', '/tmp', '/etc')]);
  t.ok(mountAt(report, '/')?.options.includes('ro'));
  for (const path of ['/', '/tmp', '/etc']) t.equal(report.paths[path]?.write, 'EROFS', path);
});

conformance('without root.readonly the root is writable', (t, box) => {
  const report = box.report([probing('report', '/', '/tmp'), (c) => void (c.root.readonly = false)]);
  for (const path of ['/', '/tmp']) t.equal(report.paths[path]?.write, 'yes', path);
});

conformance('a read-only root leaves the bundle on the host as it is', (t, box) => {
  const before = statSync(join(box.bundle(), 'rootfs')).mode;
  box.report();
  t.equal(statSync(join(box.path('bundle'), 'rootfs')).mode, before);
});

conformance('no mount of the host is seen', (t, box) => {
  const known = new Set(['/', ...box.config().mounts.map((m) => m.destination)]);
  const paths = [...(box.config().linux.maskedPaths ?? []), ...(box.config().linux.readonlyPaths ?? [])];
  const seen = mountsOf(box.report()).map((m) => m.target);
  const others = seen.filter((target) => !known.has(target) && !paths.includes(target));
  // On a hybrid host every controller is a mount below.
  t.strictSame(
    others.filter((target) => !target.startsWith('/sys/fs/cgroup/')),
    [],
  );
});

conformance('no mount of the container is shared with the host', (t, box) => {
  for (const mount of mountsOf(box.report())) t.notMatch(mount.propagation.join(' '), 'shared', mount.target);
});

conformance('a mount point that is missing is made', (t, box) => {
  const report = box.report([
    probing('report', '/new/deep'),
    (c) =>
      void c.mounts.push({ destination: '/new/deep', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'size=4k'] }),
  ]);
  t.equal(report.paths['/new/deep']?.kind, 'directory');
  t.equal(report.paths['/new/deep']?.write, 'yes');
  t.equal(mountAt(report, '/new/deep')?.type, 'tmpfs');
});

conformance('mounts are made in the order of the config', (t, box) => {
  const report = box.report([
    (c) =>
      void c.mounts.push(
        { destination: '/tmp', type: 'tmpfs', source: 'one', options: ['nodev'] },
        { destination: '/tmp/in', type: 'tmpfs', source: 'two' },
      ),
  ]);
  const order = mountsOf(report).map((m) => m.target);
  t.ok(order.indexOf('/tmp') < order.indexOf('/tmp/in'));
  t.equal(mountAt(report, '/tmp')?.source, 'one');
  t.equal(mountAt(report, '/tmp/in')?.source, 'two');
});
