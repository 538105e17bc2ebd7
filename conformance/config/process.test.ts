import { writeFileSync } from 'node:fs';
import { conformance } from '../lib/conformance.ts';
import { probing } from '../lib/config.ts';

conformance('the process gets its arguments unchanged', (t, box) => {
  const args = ['report', '', 'a b', "'", '"', '\\', '$HOME', '*', '\n', 'ü'];
  const report = box.report([probing(...args)]);
  const seen = report.argv.map((text) => Buffer.from(text, 'latin1').toString('utf8'));
  t.strictSame(seen, ['/probe', ...args]);
});

conformance('the first argument is the name the process sees, not the path it was found by', (t, box) => {
  const report = box.report([
    (c) => {
      c.process.args = ['probe', 'report'];
      c.process.env = ['PATH=/bin:/'];
    },
  ]);
  t.strictSame(report.argv, ['probe', 'report']);
  t.equal(report.exe, '/probe');
});

conformance('the environment is the configured one, with HOME', (t, box) => {
  const report = box.report([(c) => void (c.process.env = ['PATH=/', 'A=1', 'B=', 'C=x=y'])]);
  t.strictSame([...report.env].sort(), ['A=1', 'B=', 'C=x=y', 'HOME=/', 'PATH=/']);
});

conformance('HOME comes from the container’s own passwd', (t, box) => {
  const bundle = box.bundle((c) => void (c.process.user = { uid: 1234, gid: 1 }));
  writeFileSync(`${bundle}/rootfs/etc/passwd`, 'root:x:0:0::/root:/x\nsomebody:x:1234:1::/home/somebody:/x\n');
  const result = box.must(['run', '--bundle', bundle, box.id()]);
  t.ok((JSON.parse(result.stdout) as { env: string[] }).env.includes('HOME=/home/somebody'));
});

conformance('a HOME of the config stays', (t, box) => {
  const report = box.report([(c) => void c.process.env.push('HOME=/mine')]);
  t.strictSame(
    report.env.filter((v) => v.startsWith('HOME=')),
    ['HOME=/mine'],
  );
});

conformance('nothing of the caller’s environment comes in', (t, box) => {
  const report = box.report([], { env: { ...process.env, OCIRUN_TEST_SECRET: 'x' } });
  t.notMatch(report.env.join('\n'), 'OCIRUN_TEST_SECRET');
});

conformance('the working directory is the configured one and is made where missing', (t, box) => {
  t.equal(box.report().cwd, '/');
  t.equal(box.report([(c) => void (c.process.cwd = '/tmp')]).cwd, '/tmp');
  t.equal(box.report([(c) => void (c.process.cwd = '/tmp/new/deep')]).cwd, '/tmp/new/deep');
});

conformance('the user and group are the configured ones', (t, box) => {
  const report = box.report([(c) => void (c.process.user = { uid: 1000, gid: 1001 })]);
  t.strictSame(report.uids, [1000, 1000, 1000]);
  t.strictSame(report.gids, [1001, 1001, 1001]);
});

conformance('the supplementary groups are the configured ones and no others', (t, box) => {
  const extra = box.report([(c) => void (c.process.user = { uid: 0, gid: 0, additionalGids: [5, 7] })]);
  t.strictSame([...extra.groups].sort(), [5, 7]);
  t.strictSame(
    box.report().groups.filter((g) => g !== 0),
    [],
  );
});

conformance('the umask is 0022 unless told otherwise', (t, box) => {
  t.equal(box.report().status['umask'], '0022');
  t.equal(box.report([(c) => void (c.process.user = { uid: 0, gid: 0, umask: 0o77 })]).status['umask'], '0077');
});

conformance('the process leads a session of its own', (t, box) => {
  const report = box.report();
  t.equal(report.sid, 1);
  t.equal(report.pgid, 1);
});

conformance('the program is the container’s, and no part of the runtime', (t, box) => {
  const report = box.report();
  t.equal(report.exe, '/probe');
  t.equal(report.exeOf1, '/probe');
  t.equal(report.name, 'probe');
});

conformance('the process does not die with the runtime’s parent', (t, box) => {
  t.equal(box.report().parentDeathSignal, 0);
});

conformance('a program that is no program is refused by its name', (t, box) => {
  const bundle = box.bundle((c) => void (c.process.args = ['/etc/text']));
  writeFileSync(`${bundle}/rootfs/etc/text`, 'text');
  const result = box.call(['run', '--bundle', bundle, box.id()]);
  t.equal(result.status, 1);
  t.match(result.stderr, '/etc/text');
  t.match(result.stderr, 'permission denied');
});
