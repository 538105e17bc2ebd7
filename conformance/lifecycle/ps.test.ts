/** ps: the processes of a container, as ps(1) shows them or as numbers. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { conformance } from '../lib/conformance.ts';
import { probing } from '../lib/config.ts';
import type { Sandbox } from '../lib/sandbox.ts';

const ocirun = { only: 'ocirun' } as const;

/** A container of three processes; gives the pid of its init. */
const three = (box: Sandbox): number => box.startReady(box.id(), box.bundle(probing('fork', '2')));

const numbers = (box: Sandbox): number[] =>
  (JSON.parse(box.must(['ps', '--format', 'json', box.id()]).stdout) as number[] | null) ?? [];

conformance('ps --format json: the numbers of all processes of the container', (t, box) => {
  const pid = three(box);
  for (const flag of ['--format=json', '-f=json']) {
    const { stdout } = box.must(['ps', flag, box.id()]);
    t.match(stdout, /^\[\d+,\d+,\d+\]\n$/, flag);
    t.ok((JSON.parse(stdout) as number[]).includes(pid));
  }
});

conformance('ps: the table of ps -ef, with the rows of the container alone', (t, box) => {
  const pid = three(box);
  const [heading = '', ...rows] = box.must(['ps', box.id()]).stdout.trimEnd().split('\n');
  t.match(heading, /^UID +PID +PPID +C +STIME +TTY +TIME +CMD$/);
  t.equal(rows.length, 3);
  t.ok(rows.some((row) => row.split(/ +/)[1] === String(pid) && row.endsWith('/probe fork 2')));
  t.strictSame(rows.map((row) => Number(row.split(/ +/)[1])).sort(), numbers(box).sort());
});

conformance('ps: what comes behind the id goes to ps, options too', (t, box) => {
  const pid = three(box);
  const { stdout } = box.must(['ps', box.id(), '-e', '-o', 'comm,pid']);
  const [heading, ...rows] = stdout.trimEnd().split('\n');
  t.match(heading, /^COMMAND +PID$/);
  t.match(
    rows.find((row) => row.endsWith(` ${pid}`)),
    /^probe /,
  );
  t.equal(rows.length, 3);
});

conformance('ps: a table without a column PID is refused', (t, box) => {
  three(box);
  const { status, stderr, stdout } = box.call(['ps', box.id(), '-e', '-o', 'comm']);
  t.equal(status, 1);
  t.match(stderr, "couldn't find PID field in ps output");
  t.equal(stdout, '');
});

conformance('ps: what ps complains of is told, with its status', (t, box) => {
  three(box);
  const { status, stderr } = box.call(['ps', box.id(), '--no-such-option']);
  t.equal(status, 1);
  t.match(stderr, /exit status 1: error: /);
});

conformance('ps: a format that there is none of is refused', (t, box) => {
  three(box);
  const { status, stderr } = box.call(['ps', '--format', 'yaml', box.id()]);
  t.equal(status, 1);
  t.match(stderr, 'invalid format option');
});

conformance('ps: a created container has its init, one that has stopped has no process', (t, box) => {
  box.must(['create', '--bundle', box.bundle(probing('exit', '0')), box.id()]);
  t.strictSame(numbers(box), [box.state()?.['pid']]);
  box.must(['start', box.id()]);
  t.ok(box.reaches('stopped'));
  t.equal(box.must(['ps', '-f', 'json', box.id()]).stdout, 'null\n');
  t.match(box.must(['ps', box.id()]).stdout, /^UID[^\n]*\n$/);
});

conformance('ps: a paused container shows its processes', (t, box) => {
  three(box);
  box.must(['pause', box.id()]);
  t.equal(numbers(box).length, 3);
});

conformance('ps: of no container', (t, box) => {
  const { status, stderr } = box.call(['ps', box.id('none')]);
  t.equal(status, 1);
  t.match(stderr, 'container does not exist');
});

/** A folder with a program called ps of our own. */
function fake(box: Sandbox, script: string, mode = 0o755): string {
  const folder = box.path('fake');
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}/ps`, script);
  chmodSync(`${folder}/ps`, mode);
  return folder;
}

conformance('ps: the first ps on PATH is taken, with our environment and these arguments', (t, box) => {
  const pid = three(box);
  const folder = fake(box, `#!/bin/sh\nprintf 'PID WHAT\\n%s %s %s\\n1 x\\n' ${pid} "$GREETING" "$*"\n`);
  const env = { ...process.env, PATH: `/nonexistent:/etc/passwd:${folder}:${process.env['PATH']}`, GREETING: 'hello' };
  const { stdout } = box.must(['ps', box.id(), '-x', 'a b'], { env });
  t.equal(stdout, `PID WHAT\n${pid} hello -x a b\n`);
});

conformance(
  'ps: names of processes that are no UTF-8 come as they are',
  (t, box) => {
    const pid = three(box);
    const folder = fake(box, `#!/bin/sh\nprintf 'PID CMD\\n%s caf\\351\\n' ${pid}\n`);
    box.must(['ps', box.id()], { env: { PATH: `${folder}:/usr/bin:/bin` } });
    t.match(box.output(), /caf\uFFFD\n$/, 'as this test reads it: one byte');
  },
  ocirun,
);

conformance(
  'ps: without a program of that name it says so; a folder that is relative is none',
  (t, box) => {
    three(box);
    fake(box, '#!/bin/sh\necho PID\n');
    for (const path of ['/nonexistent', 'fake', '.', '']) {
      const { status, stderr } = box.call(['ps', box.id()], { env: { PATH: path }, cwd: box.directory });
      t.equal(status, 1, JSON.stringify(path));
      t.match(stderr, 'exec: "ps": executable file not found in $PATH');
    }
    t.match(box.must(['ps', '-f', 'json', box.id()], { env: { PATH: '' } }).stdout, /^\[\d/, 'json does without');
  },
  ocirun,
);
