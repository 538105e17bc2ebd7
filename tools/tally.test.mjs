import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allowance, tally } from './tally.mjs';

const names = (list) => list.map((entry) => entry.name ?? entry);

test('counts innermost subtests', () => {
  const sums = tally(`TAP version 14
1..1
# Subtest: file.test.ts
    # a comment
    # Subtest: one
        ok 1 - a
        ok 2 - b
        1..2
    ok 1 - one # time=3.5ms
    # Subtest: two
        not ok 1 - a
          ---
          source: |
            ok 1 - is no test
          ...
        1..1
    not ok 2 - two # time=1ms
    ok 3 - three # SKIP no reason
    ok 4 - four # TODO another answer
    1..4
not ok 1 - file.test.ts # time=5ms
`);
  assert.deepEqual(sums.passed, ['one']);
  assert.deepEqual(sums.failed, ['two']);
  assert.deepEqual(names(sums.skipped), ['three']);
  assert.deepEqual(names(sums.differences), ['four']);
});

test('a file that fails though all its tests pass is a failure', () => {
  const sums = tally(`# Subtest: file.test.ts
    # Subtest: one
        ok 1 - a
    ok 1 - one
not ok 1 - file.test.ts # time=5ms
`);
  assert.deepEqual(sums.failed, ['file.test.ts (as a whole)']);
});

test('a file without subtests is one test, and so is a bare test point', () => {
  assert.deepEqual(tally('# Subtest: f\n    ok 1 - a\n    ok 2 - b\nok 1 - f\n').passed, ['f']);
  assert.deepEqual(tally('ok 1 - build\nnot ok 2 - lint\n'), {
    passed: ['build'],
    failed: ['lint'],
    skipped: [],
    differences: [],
  });
});

test('a file that never came to an end fails', () => {
  const begun = '# Subtest: f\n    # Subtest: a\n        ok 1 - x\n    ok 1 - a\n    # Subtest: b\n        ok 1 - c\n';
  for (const end of ['', 'not ok 1 - f # time=1\n'])
    assert.deepEqual(tally(begun + end), { passed: ['a'], failed: ['b (never ended)'], skipped: [], differences: [] });
});

test('skips are allowed by suite and name', () => {
  const allowed = allowance('# comment\n\nunit | a test | why\nunit | many * | why\n');
  assert.ok(allowed('unit', 'a test'));
  assert.ok(allowed('unit', 'many things'));
  assert.ok(!allowed('other', 'a test'));
  assert.ok(!allowed('unit', 'a tes'));
});
