// Every property of config.json makes a difference, or is ignored for a reason; and docs/coverage.md tells which.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { answerTo, differences } from './coverage/answers.mjs';
import { coverage, ignored, reasons, tableOf } from './coverage.mjs';
import { documentsFor } from './coverage/samples.mjs';

const rows = coverage();

test('the schema has properties', () => assert.ok(rows.length > 150));

for (const { pointer, leadsTo, ignoredBy } of rows)
  test(`${pointer} makes a difference, or is ignored for a reason`, () => {
    if (leadsTo.length > 0)
      assert.equal(ignoredBy, undefined, `it is in ignoredFields, but leads to ${leadsTo.join()}`);
    else
      assert.ok(ignoredBy !== undefined && reasons[ignoredBy], 'the plan and the verdict are the same as without it');
  });

test('no reason is for a field that is not ignored', () => {
  for (const field of Object.keys(reasons)) assert.ok(ignored.includes(field), field);
});

test('the document that the properties are set in breaks no rule', () => {
  const { before } = documentsFor({ pointer: '/hostname', schema: { type: 'string' } });
  assert.deepEqual(answerTo(before).refused, []);
  assert.deepEqual(differences(answerTo(before), answerTo(before)), []);
});

test('what the schema wants is told from what other fields ask for', () => {
  const line = (pointer) =>
    tableOf(rows.filter((row) => row.pointer === pointer))
      .trim()
      .split('\n')
      .at(-1);
  assert.match(line('/linux/seccomp/listenerPath'), /; needed where other fields ask for it \|$/);
  assert.match(line('/linux/seccomp/defaultAction'), /; may not be missing \|$/);
  assert.doesNotMatch(line('/linux/seccomp/listenerMetadata'), /needed|missing/);
});

test('docs/coverage.md is as the code is: npm run coverage', () => {
  assert.equal(readFileSync(new URL('../docs/coverage.md', import.meta.url), 'utf8'), tableOf(rows));
});
