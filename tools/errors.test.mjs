// The catalogue of errors is whole, every code in it is used, and docs/errors.md is made from it.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { catalogue, page, rules } from './errors.mjs';
import { root } from './mutants/import.mjs';

test('every code says what it means, how it comes about and what to do', () => {
  for (const [code, entry] of Object.entries(catalogue)) {
    assert.deepEqual(Object.keys(entry), ['meaning', 'cause', 'cure'], code);
    for (const [name, text] of Object.entries(entry)) assert.match(text, /^[\w`#].{10,}\.$/s, `${code}: ${name}`);
    assert.match(code, /^E_[A-Z]+(_[A-Z]+)*$/);
  }
});

const sources = readdirSync(join(root, 'src'), { recursive: true })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && file !== 'errors/catalogue.ts')
  .map((file) => readFileSync(join(root, 'src', file), 'utf8'))
  .join('\n');

test('every code is the code of some error, and every error has a code of the catalogue', () => {
  const used = new Set([...sources.matchAll(/'(E_[A-Z_]+)'/g)].map(([, code]) => code));
  assert.deepEqual([...used].sort(), Object.keys(catalogue).sort());
});

test('docs/errors.md is made from the catalogue, with every check of src/validate', () => {
  assert.equal(readFileSync(join(root, 'docs/errors.md'), 'utf8'), page(), 'run `npm run errors`');
  for (const name of Object.values(rules).flat())
    assert.ok(page().includes(`- \`${name}\`: `), `${name} has a comment`);
  for (const list of Object.values(rules)) assert.ok(list.length > 0);
});
