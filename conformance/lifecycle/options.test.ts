import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { conformance } from '../lib/conformance.ts';
import { probing } from '../lib/config.ts';
import { flavour } from '../lib/runtime.ts';
import { mountAt } from '../lib/report.ts';

interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly time: string;
}

conformance('--log-format json writes the line that engines read', (t, box) => {
  const result = box.call(['--log-format', 'json', 'state', box.id('missing')]);
  t.equal(result.status, 1);
  const line = JSON.parse(result.stderr.trimEnd().split('\n').at(-1) ?? '') as LogLine;
  t.equal(line.level, 'error');
  t.match(line.msg, 'container does not exist');
  t.match(line.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/);
});

conformance('--log appends to its file and stderr has the message too', (t, box) => {
  const args = ['--log', box.path('log'), '--log-format', 'json', 'state', box.id('missing')];
  const first = box.call(args);
  t.match(first.stderr, 'container does not exist');
  box.call(args);
  const lines = readFileSync(box.path('log'), 'utf8').trimEnd().split('\n');
  t.ok(lines.length >= 2);
  for (const line of lines) t.match(JSON.parse(line), { level: 'error', msg: /container does not exist/ });
});

conformance('--log of a success stays without errors', (t, box) => {
  box.must([
    '--log',
    box.path('log'),
    '--log-format',
    'json',
    'run',
    '--bundle',
    box.bundle(probing('exit', '0')),
    box.id(),
  ]);
  const text = existsSync(box.path('log')) ? readFileSync(box.path('log'), 'utf8') : '';
  t.notMatch(text, '"error"');
});

conformance('--log-format text is the default', (t, box) => {
  const result = box.call(['--log', box.path('log'), 'state', box.id('missing')]);
  t.equal(result.status, 1);
  t.match(readFileSync(box.path('log'), 'utf8'), /level=error msg=.*container does not exist/);
});

conformance('--log-format refuses what it does not know', (t, box) => {
  const result = box.call(['--log-format', 'xml', 'list']);
  t.equal(result.status, 1);
  t.match(result.stderr, 'invalid log-format: xml');
});

conformance('--debug logs more', (t, box) => {
  const args = ['--log', box.path('log'), '--log-format', 'json'];
  const bundle = box.bundle(probing('exit', '0'));
  box.must(['--debug', ...args, 'run', '--bundle', bundle, box.id()]);
  const levels = readFileSync(box.path('log'), 'utf8').trimEnd().split('\n');
  t.ok(levels.some((line) => (JSON.parse(line) as LogLine).level === 'debug'));
});

conformance('--root keeps containers apart', (t, box) => {
  box.must(['create', '--bundle', box.bundle(), box.id()]);
  mkdirSync(box.path('other'));
  t.match(box.plain(['--root', box.path('other'), 'list']).stdout, /^ID +PID +STATUS.*\n$/);
  t.equal(box.plain(['--root', box.path('other'), 'state', box.id()]).status, 1);
  t.equal(box.plain([`--root=${box.root}`, 'state', box.id()]).status, 0, 'with an equals sign');
  t.equal(box.plain(['--root', 'state', 'state', box.id()], { cwd: box.directory }).status, 0, 'relative');
});

conformance('--version names the program and the specification', (t, box) => {
  for (const flag of ['--version', '-v']) {
    const { stdout, status } = box.plain([flag]);
    t.equal(status, 0);
    t.match(stdout, new RegExp(`^${flavour} version \\d+\\.\\d+\\.\\d+`));
    t.match(stdout, /^spec: 1\.\d+\.\d+/m);
  }
});

conformance('--help lists the commands', (t, box) => {
  for (const args of [['--help'], ['-h']]) {
    const { stdout, status } = box.plain(args);
    t.equal(status, 0);
    for (const verb of ['create', 'start', 'state', 'kill', 'delete', 'run', 'list', 'spec'])
      t.match(stdout, new RegExp(`^ +(ocirun )?${verb} `, 'm'), verb);
  }
});

conformance('every command has help', (t, box) => {
  for (const verb of ['create', 'start', 'state', 'kill', 'delete', 'run', 'list', 'spec']) {
    const { stdout, status } = box.plain([verb, '--help']);
    t.equal(status, 0, verb);
    t.match(stdout, `${flavour} ${verb}`);
  }
});

