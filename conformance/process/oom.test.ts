import { readFileSync } from 'node:fs';
import { conformance } from '../lib/conformance.ts';
import { probing, type Edit } from '../lib/config.ts';

const score = (value: unknown): Edit => {
  return (config) => void (config.process['oomScoreAdj'] = value);
};
const absent: Edit = (config) => void delete config.process['oomScoreAdj'];

/** A caller whose own score is this. */
const caller = (value: number) => ['/bin/sh', '-c', `echo ${value} >/proc/self/oom_score_adj && exec "$@"`, 'sh'];
const mayLower = (BigInt(`0x${/^CapEff:\s+(\w+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]}`) >> 24n) & 1n;

conformance('oomScoreAdj: it is set', (t, box) => {
  t.strictSame(box.report([score(500)]).oomScoreAdj, ['500']);
  t.strictSame(box.report([score(1000)]).oomScoreAdj, ['1000']);
});

conformance('oomScoreAdj: absent, the caller’s stays', (t, box) => {
  t.strictSame(box.report([absent], { through: caller(300) }).oomScoreAdj, ['300']);
});

conformance('oomScoreAdj: 0 is a value', (t, box) => {
  t.strictSame(box.report([score(0)], { through: caller(300) }).oomScoreAdj, ['0']);
});

conformance('oomScoreAdj: the created container has it before it is started', (t, box) => {
  box.must(['create', '--bundle', box.bundle(score(321), probing('sleep')), box.id()]);
  const pid = Number(box.state()?.['pid']);
  t.equal(readFileSync(`/proc/${pid}/oom_score_adj`, 'utf8'), '321\n');
});

conformance('oomScoreAdj: one that the caller may not set fails the create', (t, box) => {
  const result = box.call(['create', '--bundle', box.bundle(score(-500)), box.id()]);
  if (mayLower) {
    t.equal(result.status, 0);
  } else {
    t.equal(result.status, 1);
    t.match(result.stderr, /oom_?score_?adj/i);
    t.match(result.stderr, /permission denied/i);
    t.strictSame(box.ids(), []);
  }
});

conformance('oomScoreAdj: what the kernel does not know is refused', (t, box) => {
  for (const value of [1001, -1001]) {
    const result = box.call(['create', '--bundle', box.bundle(score(value)), box.id()]);
    t.equal(result.status, 1, String(value));
    t.match(result.stderr, /oom_?score_?adj/i);
    t.strictSame(box.ids(), []);
  }
});

conformance('oomScoreAdj: an ordinary user has it too', (t, box) => {
  const user: Edit = (config) => void (config.process.user = { uid: 1000, gid: 1000 });
  t.strictSame(box.report([score(250), user]).oomScoreAdj, ['250']);
});
