import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { conformance } from '../lib/conformance.ts';
import { mounting, namespace, probing, writableRoot, type Edit } from '../lib/config.ts';
import { refuses } from '../lib/refused.ts';
import { mountAt } from '../lib/report.ts';

/** In place of everything the default config mounts, but /proc. */
const only =
  (...mounts: Parameters<typeof mounting>): Edit =>
  (c) => {
    c.mounts = [{ destination: '/proc', type: 'proc', source: 'proc' }, ...mounts];
  };

conformance('a container may do with nothing but /proc', (t, box) => {
  const report = box.report([
    only(),
    probing('report', '/sys', '/dev/null'),
    (c) => {
      delete c.linux.maskedPaths;
      delete c.linux.readonlyPaths;
    },
  ]);
  t.match(report.paths['/sys'], { kind: 'directory', read: 0 });
  t.match(report.paths['/dev/null'], { kind: 'c', write: 'yes' });
});

conformance('proc shows the container’s own processes and takes its options', (t, box) => {
  const report = box.report([
    (c) =>
      void (c.mounts[0] = { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'hidepid=2'] }),
  ]);
  t.strictSame(report.processes, [1]);
  t.ok(mountAt(report, '/proc')?.options.includes('nosuid'));
  t.match(mountAt(report, '/proc')?.superOptions.join(), /hidepid=(2|invisible)/);
});

conformance('sysfs shows the network of the container', (t, box) => {
  const report = box.report([probing('report', '/sys/class/net', '/sys/class/net/lo', '/sys/kernel')]);
  t.equal(report.paths['/sys/class/net']?.read, 1, 'one interface');
  t.equal(report.paths['/sys/class/net/lo']?.kind, 'link');
  t.equal(report.paths['/sys/kernel']?.kind, 'directory');
});

conformance('mqueue is that of the ipc namespace', (t, box) => {
  const report = box.report([
    probing('report', '/dev/mqueue'),
    only({ destination: '/dev/mqueue', type: 'mqueue', source: 'queue', options: ['nosuid', 'noexec', 'nodev'] }),
  ]);
  t.match(report.paths['/dev/mqueue'], { kind: 'directory', read: 0, mode: 0o1777, write: 'yes' });
  t.equal(mountAt(report, '/dev/mqueue')?.source, 'queue');
});

conformance('devpts is a new one with the options given', (t, box) => {
  const options = ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0640', 'mode=0600', 'gid=7'];
  const report = box.report([
    probing('report', '/dev/pts', '/dev/pts/ptmx', '/dev/ptmx'),
    only({ destination: '/dev/pts', type: 'devpts', source: 'devpts', options }),
    writableRoot,
  ]);
  t.match(report.paths['/dev/pts/ptmx'], { kind: 'c', mode: 0o640, major: 5, minor: 2 });
  t.equal(report.paths['/dev/pts']?.read, 1, 'no terminal of the host');
  t.match(report.paths['/dev/ptmx'], { kind: 'link', link: 'pts/ptmx' });
  t.ok(mountAt(report, '/dev/pts')?.superOptions.includes('gid=7'));
});

/** A tmpfs has the mode of what it covers, unless told otherwise. */
for (const [title, mode, options, expected] of [
  ['the mode of its mount point', 0o1731, [], 0o1731],
  ['the mode of the option', 0o1731, ['mode=0701'], 0o701],
  ['no write bit taken away by a umask', 0o777, [], 0o777],
] as const)
  conformance(`a tmpfs has ${title}`, (t, box) => {
    chmodSync(join(box.rootfs(), 'tmp'), mode);
    const tmpfs = { destination: '/tmp', type: 'tmpfs', source: 'tmpfs', options: [...options] };
    t.equal(box.report([probing('report', '/tmp'), mounting(tmpfs)]).paths['/tmp']?.mode, expected);
  });

conformance('a tmpfs whose mount point had to be made has the kernel’s own mode', (t, box) => {
  const report = box.report([
    probing('report', '/new'),
    mounting({ destination: '/new', type: 'tmpfs', source: 'tmpfs', options: ['nosuid'] }),
  ]);
  t.equal(report.paths['/new']?.mode, 0o1777);
});

conformance('two filesystems on one path: the second is seen', (t, box) => {
  const report = box.report([
    mounting(...['one', 'two'].map((source) => ({ destination: '/tmp', type: 'tmpfs', source }))),
  ]);
  t.equal(mountAt(report, '/tmp')?.source, 'two');
});

conformance('a filesystem type that the kernel does not know is refused by its name', (t, box) => {
  const edits = [mounting({ destination: '/tmp', type: 'nonesuchfs', source: 'x' })];
  refuses(t, box, edits, { says: /(nonesuchfs|\/tmp).*no such device/i, pointer: '/mounts/7' });
});

conformance('a bad option is refused', (t, box) => {
  const edits = [mounting({ destination: '/tmp', type: 'tmpfs', source: 'tmpfs', options: ['bogus=1'] })];
  refuses(t, box, edits, { says: /bogus/i, pointer: '/mounts/7' });
});

conformance(
  'a refusal quotes what the filesystem itself says',
  (t, box) => {
    const tmpfs = (option: string) => [
      mounting({ destination: '/tmp', type: 'tmpfs', source: 'tmpfs', options: [option] }),
    ];
    refuses(t, box, tmpfs('bogus=1'), { says: /tmpfs: Unknown parameter 'bogus'/ });
    refuses(t, box, tmpfs('size=lots'), { says: /tmpfs: Bad value for 'size'/ });
  },
  { only: 'ocirun' },
);

conformance('a source that is no block device is refused where the filesystem needs one', (t, box) => {
  const edits = [mounting({ destination: '/tmp', type: 'ext4', source: box.file('file') })];
  refuses(t, box, edits, { says: /block device|\/tmp/i, pointer: '/mounts/7' });
});

conformance('a new sysfs without a network namespace is the caller’s', (t, box) => {
  const report = box.report([
    probing('report', '/sys/class/net'),
    (c) => void (c.linux.namespaces = c.linux.namespaces.filter((n) => n.type !== 'network')),
  ]);
  t.equal(mountAt(report, '/sys')?.type, 'sysfs');
});

conformance('a mqueue in a joined ipc namespace is that one’s', (t, box) => {
  const report = box.report([probing('report', '/dev/mqueue'), namespace('ipc', '/proc/self/ns/ipc')]);
  t.equal(mountAt(report, '/dev/mqueue')?.type, 'mqueue');
});
