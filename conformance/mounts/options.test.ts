import { symlinkSync } from 'node:fs';
import { conformance } from '../lib/conformance.ts';
import { mounting, probing } from '../lib/config.ts';
import { mountAt } from '../lib/report.ts';

/** What is given, and what of it must be and must not be among the words of mountinfo. */
interface Case {
  readonly options: string[];
  readonly has?: string[];
  readonly lacks?: string[];
}

/** Options of the mount; where two contradict each other the last one counts. */
const attributes: readonly Case[] = [
  { options: ['ro'], has: ['ro'], lacks: ['rw'] },
  { options: ['ro', 'rw'], has: ['rw'], lacks: ['ro'] },
  { options: ['nosuid'], has: ['nosuid'] },
  { options: ['nosuid', 'suid'], lacks: ['nosuid'] },
  { options: ['nodev'], has: ['nodev'] },
  { options: ['nodev', 'dev'], lacks: ['nodev'] },
  { options: ['noexec'], has: ['noexec'] },
  { options: ['noexec', 'exec'], lacks: ['noexec'] },
  { options: ['nosymfollow'], has: ['nosymfollow'] },
  { options: ['nosymfollow', 'symfollow'], lacks: ['nosymfollow'] },
  { options: ['nodiratime'], has: ['nodiratime'] },
  { options: ['nodiratime', 'diratime'], lacks: ['nodiratime'] },
  { options: ['ro', 'nosuid', 'nodev', 'noexec'], has: ['ro', 'nosuid', 'nodev', 'noexec'] },
];

/** The kernel’s default is relatime, which the others replace. */
const atime: readonly Case[] = [
  { options: [], has: ['relatime'] },
  { options: ['noatime'], has: ['noatime'], lacks: ['relatime'] },
  { options: ['noatime', 'atime'], has: ['relatime'], lacks: ['noatime'] },
  { options: ['relatime'], has: ['relatime'] },
  { options: ['strictatime'], lacks: ['relatime', 'noatime'] },
  { options: ['strictatime', 'nostrictatime'], has: ['relatime'], lacks: ['noatime'] },
  { options: ['norelatime'], lacks: ['noatime'] },
  { options: ['noatime', 'nodiratime'], has: ['noatime', 'nodiratime'] },
];

/** Options of the filesystem as a whole, which mountinfo shows behind the source. */
const superblock: readonly Case[] = [
  { options: ['sync'], has: ['sync'] },
  { options: ['sync', 'async'], lacks: ['sync'] },
  { options: ['dirsync'], has: ['dirsync'] },
  { options: ['lazytime'], has: ['lazytime'] },
  { options: ['lazytime', 'nolazytime'], lacks: ['lazytime'] },
  { options: ['mand'], has: ['mand'] },
  { options: ['mand', 'nomand'], lacks: ['mand'] },
  { options: ['size=12k', 'mode=0750', 'uid=7', 'gid=8'], has: ['size=12k', 'mode=750', 'uid=7', 'gid=8'] },
  { options: ['nr_inodes=77'], has: ['nr_inodes=77'] },
];

/** Options that every runtime has to know, and that leave no trace. */
const traceless = ['defaults', 'silent', 'loud', 'iversion', 'noiversion', 'async', 'nolazytime', 'nomand'];

const title = (options: readonly string[]) => (options.length > 0 ? options.join(',') : 'no option at all');

const check = (kind: 'options' | 'superOptions', { options, has = [], lacks = [] }: Case): void =>
  conformance(`tmpfs with ${title(options)}`, (t, box) => {
    const report = box.report([mounting({ destination: '/tmp', type: 'tmpfs', source: 'tmpfs', options })]);
    const words = mountAt(report, '/tmp')?.[kind] ?? [];
    for (const word of has) t.ok(words.includes(word), `${word} is in ${words.join()}`);
    for (const word of lacks) t.notOk(words.includes(word), `${word} is not in ${words.join()}`);
  });

[...attributes, ...atime].forEach((c) => check('options', c));
superblock.forEach((c) => check('superOptions', c));

for (const option of traceless)
  conformance(`${option} is accepted and changes nothing`, (t, box) => {
    const mounts = ['/tmp', '/etc'].map((destination, i) =>
      mounting({ destination, type: 'tmpfs', source: 'tmpfs', options: i === 0 ? [] : [option] }),
    );
    const report = box.report(mounts);
    const [without, given] = ['/tmp', '/etc'].map((target) => mountAt(report, target));
    t.strictSame(given?.options, without?.options);
    t.strictSame(given?.superOptions, without?.superOptions);
  });

conformance('the options do what they say', (t, box) => {
  const source = box.path('source');
  box.file('source/program', '#!/probe', 0o755);
  const rights = { bounding: ['CAP_MKNOD'], effective: ['CAP_MKNOD'], permitted: ['CAP_MKNOD'] };
  const report = box.report([
    probing('report', '/a/program', '/b/program', '/c/program'),
    ...['/a', '/b', '/c'].map((destination, i) =>
      mounting({ destination, type: 'bind', source, options: ['bind', ['ro', 'noexec', 'rw'][i] ?? ''] }),
    ),
    (c) => void (c.process.capabilities = rights),
  ]);
  t.match(report.paths['/a/program'], { write: 'EROFS', executable: true, readonly: true });
  t.match(report.paths['/b/program'], { write: 'yes', executable: false });
  t.match(report.paths['/c/program'], { write: 'yes', executable: true, readonly: false });
});

conformance('nodev and nosymfollow keep from devices and links', (t, box) => {
  const report = box.report([
    probing('report', '/x/null', '/y/link/program'),
    (c) => void (c.linux['devices'] = [{ type: 'c', path: '/x/null', major: 1, minor: 3 }]),
    mounting({ destination: '/x', type: 'tmpfs', source: 'tmpfs', options: ['nodev'] }),
    mounting({ destination: '/y', type: 'bind', source: linked(box), options: ['bind', 'nosymfollow'] }),
  ]);
  t.match(report.paths['/x/null'], { kind: 'c', read: 'EACCES', write: 'EACCES' });
  t.equal(report.paths['/y/link/program'], null, 'the way through the link is closed');
});

const linked = (box: { file: (name: string) => string; path: (name: string) => string }): string => {
  box.file('linked/real/program');
  symlinkSync('real', box.path('linked/link'));
  return box.path('linked');
};
