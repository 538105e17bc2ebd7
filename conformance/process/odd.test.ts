import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { conformance } from '../lib/conformance.ts';
import { probing, type Edit } from '../lib/config.ts';
import type { Report } from '../lib/report.ts';
import type { Sandbox } from '../lib/sandbox.ts';

const program = (...args: string[]): Edit => {
  return (config) => void (config.process.args = args);
};
const env = (...list: string[]): Edit => {
  return (config) => void (config.process.env = list);
};

const refused = (
  name: string,
  texts: readonly (string | RegExp)[],
  edits: readonly Edit[],
  prepare?: (rootfs: string) => void,
) =>
  conformance(`program: ${name} is refused by create`, (t, box) => {
    const rootfs = `${box.bundle()}/rootfs`;
    prepare?.(rootfs);
    const result = box.call(['create', '--bundle', box.bundle(...edits), box.id()]);
    t.equal(result.status, 1);
    for (const text of texts) t.match(result.stderr.replaceAll('\\"', '"'), text);
    t.strictSame(box.ids(), []);
  });

refused('an empty name', ['executable file not found in $PATH'], [program('')]);
refused(
  'a name where there is no PATH',
  ['"probe"', 'executable file not found in $PATH'],
  [program('probe'), env('A=1')],
);
refused('a directory', ['/tmp', /is a directory|permission denied/], [program('/tmp')]);
refused('a link that leads nowhere', ['/link', 'no such file or directory'], [program('/link')], (rootfs) =>
  symlinkSync('/nowhere', `${rootfs}/link`),
);
refused('a file below a file', ['/probe/x', 'not a directory'], [program('/probe/x')]);
refused('what only the host has behind a link', ['no such file or directory'], [program('/link')], (rootfs) =>
  symlinkSync('/../../../../../../../../../bin/sh', `${rootfs}/link`),
);

conformance('program: one on a mount that forbids execution is refused', (t, box) => {
  const bundle = box.bundle(program('/scratch/x'), (c) => {
    c.mounts.push({ destination: '/scratch', type: 'tmpfs', source: 'tmpfs', options: ['noexec'] });
    c.mounts.push({ destination: '/scratch/x', type: 'bind', source: 'rootfs/probe', options: ['bind', 'noexec'] });
  });
  const result = box.call(['run', '--bundle', bundle, box.id()]);
  t.equal(result.status, 1);
  t.match(result.stderr, '/scratch/x');
  t.match(result.stderr, 'permission denied');
});

conformance('program: more arguments than the kernel takes are refused as such', (t, box) => {
  const bundle = box.bundle(env(`A=${'x'.repeat(200_000)}`), probing('exit', '0'));
  const result = box.call(['run', '--bundle', bundle, box.id()]);
  t.equal(result.status, 1);
  t.match(result.stderr, 'argument list too long');
});

conformance('program: ten thousand arguments all arrive', (t, box) => {
  const args = Array.from({ length: 10_000 }, (_, n) => String(n));
  const { stdout } = box.must([
    'run',
    '--bundle',
    box.bundle(program('/probe', 'hook', '/dev/stdout', ...args)),
    box.id(),
  ]);
  t.strictSame((JSON.parse(stdout) as { argv: string[] }).argv.slice(3), args);
});

const home = (box: Sandbox, prepare: (etc: string) => void, uid = 0): string | undefined => {
  const bundle = box.bundle((c) => void (c.process.user = { uid, gid: 0 }));
  prepare(`${bundle}/rootfs/etc`);
  const { stdout } = box.must(['run', '--bundle', bundle, box.id()], { timeout: 5000 });
  return (JSON.parse(stdout) as Report).env.find((variable) => variable.startsWith('HOME='));
};

conformance(
  'HOME: lines that are no entries are passed over',
  (t, box) => {
    const lines = ['', '   ', ':', '::::::', 'x', 'nobody:x:notanumber:0::/wrong:/x', 'root:x:0:0::/right:/x', ''];
    t.equal(
      home(box, (etc) => writeFileSync(`${etc}/passwd`, lines.join('\n')), 0),
      'HOME=/right',
    );
  },
  { only: 'ocirun' },
);

conformance('HOME: the last of many thousand entries is found', (t, box) => {
  const lines = Array.from({ length: 20_000 }, (_, n) => `user${n}:x:${n}:${n}::/home/${n}:/bin/sh`);
  t.equal(
    home(box, (etc) => writeFileSync(`${etc}/passwd`, lines.join('\n')), 19_999),
    'HOME=/home/19999',
  );
});

for (const [name, prepare] of [
  ['a directory', (path: string) => mkdirSync(path)],
  ['a pipe that nobody writes into', (path: string) => execFileSync('mkfifo', [path])],
  ['a link to an endless device', (path: string) => symlinkSync('/dev/zero', path)],
] as const)
  conformance(
    `HOME: a passwd that is ${name} keeps nobody waiting`,
    (t, box) => {
      t.equal(
        home(box, (etc) => void prepare(`${etc}/passwd`)),
        'HOME=/',
      );
    },
    { only: 'ocirun' },
  );
