// The schemas of the runtime-spec itself, which lie beside the checkout or not at all.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';

const root = path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url))));
const folder = path.join(root, '../shared/runtime-spec/schema');

/** For node:test: why a test that needs them is skipped, or false. */
export const skip = existsSync(folder) ? false : 'there is no ../shared/runtime-spec beside the checkout';

const readJson = (file) => JSON.parse(readFileSync(path.join(folder, file), 'utf8'));

/** The schemas by their file names. */
export const schemas = skip
  ? {}
  : Object.fromEntries(
      readdirSync(folder)
        .filter((entry) => entry.endsWith('.json'))
        .map((file) => [file, readJson(file)]),
    );

/** A validator: upstream's schemas are written for draft 4, but use nothing that draft 7 reads differently. */
export function validator(name) {
  const ajv = new Ajv({ strict: false });
  for (const [file, { $schema: _draft4, ...schema }] of Object.entries(schemas)) ajv.addSchema(schema, file);
  return ajv.getSchema(`${name}-schema.json`);
}

/** Its test documents, `good` or `bad`, as [name, text]. */
export function testDocuments(name, kind) {
  const files = readdirSync(path.join(folder, 'test', name, kind));
  return files.map((file) => [`${kind}/${file}`, readFileSync(path.join(folder, 'test', name, kind, file), 'utf8')]);
}

/** The schema that a reference in `file` means, and the file that it is in. */
function resolve(schema, file) {
  if (!schema.$ref) return [schema, file];
  const [target, pointer] = schema.$ref.split('#');
  const next = target || file;
  const found = pointer
    .split('/')
    .filter(Boolean)
    .reduce((at, name) => at[name], schemas[next]);
  return resolve(found, next);
}

/** Every property of a schema as a pointer; `[]` stands for any item, `{}` for any name. */
export function propertiesOf(name) {
  const found = new Set();
  const visit = (reference, from, pointer) => {
    const [schema, file] = resolve(reference, from);
    for (const part of [...(schema.allOf ?? []), ...(schema.anyOf ?? [])]) visit(part, file, pointer);
    for (const [property, member] of Object.entries(schema.properties ?? {})) {
      found.add(`${pointer}/${property}`);
      visit(member, file, `${pointer}/${property}`);
    }
    const named = schema.additionalProperties ?? Object.values(schema.patternProperties ?? {})[0];
    if (typeof named === 'object') visit(named, file, `${pointer}/{}`);
    if (schema.items) visit(schema.items, file, `${pointer}/[]`);
  };
  visit(schemas[`${name}-schema.json`], `${name}-schema.json`, '');
  return found;
}