const usage: readonly (readonly [string[], string])[] = [
  [['create'], '"create" requires exactly 1 argument(s)'],
  [['create', 'a', 'b'], '"create" requires exactly 1 argument(s)'],
  [['start'], '"start" requires exactly 1 argument(s)'],
  [['state'], '"state" requires exactly 1 argument(s)'],
  [['run'], '"run" requires exactly 1 argument(s)'],
  [['delete'], '"delete" requires exactly 1 argument(s)'],
  [['kill'], '"kill" requires a minimum of 1 argument(s)'],
  [['kill', 'a', 'b', 'c'], '"kill" requires a maximum of 2 argument(s)'],
  [['list', 'a'], '"list" requires exactly 0 argument(s)'],
  [['spec', 'a'], '"spec" requires exactly 0 argument(s)'],
];

conformance('a wrong number of arguments is an incorrect usage', (t, box) => {
  for (const [args, text] of usage) {
    const result = box.call(args);
    t.equal(result.status, 1, args.join(' '));
    t.match(result.stdout, 'Incorrect Usage.');
    t.match(result.stdout, `${flavour} ${args[0]}`, 'the help of the command follows');
    t.match(result.stderr.replaceAll('\\"', '"'), text);
  }
});

conformance('an unknown flag is an incorrect usage', (t, box) => {
  for (const args of [
    ['create', '--bogus', 'a'],
    ['state', '--bogus', 'a'],
    ['kill', '-x', 'a'],
  ]) {
    const result = box.call(args);
    t.equal(result.status, 1, args.join(' '));
    t.match(result.stdout, 'Incorrect Usage');
    t.match(result.stderr, /\b(bogus|x)\b/);
  }
  const global = box.plain(['--bogus', 'list']);
  t.equal(global.status, 1);
  t.match(global.stdout + global.stderr, 'bogus');
});

conformance('a flag without its value is an incorrect usage', (t, box) => {
  for (const args of [
    ['create', '--bundle'],
    ['list', '--format'],
    ['create', '--preserve-fds=x', 'a'],
  ]) {
    const result = box.call(args);
    t.equal(result.status, 1, args.join(' '));
    t.match(result.stdout, 'Incorrect Usage');
  }
  t.strictSame(box.ids(), []);
});

conformance('an unknown command is refused', (t, box) => {
  const result = box.call(['bogus']);
  t.not(result.status, 0);
  t.match(result.stdout + result.stderr, 'bogus');
});

conformance('--no-pivot gives the same view of the files', (t, box) => {
  const report = box.report([probing('report', '/', '/probe', '/usr')], { flags: ['--no-pivot'] });
  t.equal(report.cwd, '/');
  t.equal(report.paths['/']?.write, 'EROFS');
  t.equal(mountAt(report, '/proc')?.type, 'proc');
  t.equal(report.paths['/probe']?.kind, 'file');
  t.equal(report.paths['/usr'], null, 'the files of the host are out of sight');
});

conformance('a new session keyring is named after the container', (t, box) => {
  t.equal(box.report().keyring, `_ses.${box.id()}`);
});

conformance('--no-new-keyring keeps the keyring of the caller', (t, box) => {
  t.not(box.report([], { flags: ['--no-new-keyring'] }).keyring, `_ses.${box.id()}`);
});

conformance('--preserve-fds hands descriptors on', (t, box) => {
  writeFileSync(box.path('a'), 'a');
  const fds = [openSync(box.path('a'), 'r'), openSync('/dev/null', 'r')];
  const report = box.report([], { flags: ['--preserve-fds', '2'], extra: fds });
  t.strictSame(Object.keys(report.fds), ['0', '1', '2', '3', '4']);
  t.match(report.fds['3'], /\/a$/);
  t.equal(report.fds['4'], '/dev/null');
  fds.forEach((fd) => closeSync(fd));
});

conformance('--preserve-fds hands no more on than it was told', (t, box) => {
  const fds = [openSync('/dev/null', 'r'), openSync('/dev/null', 'r')];
  const report = box.report([], { flags: ['--preserve-fds', '1'], extra: fds });
  t.strictSame(Object.keys(report.fds), ['0', '1', '2', '3']);
  fds.forEach((fd) => closeSync(fd));
});
