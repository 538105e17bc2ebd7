import { execFileSync } from 'node:child_process';
import { conformance } from '../lib/conformance.ts';
import { mounting, probing } from '../lib/config.ts';
import { mountAt, type Report } from '../lib/report.ts';
import type { Sandbox } from '../lib/sandbox.ts';

/** An option, a word of mountinfo, and whether it is to be seen on the mount and on those below. */
interface Case {
  readonly option: string;
  readonly word: string;
  readonly top: boolean;
  readonly below: boolean;
  /** How the mounts of the source are mounted. */
  readonly source?: string;
}

/** Without an r an option is about the mount alone, with it about what is below as well. */
const sets = (word: string): Case[] => [
  { option: word, word, top: true, below: false },
  { option: `r${word}`, word, top: true, below: true },
];

const clears = (option: string, word: string): Case => ({ option, word, top: false, below: false, source: word });

/** The rules about access times exclude each other, so that one takes the place of another. */
const cases: readonly Case[] = [
  ...['ro', 'nosuid', 'nodev', 'noexec', 'nosymfollow', 'noatime', 'nodiratime'].flatMap(sets),
  clears('rrw', 'ro'),
  clears('rsuid', 'nosuid'),
  clears('rdev', 'nodev'),
  clears('rexec', 'noexec'),
  clears('rsymfollow', 'nosymfollow'),
  clears('rdiratime', 'nodiratime'),
  clears('ratime', 'noatime'),
  clears('rrelatime', 'noatime'),
  clears('rstrictatime', 'relatime'),
  clears('rnoatime', 'relatime'),
  { option: 'rrelatime', word: 'relatime', top: true, below: true, source: 'noatime' },
  { option: 'rnostrictatime', word: 'relatime', top: true, below: true, source: 'strictatime' },
];

const targets = ['/tmp', '/tmp/below', '/tmp/below/deep'];

/** Three filesystems one in another, all of them mounted with the options. */
const tree = (box: Sandbox, options = 'relatime'): string => {
  const names = ['source', 'source/below', 'source/below/deep'];
  for (const name of names) box.mount(name, '-t', 'tmpfs', 'tmpfs');
  for (const name of names) execFileSync('mount', ['-o', `remount,bind,${options}`, box.path(name)]);
  return box.path('source');
};

const seen = (report: Report, word: string) => targets.map((path) => mountAt(report, path)?.options.includes(word));

for (const { option, word, top, below, source } of cases) {
  const over = source ? ` over ${source}` : '';
  const title = `rbind,${option}${over}: ${word} is ${top ? '' : 'not '}on the mount, ${below ? '' : 'not '}on those below`;
  conformance(title, (t, box) => {
    const bind = { destination: '/tmp', source: tree(box, source), options: ['rbind', option] };
    t.strictSame(seen(box.report([mounting(bind)]), word), [top, below, below]);
  });
}

conformance('rro keeps everything below from being written, ro does not', (t, box) => {
  const source = tree(box);
  const writes = (option: string) => {
    const bind = { destination: '/tmp', type: 'bind', source, options: ['rbind', option] };
    const { paths } = box.report([probing('report', ...targets), mounting(bind)]);
    return targets.map((path) => paths[path]?.write);
  };
  t.strictSame(writes('rro'), ['EROFS', 'EROFS', 'EROFS']);
  t.strictSame(writes('ro'), ['EROFS', 'yes', 'yes']);
});

conformance('the host’s own mounts stay as they are', (t, box) => {
  const source = tree(box);
  const table = () => execFileSync('findmnt', ['-R', '-o', 'TARGET,OPTIONS', source], { encoding: 'utf8' });
  const before = table();
  box.report([mounting({ destination: '/tmp', source, options: ['rbind', 'rro', 'rnosuid', 'rnoatime', 'rprivate'] })]);
  t.equal(table(), before);
});

conformance('recursive options can be combined with others', (t, box) => {
  const options = ['rbind', 'rro', 'nosuid', 'rnodev', 'rnoatime', 'rnodiratime'];
  const report = box.report([mounting({ destination: '/tmp', source: tree(box), options })]);
  const words = ['ro', 'nosuid', 'nodev', 'noatime', 'nodiratime'];
  const [top, below] = targets.map((path) => words.filter((word) => mountAt(report, path)?.options.includes(word)));
  t.strictSame(top, words);
  t.strictSame(below, ['ro', 'nodev', 'noatime', 'nodiratime']);
});

conformance('of two recursive options the last one counts', (t, box) => {
  const options = ['rbind', 'rro', 'rrw', 'rnosuid', 'rsuid', 'rnoatime', 'rrelatime'];
  const report = box.report([mounting({ destination: '/tmp', source: tree(box), options })]);
  for (const word of ['ro', 'nosuid', 'noatime']) t.strictSame(seen(report, word), [false, false, false], word);
});

conformance('a recursive option works for a new filesystem, too', (t, box) => {
  const options = ['rro', 'rnosuid'];
  const report = box.report([mounting({ destination: '/tmp', type: 'tmpfs', source: 'tmpfs', options })]);
  for (const word of ['ro', 'nosuid']) t.ok(mountAt(report, '/tmp')?.options.includes(word), word);
});

conformance('an option that takes a flag away takes it from the mount alone', (t, box) => {
  const pairs = { rw: 'ro', suid: 'nosuid', dev: 'nodev', exec: 'noexec', symfollow: 'nosymfollow' };
  const source = tree(box, Object.values(pairs).join());
  const report = box.report([mounting({ destination: '/tmp', source, options: ['rbind', ...Object.keys(pairs)] })]);
  for (const word of Object.values(pairs)) t.strictSame(seen(report, word), [false, true, true], word);
});
