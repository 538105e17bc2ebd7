// The schemas can be read: everything has a description, every definition an example that fits it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { readSchema } from './schema.mjs';

/** Every schema inside, as [pointer, schema, whether it is a property or a definition]. */
function* schemasIn(schema, pointer = '') {
  yield [pointer, schema];
  for (const holder of ['properties', '$defs'])
    for (const [name, member] of Object.entries(schema[holder] ?? {}))
      if (member !== true) yield* schemasIn(member, `${pointer}/${holder}/${name}`);
  for (const key of ['items', 'additionalProperties'])
    if (typeof schema[key] === 'object') yield* schemasIn(schema[key], `${pointer}/${key}`);
}

test('the pages about the schemas are made from them', () => {
  const tool = path.join(path.dirname(fileURLToPath(import.meta.url)), 'schema-doc.mjs');
  execFileSync(process.execPath, [tool, '--check']);
});

const isNamed = (pointer) => !/\/(items|additionalProperties)$/.test(pointer);
const isDefinition = (pointer) => pointer === '' || /^\/\$defs\/\w+$/.test(pointer);

for (const name of ['config', 'state', 'features']) {
  const root = readSchema(name);
  const all = [...schemasIn(root)];

  test(`${name}: every property and definition is described`, () => {
    for (const [pointer, { description }] of all.filter(([pointer]) => isNamed(pointer))) {
      assert.match(description ?? '', /^["A-Za-z0-9-].{2,}\.$/s, pointer);
      assert.ok(!description.includes('*/'), pointer);
    }
  });

  test(`${name}: every definition has an example`, () => {
    for (const [pointer, { examples }] of all.filter(([pointer]) => isDefinition(pointer)))
      assert.ok(examples?.length > 0, pointer);
  });

  test(`${name}: examples and defaults fit their schemas`, () => {
    const ajv = new Ajv2020({ allErrors: true });
    ajv.addSchema(root);
    let count = 0;
    for (const [pointer, schema] of all) {
      const validate = ajv.getSchema(`${root.$id}#${pointer}`);
      const defaults = 'default' in schema ? [schema.default] : [];
      for (const value of [...(schema.examples ?? []), ...defaults]) {
        assert.ok(validate(value), `${pointer}: ${JSON.stringify(value)}: ${ajv.errorsText(validate.errors)}`);
        count += 1;
      }
    }
    assert.ok(count > 5, `${count} examples`);
  });

  test(`${name}: what the text calls deprecated is marked so, and has a name of its own`, () => {
    for (const [pointer, { description = '', deprecated = false }] of all)
      assert.equal(/\bDeprecated\b/.test(description), deprecated, pointer);
    assert.equal(root.$id, `urn:ocirun:runtime-spec:1.3:${name}`);
  });
}
