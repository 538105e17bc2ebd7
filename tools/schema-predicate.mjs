/**
 * A JSON Schema as the source of a module whose default export says yes or no, and nothing else; `sawRounded` tells
 * whether that document had an integer that a JavaScript number cannot hold.
 *
 * Every start of the runtime loads it. ajv's code for the same schema, minified and without messages, is 87 kB of
 * bytecode and takes QuickJS 0.28 ms to load; this is 14 kB and 0.06 ms. It knows the keywords that spec-schemas/
 * uses and fails on others; tools/schema.test.mjs holds it to ajv's verdict.
 */

const known = new Set(
  ['$schema', '$ref', '$defs', 'type', 'properties', 'required', 'items', 'enum', 'additionalProperties'].concat([
    'minimum',
    'maximum',
    'minItems',
  ]),
);

const helpers = `const object = (v) => typeof v === 'object' && v !== null && !Array.isArray(v);
function list(v, test) {
  if (!Array.isArray(v)) return false;
  for (let i = 0; i < v.length; i++) if (!test(v[i])) return false;
  return true;
}
function map(v, test, except) {
  if (!object(v)) return false;
  for (const key in v) if (key !== except && !test(v[key])) return false;
  return true;
}
const string = (v) => typeof v === 'string';
let rounded = false;
function integer(v, low, high) {
  if (v > ${Number.MAX_SAFE_INTEGER} || v < ${Number.MIN_SAFE_INTEGER}) rounded = true;
  return typeof v === 'number' && v % 1 === 0 && v >= low && v <= high;
}
const word = (v, words) => typeof v === 'string' && !v.includes(' ') && words.includes(' ' + v + ' ');
`;

const exported = `export default function (document) {
  rounded = false;
  return isDocument(document);
}
export const sawRounded = () => rounded;
`;

export function predicateOf(schema) {
  const functions = Object.entries(schema.$defs).map(([name, definition]) => predicate(`is${name}`, definition));
  return `${helpers}${functions.join('')}${predicate('isDocument', schema)}${exported}`;
}

const predicate = (name, schema) => `function ${name}(v, x) {\n  return ${test(schema, 'v')};\n}\n`;

/** An expression that is true where `value` (a variable) fits. */
function test(schema, value) {
  if (schema === false) return 'false';
  const strange = Object.keys(schema).find((key) => !known.has(key));
  if (strange !== undefined) throw new Error(`tools/schema.mjs: the keyword ${strange} is not known`);
  if (schema.$ref) return `is${schema.$ref.slice('#/$defs/'.length)}(${value})`;
  const make = tests[schema.type];
  if (!make) throw new Error(`tools/schema.mjs: no test for ${JSON.stringify(schema)}`);
  return make(schema, value);
}

const tests = {
  string: (schema, value) => (schema.enum ? wordTest(schema.enum, value) : `typeof ${value} === 'string'`),
  boolean: (_schema, value) => `typeof ${value} === 'boolean'`,
  integer: ({ minimum = -Infinity, maximum = Infinity }, value) => `integer(${value}, ${minimum}, ${maximum})`,
  array: arrayTest,
  object: objectTest,
};

/** One string instead of one for each word: a string costs as much to load as a line of code. */
const wordTest = (words, value) => `word(${value}, ${JSON.stringify(` ${words.join(' ')} `)})`;

function arrayTest({ items, minItems }, value) {
  const all = `list(${value}, ${callback(items)})`;
  return minItems === undefined ? all : `${all} && ${value}.length >= ${minItems}`;
}

function callback(schema) {
  if (schema.$ref) return `is${schema.$ref.slice('#/$defs/'.length)}`;
  return schema.type === 'string' && !schema.enum ? 'string' : `(v) => ${test(schema, 'v')}`;
}

function objectTest(schema, value) {
  if (schema.additionalProperties) return mapTest(schema, value);
  const required = new Set(schema.required);
  const members = Object.entries(schema.properties ?? {}).flatMap(([name, member]) =>
    isAnything(member) ? [] : [memberTest(`${value}.${name}`, member, required.has(name))],
  );
  return [`object(${value})`, ...members].join(' &&\n    ');
}

/** A schema that every value fits. */
const isAnything = (schema) => schema !== false && Object.keys(schema).length === 0;

/** A map may have one name whose value is not looked at. */
function mapTest({ additionalProperties, properties = {} }, value) {
  const [except, ...more] = Object.keys(properties);
  if (more.length > 0 || (except !== undefined && properties[except] !== true))
    throw new Error('tools/schema.mjs: a map with properties of its own is not known');
  const rest = except === undefined ? '' : `, ${JSON.stringify(except)}`;
  return `map(${value}, ${callback(additionalProperties)}${rest})`;
}

function memberTest(member, schema, required) {
  if (schema === false) return `${member} === undefined`;
  const fits = test(schema, 'x');
  return required ? `((x = ${member}), ${fits})` : `((x = ${member}) === undefined || ${fits})`;
}
