import { mkdirSync, existsSync } from 'node:fs';
import { conformance } from '../lib/conformance.ts';
import { mounting, probing } from '../lib/config.ts';
import { mountAt } from '../lib/report.ts';
import type { Sandbox } from '../lib/sandbox.ts';

/** An overlay of this many read-only layers with names of this length; the sandbox may itself lie on an overlay. */
const overlay = (box: Sandbox, count: number, length: number) => {
  box.mount('layers', '-t', 'tmpfs', 'tmpfs');
  const names = Array.from({ length: count }, (_, i) => box.path(`layers/${String(i).padStart(length, 'x')}`));
  names.forEach((name, i) => box.file(`${name.slice(box.directory.length + 1)}/file${i}`, `layer ${i}`));
  for (const name of ['upper', 'work']) mkdirSync(box.path(`layers/${name}`));
  const options = [
    `lowerdir=${names.join(':')}`,
    `upperdir=${box.path('layers/upper')}`,
    `workdir=${box.path('layers/work')}`,
  ];
  return { options, lower: names.join(':') };
};

/** The last is too long for a page, in which mount(2) takes its options. */
for (const [title, count, length] of [
  ['of two layers', 2, 2],
  ['whose lowerdir is longer than 256 bytes', 4, 60],
  ['whose lowerdir is almost a page long', 18, 160],
] as const)
  conformance(`an overlay ${title}`, (t, box) => {
    const { options, lower } = overlay(box, count, length);
    if (title.includes('256')) t.ok(lower.length > 256);
    const paths = ['/tmp/file0', `/tmp/file${count - 1}`];
    const report = box.report([
      probing('report', '/tmp', ...paths),
      mounting({ destination: '/tmp', type: 'overlay', source: 'overlay', options }),
    ]);
    t.equal(mountAt(report, '/tmp')?.type, 'overlay');
    t.strictSame(
      paths.map((path) => report.paths[path]?.text),
      ['layer 0', `layer ${count - 1}`],
    );
    t.equal(report.paths['/tmp']?.write, 'yes');
    t.equal(report.paths['/tmp']?.read, count);
  });

conformance('options of the mount are respected beside a long lowerdir, too', (t, box) => {
  const { options } = overlay(box, 18, 160);
  const more = ['nosuid', 'nodev', 'noexec', 'noatime', 'ro', 'shared'];
  const report = box.report([
    probing('report', '/tmp', '/tmp/file0'),
    mounting({ destination: '/tmp', type: 'overlay', source: 'mine', options: [...more, ...options] }),
  ]);
  const mount = mountAt(report, '/tmp');
  for (const word of ['nosuid', 'nodev', 'noexec', 'noatime', 'ro']) t.ok(mount?.options.includes(word), word);
  t.match(mount?.propagation.join(), /^shared:/);
  t.equal(mount?.source, 'mine');
  t.match([report.paths['/tmp']?.write, report.paths['/tmp/file0']?.text], ['EROFS', 'layer 0']);
});

conformance('an overlay whose lowerdir is longer than a page', (t, box) => {
  const { options, lower } = overlay(box, 40, 150);
  t.ok(lower.length > 4096);
  const report = box.report([
    probing('report', '/tmp', '/tmp/file0', '/tmp/file39'),
    mounting({ destination: '/tmp', type: 'overlay', source: 'overlay', options }),
  ]);
  t.equal(report.paths['/tmp']?.read, 40);
  t.match([report.paths['/tmp/file0']?.text, report.paths['/tmp/file39']?.text], ['layer 0', 'layer 39']);
});

conformance('an overlay without an upper layer is read-only', (t, box) => {
  const options = overlay(box, 2, 2).options.slice(0, 1);
  const report = box.report([
    probing('report', '/tmp', '/tmp/file1'),
    mounting({ destination: '/tmp', type: 'overlay', source: 'overlay', options: ['nodev', ...options] }),
  ]);
  t.equal(report.paths['/tmp/file1']?.text, 'layer 1');
  t.equal(report.paths['/tmp']?.write, 'EROFS');
  t.ok(mountAt(report, '/tmp')?.options.includes('nodev'));
});

conformance('what is written into an overlay is in its upper layer', (t, box) => {
  const { options } = overlay(box, 2, 2);
  const bundle = box.bundle(
    probing('hold', '/tmp/made'),
    mounting({ destination: '/tmp', type: 'overlay', source: 'overlay', options }),
  );
  box.must(['create', '--bundle', bundle, box.id()]);
  box.must(['start', box.id()]);
  for (let i = 0; i < 100 && !existsSync(box.path('layers/upper/made')); i++) box.state();
  t.ok(existsSync(box.path('layers/upper/made')));
});
