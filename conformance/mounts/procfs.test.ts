import { existsSync, mkdirSync, rmdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { conformance } from '../lib/conformance.ts';
import { binding, mounting, probing } from '../lib/config.ts';
import { refuses } from '../lib/refused.ts';
import { mountAt } from '../lib/report.ts';

/** What may be replaced below /proc: files that tell of the machine what is not so for the container. */
const allowed = ['cpuinfo', 'diskstats', 'meminfo', 'stat', 'swaps', 'uptime', 'loadavg', 'slabinfo'];

const rarer = ['sys/kernel/ns_last_pid', 'sys/crypto/fips_enabled'];

for (const name of allowed)
  conformance(`/proc/${name} may be replaced by a file`, (t, box) => {
    const edits = [probing('report', `/proc/${name}`), binding(box.file('file', 'hello'), `/proc/${name}`, 'ro')];
    t.equal(box.report(edits).paths[`/proc/${name}`]?.text, 'hello');
  });

for (const name of rarer)
  conformance(
    `/proc/${name} may be replaced by a file`,
    (t, box) => {
      const edits = [
        probing('report', `/proc/${name}`),
        binding(box.file('file', 'hello'), `/proc/${name}`),
        (c: { linux: { readonlyPaths?: string[] } }) => void delete c.linux.readonlyPaths,
      ];
      t.equal(box.report(edits).paths[`/proc/${name}`]?.text, 'hello');
    },
    { unless: !existsSync(`/proc/${name}`) && `this kernel has no /proc/${name}` },
  );

/** Everything else there is the kernel’s word, or the way in for an attack on a process of the runtime. */
const refused = [
  'version',
  'cmdline',
  'filesystems',
  'mounts',
  'self/attr/exec',
  'sys/kernel/hostname',
  'sysrq-trigger',
  'cpuinfo/x',
  'cpuinfo2',
  '../proc/version',
  './version',
];

const says = /cannot be mounted because it is (inside|located inside) \/proc|is inside \/proc/i;

for (const name of refused)
  conformance(`nothing may be mounted on /proc/${name}`, (t, box) => {
    refuses(t, box, [binding(box.file('file'), `/proc/${name}`)], { says, pointer: '/mounts/7/destination' });
  });

conformance('no tmpfs may be mounted below /proc', (t, box) => {
  const tmpfs = { type: 'tmpfs', source: 'tmpfs' };
  refuses(t, box, [mounting({ destination: '/proc/sys', ...tmpfs })], { says, pointer: '/mounts/7/destination' });
  refuses(t, box, [mounting({ destination: '//proc///acpi/', ...tmpfs })], { says, pointer: '/mounts/7/destination' });
});

/** runc finds a sysfs and a part of a procfs out only because it misses /proc/self/fd later. */
const onProc = /\/proc/;

for (const [title, mount, at] of [
  ['a tmpfs', { type: 'tmpfs', source: 'tmpfs' }, 'type'],
  ['a sysfs', { type: 'sysfs', source: 'sysfs' }, 'type'],
  ['a directory', { type: 'bind', source: '/usr', options: ['bind'] }, 'source'],
  ['a directory of a procfs', { type: 'bind', source: '/proc/self', options: ['rbind'] }, 'source'],
] as const)
  conformance(`${title} may not be mounted on /proc`, (t, box) => {
    const options = 'options' in mount ? [...mount.options] : [];
    const edit = mounting({ ...mount, destination: '/proc', options });
    refuses(t, box, [edit], { says: onProc, pointer: `/mounts/7/${at}` });
  });

conformance('a procfs may be bound on /proc', (t, box) => {
  const report = box.report([
    (c) => void (c.mounts[0] = { destination: '/proc', type: 'bind', source: '/proc', options: ['rbind'] }),
    (c) => void (c.linux.namespaces = c.linux.namespaces.filter((n) => n.type !== 'pid')),
  ]);
  t.equal(mountAt(report, '/proc')?.type, 'proc');
  t.ok(report.processes.includes(1));
});

conformance('a second procfs may be mounted elsewhere', (t, box) => {
  const report = box.report([
    probing('report', '/tmp/1'),
    mounting({ destination: '/tmp', type: 'proc', source: 'proc' }),
  ]);
  t.equal(mountAt(report, '/tmp')?.type, 'proc');
});

conformance('/procedure is not below /proc', (t, box) => {
  const report = box.report([probing('report', '/procedure'), binding(box.file('file', 'hello'), '/procedure')]);
  t.equal(report.paths['/procedure']?.text, 'hello');
});

for (const [title, link, target] of [
  ['the directory of a link to /proc', 'alias', '/proc'],
  ['a relative link to /proc', 'alias', '../../proc'],
  ['a link into /proc', 'alias/self', 'proc/self'],
] as const)
  conformance(`nothing may be mounted through ${title}`, (t, box) => {
    const at = join(box.rootfs(), link.split('/')[0] ?? '');
    symlinkSync(link.includes('/') ? 'proc' : target, at);
    refuses(t, box, [binding(box.file('file'), `/${link}/version`)], { says: /\/proc|version/i, pointer: '/mounts/7' });
  });

conformance('a file below /proc that may be replaced may be so through a link, too', (t, box) => {
  symlinkSync('proc', join(box.rootfs(), 'alias'));
  const edits = [probing('report', '/proc/uptime'), binding(box.file('file', 'hello'), '/alias/uptime')];
  t.equal(box.report(edits).paths['/proc/uptime']?.text, 'hello');
});

for (const type of ['proc', 'sysfs'])
  conformance(`a ${type} is not mounted where a link leads`, (t, box) => {
    const target = type === 'proc' ? 'proc' : 'sys';
    rmdirSync(join(box.rootfs(), target));
    mkdirSync(join(box.rootfs(), 'elsewhere'));
    symlinkSync('elsewhere', join(box.rootfs(), target));
    refuses(t, box, [], { says: /must be mounted on ordinary directory|symbolic link|not a directory|symlink/i });
  });

conformance('a file in the place of /proc is refused', (t, box) => {
  rmdirSync(join(box.rootfs(), 'proc'));
  writeFileSync(join(box.rootfs(), 'proc'), '');
  refuses(t, box, [], { says: /\/proc.*(not a directory|ordinary directory)/i });
});

for (const destination of ['/', '/.', '/tmp/..'])
  conformance(`nothing may be mounted on the root itself: ${destination}`, (t, box) => {
    refuses(t, box, [mounting({ destination, type: 'tmpfs', source: 'tmpfs' })], { says: /root|\// });
  });
