import { arch } from 'node:os';
import { conformance } from '../lib/conformance.ts';
import { probing, type Edit } from '../lib/config.ts';
import type { Report } from '../lib/report.ts';
import { sinceRunc } from '../lib/version.ts';

const narrow: Readonly<Record<string, string>> = { x64: 'i686', arm64: 'armv8l' };
const scope = { unless: sinceRunc('1.2.0') };
const personality = (value: unknown): Edit => {
  return (config) => void (config.linux['personality'] = value);
};
const perLinux32 = 8;

conformance(
  'personality: LINUX32 shows a machine of 32 bits',
  (t, box) => {
    const report = box.report([personality({ domain: 'LINUX32' })]);
    t.equal(report.machine, narrow[arch()]);
    t.equal(report.personality, perLinux32);
  },
  scope,
);

conformance(
  'personality: LINUX puts right what the caller has',
  (t, box) => {
    const report = box.report([personality({ domain: 'LINUX' })], { through: ['setarch', 'linux32'] });
    t.not(report.machine, narrow[arch()]);
    t.equal(report.personality, 0);
  },
  scope,
);

conformance('personality: absent, the caller’s stays', (t, box) => {
  t.equal(box.report([], { through: ['setarch', 'linux32'] }).machine, narrow[arch()]);
});

conformance(
  'personality: an unknown domain is refused',
  (t, box) => {
    for (const domain of ['LINUX64', 'linux32', '']) {
      const result = box.call(['create', '--bundle', box.bundle(personality({ domain })), box.id()]);
      t.equal(result.status, 1, domain);
      t.match(result.stderr, 'personality', domain);
      t.strictSame(box.ids(), [], domain);
    }
  },
  scope,
);

conformance(
  'personality: flags, of which there are none, are told of and do no harm',
  (t, box) => {
    const bundle = box.bundle(personality({ domain: 'LINUX32', flags: ['BOGUS'] }), probing('report'));
    const result = box.must(['run', '--bundle', bundle, box.id()]);
    t.match(result.stderr, /warn/i);
    t.equal((JSON.parse(result.stdout) as Report).personality, perLinux32);
  },
  { unless: scope.unless, only: 'ocirun' },
);
