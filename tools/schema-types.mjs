/**
 * TypeScript types of a JSON Schema: an interface for each named object, everything else in place.
 * Knows the keywords that spec-schemas/ uses, and fails on others.
 */

const known = new Set(
  ['$schema', '$id', '$ref', '$defs', 'title', 'description', 'examples', 'default', 'deprecated'].concat(
    ['type', 'properties', 'required', 'items', 'enum', 'additionalProperties'],
    ['minimum', 'maximum', 'minItems', 'pattern'],
  ),
);

/** The source of a module with the types of `schema`, the root one named by its title. */
export function typesOf(schema, origin) {
  const parts = [`// Made from ${origin} by tools/schema.mjs: edit the schema and run it with --write.`];
  parts.push(declaration(schema.title, schema));
  for (const [name, definition] of Object.entries(schema.$defs)) {
    if (isNamed(definition)) parts.push(declaration(name, definition));
  }
  return parts.join('\n\n') + '\n';
}

/** Objects and lists of words get a name of their own. */
const isNamed = (schema) => Boolean(schema.enum) || (schema.type === 'object' && !isMap(schema));

/** An object that only has a type for all its values. */
const isMap = (schema) => typeof schema.additionalProperties === 'object';

function declaration(name, schema) {
  const head = comment(schema, '');
  if (schema.enum) return `${head}export type ${name} =${schema.enum.map((value) => `\n  | '${value}'`).join('')};`;
  return `${head}export interface ${name} ${members(schema, '', schema)}`;
}

/** The lines that prettier would leave as they are. */
const lineLength = 120;

function comment({ description, deprecated }, indent) {
  if (!description) return '';
  const text = deprecated ? `${description}\n@deprecated` : description;
  const short = `${indent}/** ${text} */\n`;
  if (!deprecated && short.length <= lineLength) return short;
  const lines = text.split('\n').flatMap((paragraph) => wrapped(paragraph, lineLength - indent.length - 3));
  return `${indent}/**\n${lines.map((line) => `${indent} * ${line}\n`).join('')}${indent} */\n`;
}

function wrapped(text, length) {
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === '') lines[lines.length - 1] = word;
    else if (last.length + 1 + word.length <= length) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function members(schema, indent) {
  const required = new Set(schema.required);
  const inner = `${indent}  `;
  const lines = Object.entries(schema.properties ?? {}).map(
    ([name, value]) =>
      `${comment(value, inner)}${inner}readonly ${propertyName(name)}${required.has(name) ? '' : '?'}: ${type(value, inner)};\n`,
  );
  return `{\n${lines.join('')}${indent}}`;
}

const propertyName = (name) => (/^[A-Za-z_]\w*$/.test(name) ? name : `'${name}'`);

/** Names that stand for a plain type: there is nothing to say about them that TypeScript could check. */
const plain = { StringMap: 'Readonly<Record<string, string>>', Strings: 'readonly string[]', FileMode: 'number' };

function type(schema, indent) {
  const strange = Object.keys(schema).find((key) => !known.has(key));
  if (strange !== undefined) throw new Error(`spec-schemas: no type for the keyword ${strange}`);
  if (schema.$ref) {
    const name = schema.$ref.slice('#/$defs/'.length);
    return plain[name] ?? (/^U?[Ii]nt[0-9]+$/.test(name) ? 'number' : name);
  }
  if (schema.enum) return schema.enum.map((value) => `'${value}'`).join(' | ');
  if (!schema.type) return 'unknown';
  const make = {
    string: () => 'string',
    boolean: () => 'boolean',
    integer: () => 'number',
    array: () => listOf(type(schema.items, indent)),
    object: () => objectType(schema, indent),
  }[schema.type];
  if (!make) throw new Error(`spec-schemas: no type for ${JSON.stringify(schema)}`);
  return make();
}

const listOf = (item) => `readonly ${/^\w+$/.test(item) ? item : `(${item})`}[]`;

function objectType(schema, indent) {
  if (isMap(schema)) return `Readonly<Record<string, ${type(schema.additionalProperties, indent)}>>`;
  return schema.properties ? members(schema, indent) : 'object';
}
