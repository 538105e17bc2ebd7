import { readFileSync, writeFileSync } from 'node:fs';
import { conformance } from '../lib/conformance.ts';
import type { Config, Edit } from '../lib/config.ts';
import type { Report } from '../lib/report.ts';

type Limits = NonNullable<Config['process']['rlimits']>;

const limits = (...list: Limits): Edit => {
  return (config) => void (config.process.rlimits = list);
};

/** Every limit there is, with values that any caller may set. */
const all: Readonly<Record<string, readonly [number, number]>> = {
  CPU: [3000, 4000],
  FSIZE: [1_000_000_000, 2_000_000_000],
  DATA: [500_000_000, 600_000_000],
  STACK: [4_194_304, 8_388_608],
  CORE: [0, 4096],
  RSS: [1_000_000_000, 1_000_000_001],
  NPROC: [4000, 5000],
  NOFILE: [512, 1000],
  MEMLOCK: [4096, 65_536],
  AS: [1_000_000_000_000, 2_000_000_000_000],
  LOCKS: [10, 20],
  SIGPENDING: [100, 200],
  MSGQUEUE: [1000, 2000],
  NICE: [0, 0],
  RTPRIO: [0, 0],
  RTTIME: [1_000_000, 2_000_000],
};

const mayRaise = (BigInt(`0x${/^CapEff:\s+(\w+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]}`) >> 24n) & 1n;

conformance('rlimits: each of the sixteen is set', (t, box) => {
  const list = Object.entries(all).map(([name, [soft, hard]]) => ({ type: `RLIMIT_${name}`, soft, hard }));
  const report = box.report([limits(...list)]);
  for (const [name, values] of Object.entries(all)) t.strictSame(report.rlimits[name], values.map(String), name);
});

conformance('rlimits: one alone leaves all others to the caller', (t, box) => {
  const report = box.report([limits({ type: 'RLIMIT_CORE', soft: 1, hard: 2 })], {
    through: ['prlimit', '--nofile=777:888', '--stack=4194304:8388608', '--nproc=4000:5000'],
  });
  t.strictSame(report.rlimits['CORE'], ['1', '2']);
  t.strictSame(report.rlimits['STACK'], ['4194304', '8388608']);
  t.strictSame(report.rlimits['NPROC'], ['4000', '5000']);
});

/** JSON.stringify cannot write these numbers. */
const exactly = (soft: string, hard: string) => (box: { bundle: (...edits: Edit[]) => string }) => {
  const bundle = box.bundle(limits({ type: 'RLIMIT_RSS', soft: 111_111, hard: 222_222 }));
  const text = readFileSync(`${bundle}/config.json`, 'utf8').replace('111111', soft).replace('222222', hard);
  writeFileSync(`${bundle}/config.json`, text);
  return bundle;
};

for (const [soft, hard] of [
  ['9007199254740993', '9007199254740995'],
  ['9223372036854775807', '9223372036854775807'],
  ['9223372036854775809', '18446744073709551614'],
  ['18446744073709551615', '18446744073709551615'],
] as const)
  conformance(`rlimits: ${soft} of ${hard} is exact to the last digit`, (t, box) => {
    const bundle = exactly(soft, hard)(box);
    const report = JSON.parse(box.must(['run', '--bundle', bundle, box.id()]).stdout) as Report;
    t.strictSame(report.rlimits['RSS'], [soft, hard]);
  });

for (const [soft, hard] of [
  ['18446744073709551616', '18446744073709551616'],
  ['-1', '-1'],
  ['1.5', '2.5'],
  ['"1"', '"1"'],
] as const)
  conformance(`rlimits: ${soft} of ${hard} is no limit`, (t, box) => {
    const bundle = exactly(soft, hard)(box);
    t.equal(box.call(['create', '--bundle', bundle, box.id()]).status, 1);
    t.strictSame(box.ids(), []);
  });

conformance('rlimits: a hard limit above the caller’s needs the right to raise it', (t, box) => {
  const through = ['prlimit', '--nofile=777:888'];
  const bundle = box.bundle(limits({ type: 'RLIMIT_NOFILE', soft: 900, hard: 900 }));
  const result = box.call(['run', '--bundle', bundle, box.id()], { through });
  if (mayRaise) {
    t.strictSame((JSON.parse(result.stdout) as Report).rlimits['NOFILE'], ['900', '900']);
  } else {
    t.equal(result.status, 1);
    t.match(result.stderr, 'rlimit');
    t.match(result.stderr, 'operation not permitted');
    t.strictSame(box.ids(), []);
  }
});

conformance('rlimits: a soft limit may be raised to the caller’s hard one', (t, box) => {
  const through = ['prlimit', '--nofile=777:888'];
  const report = box.report([limits({ type: 'RLIMIT_NOFILE', soft: 888, hard: 888 })], { through });
  t.strictSame(report.rlimits['NOFILE'], ['888', '888']);
});

conformance('rlimits: a soft limit above the hard one is refused', (t, box) => {
  const bundle = box.bundle(limits({ type: 'RLIMIT_NOFILE', soft: 100, hard: 50 }));
  const result = box.call(['create', '--bundle', bundle, box.id()]);
  t.equal(result.status, 1);
  t.match(result.stderr.toLowerCase(), 'rlimit');
  t.strictSame(box.ids(), []);
});

for (const type of ['RLIMIT_BOGUS', 'NOFILE', 'rlimit_nofile', ''])
  conformance(`rlimits: ${JSON.stringify(type)} is no name`, (t, box) => {
    const result = box.call(['create', '--bundle', box.bundle(limits({ type, soft: 1, hard: 1 })), box.id()]);
    t.equal(result.status, 1);
    t.match(result.stderr, 'rlimit');
    t.strictSame(box.ids(), []);
  });

conformance('rlimits: a name that is there twice is refused', (t, box) => {
  const one = { type: 'RLIMIT_NOFILE', soft: 100, hard: 100 };
  const result = box.call(['create', '--bundle', box.bundle(limits(one, { ...one, soft: 50 })), box.id()]);
  t.equal(result.status, 1);
  t.match(result.stderr, 'RLIMIT_NOFILE');
  t.strictSame(box.ids(), []);
});

conformance('rlimits: no file may be written, and the container starts all the same', (t, box) => {
  const report = box.report([
    limits({ type: 'RLIMIT_CORE', soft: 0, hard: 0 }, { type: 'RLIMIT_NPROC', soft: 1, hard: 1 }),
  ]);
  t.strictSame(report.rlimits['NPROC'], ['1', '1']);
});
