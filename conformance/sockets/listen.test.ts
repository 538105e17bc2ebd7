import { closeSync, openSync, writeFileSync } from 'node:fs';
import { conformance } from '../lib/conformance.ts';
import { probing, type Edit } from '../lib/config.ts';
import type { Report } from '../lib/report.ts';
import type { Sandbox } from '../lib/sandbox.ts';

/** The caller becomes the runtime by execve, so that its own pid is the runtime's. */
const activated = (count: number, pid = '$$'): string[] => [
  '/bin/sh',
  '-c',
  `LISTEN_PID=${pid} LISTEN_FDS=${count} exec "$@"`,
  'sh',
];

const files = (box: Sandbox, count: number): number[] =>
  Array.from({ length: count }, (_, n) => {
    writeFileSync(box.path(`file${n}`), '');
    return openSync(box.path(`file${n}`), 'r');
  });

interface Given {
  readonly count: number;
  readonly through: readonly string[];
  readonly flags?: string[];
  readonly edits?: Edit[];
}

const run = (box: Sandbox, { count, through, flags = [], edits = [] }: Given): Report => {
  const extra = files(box, count);
  try {
    return box.report(edits, { through, extra, flags });
  } finally {
    extra.forEach((fd) => closeSync(fd));
  }
};

const listening = (report: Report) => report.env.filter((variable) => variable.startsWith('LISTEN_')).sort();

conformance('LISTEN_FDS: the descriptors and their number reach the container', (t, box) => {
  const report = run(box, { count: 2, through: activated(2) });
  t.strictSame(listening(report), ['LISTEN_FDS=2', 'LISTEN_PID=1']);
  t.strictSame(Object.keys(report.fds), ['0', '1', '2', '3', '4']);
  t.match(report.fds['3'], /\/file0$/);
  t.match(report.fds['4'], /\/file1$/);
});

conformance('LISTEN_FDS: no more come in than are listed', (t, box) => {
  const report = run(box, { count: 3, through: activated(1) });
  t.strictSame(listening(report), ['LISTEN_FDS=1', 'LISTEN_PID=1']);
  t.strictSame(Object.keys(report.fds), ['0', '1', '2', '3']);
});

conformance('LISTEN_FDS: those of another process are no matter of ours', (t, box) => {
  const report = run(box, { count: 2, through: activated(2, '1') });
  t.strictSame(listening(report), []);
  t.strictSame(Object.keys(report.fds), ['0', '1', '2']);
});

conformance('LISTEN_FDS: --preserve-fds counts behind them', (t, box) => {
  const report = run(box, { count: 4, through: activated(2), flags: ['--preserve-fds', '1'] });
  t.strictSame(listening(report), ['LISTEN_FDS=2', 'LISTEN_PID=1']);
  t.strictSame(Object.keys(report.fds), ['0', '1', '2', '3', '4', '5']);
  t.match(report.fds['5'], /\/file2$/);
});

conformance('LISTEN_FDS: those of the config give way', (t, box) => {
  const edits: Edit[] = [(c) => void c.process.env.push('LISTEN_FDS=9', 'LISTEN_PID=99')];
  t.strictSame(listening(run(box, { count: 1, through: activated(1), edits })), ['LISTEN_FDS=1', 'LISTEN_PID=1']);
});

conformance('LISTEN_FDS: those of the config stay where the caller has none', (t, box) => {
  const edits: Edit[] = [(c) => void c.process.env.push('LISTEN_FDS=9')];
  t.strictSame(listening(box.report(edits)), ['LISTEN_FDS=9']);
});

conformance('LISTEN_FDS: what is no number lists nothing', (t, box) => {
  for (const text of ['x', '', '0']) {
    const through = ['/bin/sh', '-c', `LISTEN_PID=$$ LISTEN_FDS='${text}' exec "$@"`, 'sh'];
    const report = run(box, { count: 1, through });
    t.strictSame(listening(report), [], text);
    t.strictSame(Object.keys(report.fds), ['0', '1', '2'], text);
  }
});

conformance(
  'LISTEN_FDS: a number that cannot be lists nothing',
  (t, box) => {
    for (const text of ['-1', '99999999999', '1.5', ' 1']) {
      const through = ['/bin/sh', '-c', `LISTEN_PID=$$ LISTEN_FDS='${text}' exec "$@"`, 'sh'];
      const bundle = box.bundle(probing('report'));
      const extra = files(box, 1);
      const result = box.call(['run', '--bundle', bundle, box.id()], { through, extra });
      extra.forEach((fd) => closeSync(fd));
      if (result.status === 0) t.strictSame(listening(JSON.parse(result.stdout) as Report), [], text);
      else t.match(result.stderr, 'LISTEN_FDS', text);
    }
  },
  { only: 'ocirun' },
);

conformance('LISTEN_FDS: create hands them on as run does', (t, box) => {
  const extra = files(box, 1);
  box.must(['create', '--bundle', box.bundle(probing('report')), box.id()], { through: activated(1), extra });
  const number = box.calls;
  extra.forEach((fd) => closeSync(fd));
  box.must(['start', box.id()]);
  t.ok(box.reaches('stopped'));
  const report = JSON.parse(box.output(number)) as Report;
  t.strictSame(listening(report), ['LISTEN_FDS=1', 'LISTEN_PID=1']);
  t.match(report.fds['3'], /\/file0$/);
});
