import { readFileSync } from 'node:fs';
import { conformance } from '../lib/conformance.ts';

const audit = 1n << 29n;
const kill = 1n << 5n;
const bind = 1n << 10n;
const all = audit | kill | bind;
const hex = (mask: bigint) => mask.toString(16).padStart(16, '0');

conformance('root has the capabilities of the default config', (t, box) => {
  const { status } = box.report();
  for (const set of ['bounding', 'effective', 'permitted']) t.equal(status[set], hex(all), set);
});

conformance('no capability is inheritable unless asked for', (t, box) => {
  const { status } = box.report([
    (c) => {
      delete c.process.capabilities['inheritable'];
      delete c.process.capabilities['ambient'];
    },
  ]);
  t.equal(status['inheritable'], hex(0n));
  t.equal(status['ambient'], hex(0n));
});

conformance('each set of capabilities is its own', (t, box) => {
  const { status } = box.report([
    (c) => {
      c.process.user = { uid: 1000, gid: 1000 };
      c.process.capabilities = {
        bounding: ['CAP_AUDIT_WRITE', 'CAP_KILL', 'CAP_NET_BIND_SERVICE'],
        permitted: ['CAP_KILL', 'CAP_NET_BIND_SERVICE'],
        inheritable: ['CAP_KILL', 'CAP_NET_BIND_SERVICE'],
        ambient: ['CAP_KILL'],
        effective: ['CAP_KILL'],
      };
    },
  ]);
  t.equal(status['bounding'], hex(all));
  t.equal(status['inheritable'], hex(kill | bind));
  t.equal(status['ambient'], hex(kill));
  t.equal(status['permitted'], hex(kill), 'what an ordinary user keeps over execve is the ambient set');
  t.equal(status['effective'], hex(kill));
});

conformance('an ordinary user has no capability left without ambient ones', (t, box) => {
  const { status } = box.report([
    (c) => {
      c.process.user = { uid: 1000, gid: 1000 };
      delete c.process.capabilities['ambient'];
    },
  ]);
  t.equal(status['effective'], hex(0n));
  t.equal(status['permitted'], hex(0n));
  t.equal(status['bounding'], hex(all));
});

conformance('an empty list of capabilities leaves none', (t, box) => {
  const { status } = box.report([
    (c) => void (c.process.capabilities = { bounding: [], effective: [], permitted: [], inheritable: [], ambient: [] }),
  ]);
  for (const set of ['bounding', 'effective', 'permitted', 'inheritable', 'ambient'])
    t.equal(status[set], hex(0n), set);
});

conformance('noNewPrivileges is set exactly when asked for', (t, box) => {
  t.equal(box.report().status['noNewPrivs'], '1');
  t.equal(box.report([(c) => void (c.process.noNewPrivileges = false)]).status['noNewPrivs'], '0');
});

conformance('the rlimits are the configured ones', (t, box) => {
  const report = box.report([
    (c) =>
      void (c.process.rlimits = [
        { type: 'RLIMIT_NOFILE', soft: 512, hard: 1000 },
        { type: 'RLIMIT_CORE', soft: 0, hard: 0 },
        { type: 'RLIMIT_CPU', soft: 3000, hard: 4000 },
      ]),
  ]);
  t.strictSame(report.rlimits['NOFILE'], ['512', '1000']);
  t.strictSame(report.rlimits['CORE'], ['0', '0']);
  t.strictSame(report.rlimits['CPU'], ['3000', '4000']);
});

conformance('the default config limits the open files', (t, box) => {
  t.strictSame(box.report().rlimits['NOFILE'], ['1024', '1024']);
});

conformance('the score for the out-of-memory killer stays the caller’s', (t, box) => {
  const mine = readFileSync('/proc/self/oom_score_adj', 'utf8').trim();
  t.strictSame(box.report().oomScoreAdj, [mine]);
});

conformance('no seccomp filter is on', (t, box) => {
  t.equal(box.report().status['seccomp'], '0');
});
