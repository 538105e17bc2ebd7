#!/usr/bin/env node
/**
 * What is made from spec-schemas/:
 *   build/schema/config-fast.js  yes or "not sure", for the hot path   (node tools/schema.mjs)
 *   build/schema/config-all.js   every error, by ajv                   (the same)
 *   build/schema/config-told.js  the schema itself, for messages       (the same)
 *   src/spec/*types.ts           the types, committed                  (node tools/schema.mjs --write)
 * `--check` fails where the committed types are stale.
 */
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { predicateOf } from './schema-predicate.mjs';
import { typesOf } from './schema-types.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const inRoot = (name) => path.join(root, name);

/** The schema in spec-schemas/ of that name, as it is. */
export const readSchema = (name) => JSON.parse(readFileSync(inRoot(`spec-schemas/${name}.json`), 'utf8'));

/** Parts of config.json that no engine writes on Linux: the fast validator leaves them to the other one. */
const otherPlatforms = ['solaris', 'windows', 'vm', 'zos', 'freebsd'];

/** What stands for a pattern on the hot path: compiling a RegExp costs more at load than all of the rest. */
const usualValues = {
  '^RLIMIT_[A-Z]+$':
    'CPU FSIZE DATA STACK CORE RSS NPROC NOFILE MEMLOCK AS LOCKS SIGPENDING MSGQUEUE NICE RTPRIO RTTIME'
      .split(' ')
      .map((name) => `RLIMIT_${name}`),
  '^[1-9][0-9]*[KMG]B$': ['64KB', '512KB', '1MB', '2MB', '16MB', '32MB', '256MB', '512MB', '1GB', '2GB', '16GB'],
  '^[cbup]$': ['c', 'b', 'u', 'p'],
  '^MB:[^\\n]*$': [],
  '^[0-9, -]*$': ['', '0'],
};

/**
 * A stricter schema that is cheaper to load and run: every document that it takes fits the full schema too.
 * One that it refuses is not wrong: the full validator has the last word.
 */
export function fastSchema(schema) {
  const result = narrow(bareSchema(schema));
  for (const name of otherPlatforms) result.properties[name] = false;
  return result;
}

/** Keywords that say something to people and editors, and nothing to a validator. */
const annotations = new Set(['$id', 'title', 'description', 'examples', 'default', 'deprecated']);

/** The schema without what no validator needs. */
export const bareSchema = (schema) =>
  rebuilt(schema, (keywords) => Object.fromEntries(Object.entries(keywords).filter(([key]) => !annotations.has(key))));

const narrow = (schema) => rebuilt(schema, narrowed);

function narrowed({ pattern, ...result }) {
  if (pattern === undefined) return result;
  const values = usualValues[pattern];
  if (!values) throw new Error(`tools/schema.mjs: no usual values for the pattern ${pattern}`);
  return values.length > 0 ? { ...result, enum: values } : false;
}

/** A schema with `change` made to it and to every schema inside, the inner ones first. */
function rebuilt(schema, change) {
  if (typeof schema !== 'object') return schema;
  const inside = (key, value) => {
    // These hold names that are not keywords: a field may be called `description`.
    if (key === 'properties' || key === '$defs')
      return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, rebuilt(member, change)]));
    return key === 'items' || key === 'additionalProperties' ? rebuilt(value, change) : value;
  };
  return change(Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, inside(key, value)])));
}

/** The validator that knows every error, as the source of a module without imports. */
async function allErrors() {
  const { default: Ajv } = await import('ajv/dist/2020.js');
  const { default: standaloneCode } = await import('ajv/dist/standalone/index.js');
  const ajv = new Ajv({ allErrors: true, messages: false, code: { source: true, esm: true } });
  const code = standaloneCode(ajv, ajv.compile(bareSchema(readSchema('config'))));
  if (/\brequire\(|\bimport\b/.test(code)) throw new Error('tools/schema.mjs: the validator imports parts of ajv');
  return code;
}

/** What messages need of the schema: an example only of what has to match a pattern, and of descriptions a sentence. */
const forMessages = (_key, value) => {
  if (typeof value?.description !== 'string') return value;
  const { examples, description, ...rest } = value;
  const sentence = /^.*?\.(?=\s|$)/s.exec(description)?.[0].slice(0, -1) ?? description;
  return { ...rest, description: sentence, ...(value.pattern ? { examples } : {}) };
};

/** The schema as a module: in bytecode, one string is smaller than thousands of objects. */
const told = () => `export default JSON.parse(${JSON.stringify(JSON.stringify(readSchema('config'), forMessages))});\n`;

const validators = {
  'build/schema/config-fast.js': () => predicateOf(fastSchema(readSchema('config'))),
  'build/schema/config-all.js': allErrors,
  'build/schema/config-told.js': told,
};

/** Whether every validator is younger than what it is made from. */
function upToDate() {
  const inputs = ['spec-schemas/config.json', 'tools/schema.mjs', 'tools/schema-predicate.mjs', 'package-lock.json'];
  const time = (name) => statSync(inRoot(name), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return Math.min(...Object.keys(validators).map(time)) > Math.max(...inputs.map(time));
}

/** Makes what is older than its sources. */
export async function makeValidators() {
  if (upToDate()) return;
  mkdirSync(inRoot('build/schema'), { recursive: true });
  for (const [name, make] of Object.entries(validators)) writeFileSync(inRoot(name), await make());
}

/** Which file has the types of which schema. */
const typeFiles = {
  config: 'src/spec/types.ts',
  state: 'src/spec/state-types.ts',
  features: 'src/spec/features-types.ts',
};

/** The text of the file with a schema's types. */
async function types(name) {
  const { format } = await import('prettier');
  const text = typesOf(readSchema(name), `spec-schemas/${name}.json`);
  return format(text, { parser: 'typescript', printWidth: 120, singleQuote: true, trailingComma: 'all' });
}

async function checkTypes() {
  for (const [name, file] of Object.entries(typeFiles)) {
    if (readFileSync(inRoot(file), 'utf8') === (await types(name))) continue;
    console.error(`${file} does not fit spec-schemas/${name}.json: run node tools/schema.mjs --write`);
    process.exitCode = 1;
  }
}

async function writeTypes() {
  for (const [name, file] of Object.entries(typeFiles)) writeFileSync(inRoot(file), await types(name));
}

const actions = { '--check': checkTypes, '--write': writeTypes };

if (process.argv[1] === fileURLToPath(import.meta.url)) await (actions[process.argv[2]] ?? makeValidators)();
