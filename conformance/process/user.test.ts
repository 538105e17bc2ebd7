import { statSync, writeFileSync } from 'node:fs';
import { conformance } from '../lib/conformance.ts';
import { probing, type Config, type Edit } from '../lib/config.ts';
import type { Report } from '../lib/report.ts';

const user = (value: Config['process']['user']): Edit => {
  return (config) => void (config.process.user = value);
};

conformance('user: the largest ids there are will do', (t, box) => {
  const largest = 2147483647;
  const report = box.report([user({ uid: largest, gid: largest, additionalGids: [largest] })]);
  t.strictSame(report.uids, [largest, largest, largest]);
  t.strictSame(report.gids, [largest, largest, largest]);
  t.ok(report.groups.includes(largest));
});

conformance('user: names in the container’s passwd and group give nothing more', (t, box) => {
  const bundle = box.bundle();
  writeFileSync(`${bundle}/rootfs/etc/group`, 'wheel:x:10:somebody\n');
  writeFileSync(`${bundle}/rootfs/etc/passwd`, 'somebody:x:1000:1000::/:/x\n');
  const report = box.report([user({ uid: 1000, gid: 1000 })]);
  t.strictSame(
    report.groups.filter((group) => group !== 1000),
    [],
  );
});

conformance('user: supplementary groups of the caller do not come in', (t, box) => {
  const through = ['python3', '-c', 'import os,sys;os.setgroups([3,4]);os.execvp(sys.argv[1],sys.argv[1:])'];
  const { groups } = box.report([user({ uid: 1000, gid: 1000, additionalGids: [7] })], { through });
  t.strictSame(
    groups.filter((group) => group !== 1000),
    [7],
  );
});

conformance('user: a hundred supplementary groups are as good as one', (t, box) => {
  const additionalGids = Array.from({ length: 100 }, (_, n) => 2000 + n);
  const { groups } = box.report([user({ uid: 0, gid: 0, additionalGids })]);
  t.strictSame(
    groups.filter((group) => group >= 2000).sort((a, b) => a - b),
    additionalGids,
  );
});

conformance('user: the umask is set as it is, nothing at all too', (t, box) => {
  for (const umask of [0, 0o27, 0o777])
    t.equal(box.report([user({ uid: 0, gid: 0, umask })]).status['umask'], umask.toString(8).padStart(4, '0'));
});

conformance('user: the umask of the caller is of no account', (t, box) => {
  const through = ['/bin/sh', '-c', 'umask 0777; exec "$@"', 'sh'];
  t.equal(box.report([], { through }).status['umask'], '0022');
});

conformance('user: an ordinary one may open its standard streams anew', (t, box) => {
  const bundle = box.bundle(user({ uid: 1000, gid: 1000 }), probing('report', '/proc/self/fd/1', '/proc/self/fd/2'));
  box.must(['create', '--bundle', bundle, box.id()]);
  const number = box.calls;
  box.must(['start', box.id()]);
  t.ok(box.reaches('stopped'));
  const report = JSON.parse(box.output(number)) as Report;
  for (const fd of [1, 2]) t.equal(report.paths[`/proc/self/fd/${fd}`]?.write, 'yes', String(fd));
});

conformance('user: the null device stays root’s, whoever has it for a stream', (t, box) => {
  const bundle = box.bundle(user({ uid: 1000, gid: 1000 }), probing('exit', '0'));
  box.must(['run', '--bundle', bundle, box.id()]);
  t.equal(statSync('/dev/null').uid, 0);
});

conformance('user: a file that is only read stays its owner’s', (t, box) => {
  const input = box.path('input');
  writeFileSync(input, '');
  const bundle = box.bundle(user({ uid: 1000, gid: 1000 }), probing('exit', '0'));
  box.must(['run', '--bundle', bundle, box.id()], { stdin: input });
  t.equal(statSync(input).uid, 0);
});

conformance('user: an ordinary one may not trace or read what root has', (t, box) => {
  const report = box.report([user({ uid: 1000, gid: 1000 }), (c) => (c.process.capabilities = {})]);
  t.equal(report.status['effective'], '0'.repeat(16));
  t.equal(report.status['permitted'], '0'.repeat(16));
});

for (const [value, name] of [
  [{ uid: -1, gid: 0 }, 'uid'],
  [{ uid: 4294967296, gid: 0 }, 'uid'],
  [{ uid: 0, gid: -1 }, 'gid'],
] as const)
  conformance(`user: ${JSON.stringify(value)} is refused`, (t, box) => {
    const result = box.call(['create', '--bundle', box.bundle(user(value)), box.id()]);
    t.equal(result.status, 1);
    t.match(result.stderr, name);
    t.strictSame(box.ids(), []);
  });
