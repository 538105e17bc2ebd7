import fc from 'fast-check';
import t from 'tap';
import { rlimitNumber } from '../plan/rlimits.ts';
import type { Process, Rlimit, Spec } from '../spec/types.ts';
import type { Refusal } from './finding.ts';
import { argsNameAProgram, cwdIsAbsolute, environmentIsNamed, processIsThere, rlimitsAreSound } from './process.ts';

const spec = (process?: Partial<Process>): Spec =>
  process ? { ociVersion: '1.3.0', process: { cwd: '/', ...process } } : { ociVersion: '1.3.0' };
const told = (refusals: readonly Refusal[]): string[] =>
  refusals.map(({ details, message }) => `${details.pointer}: ${message}`);

t.test('there is a process', async (t) => {
  t.same(told(processIsThere(spec())), ['/process: process property must not be empty']);
  t.same(processIsThere(spec({})), []);
});

t.test('its arguments name a program', async (t) => {
  const message = ['/process/args: args must not be empty'];
  t.same(told(argsNameAProgram(spec({}))), message);
  t.same(told(argsNameAProgram(spec({ args: [] }))), message);
  t.same(argsNameAProgram(spec({ args: ['sh'] })), []);
  t.same(argsNameAProgram(spec()), []);
});

t.test('its directory is absolute', async (t) => {
  t.same(told(cwdIsAbsolute(spec({ cwd: 'tmp' }))), ['/process/cwd: Cwd must be an absolute path']);
  t.same(told(cwdIsAbsolute(spec({ cwd: '' }))), ['/process/cwd: Cwd property must not be empty']);
  t.same(cwdIsAbsolute(spec({ cwd: '/tmp' })), []);
  t.same(cwdIsAbsolute(spec()), []);
});

t.test('its environment has names', async (t) => {
  t.same(told(environmentIsNamed(spec({ env: ['A=1', 'B', '=C', '', 'D=', 'E==F'] }))), [
    `/process/env/1: invalid environment variable: missing '=' in "B"`,
    `/process/env/2: invalid environment variable: name cannot be empty in "=C"`,
    `/process/env/3: invalid environment variable: missing '=' in ""`,
  ]);
  t.same(environmentIsNamed(spec({})), []);
  t.same(environmentIsNamed(spec()), []);
  fc.assert(
    fc.property(fc.string(), (entry) => {
      t.equal(environmentIsNamed(spec({ env: [entry] })).length === 0, /^[^=]+=/s.test(entry));
    }),
  );
});

t.test('its limits are known, sound, and given once', async (t) => {
  const rlimits: Rlimit[] = [
    { type: 'RLIMIT_NOFILE', soft: 1, hard: 1 },
    { type: 'RLIMIT_NOFILE', soft: 2, hard: 1 },
    { type: 'RLIMIT_FUTURE', soft: 0, hard: 2 ** 64 },
  ];
  t.same(told(rlimitsAreSound(spec({ rlimits }))), [
    '/process/rlimits/1/type: rlimit RLIMIT_NOFILE is given twice',
    '/process/rlimits/1/soft: rlimit RLIMIT_NOFILE: the soft limit is above the hard limit',
    '/process/rlimits/2/type: wrong rlimit value: RLIMIT_FUTURE',
  ]);
  t.same(rlimitsAreSound(spec({})), []);
  t.same(rlimitsAreSound(spec()), []);
});

t.test('limits are the ones that the plan knows', async (t) => {
  const names = 'CPU FSIZE DATA STACK CORE RSS NPROC NOFILE MEMLOCK AS LOCKS SIGPENDING MSGQUEUE NICE RTPRIO RTTIME X';
  for (const name of [...names.split(' '), '', 'CPU FSIZE'].map((word) => `RLIMIT_${word}`)) {
    const refusals = rlimitsAreSound(spec({ rlimits: [{ type: name, soft: 0, hard: 0 }] }));
    // The schema lets only capital letters through.
    if (/^RLIMIT_[A-Z]+$/.test(name)) t.equal(refusals.length === 0, rlimitNumber(name) >= 0, name);
  }
});
