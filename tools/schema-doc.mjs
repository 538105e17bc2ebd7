// Makes docs/config.md, docs/state.md and docs/features.md from spec-schemas/: every property, what it means, an example.
// With --check: fails where a committed file is not what would be made.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { readSchema } from './schema.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

const titles = { config: 'config.json', state: 'The state of a container', features: 'What a runtime can do' };

/** A cell of a table is one line, in which a bar would end it. */
const cell = (text) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

const code = (value) => `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;

/** Objects and lists of words have a section of their own. */
const hasSection = (schema) => Boolean(schema.properties?.['']) === false && Boolean(schema.properties ?? schema.enum);

function typeOf(schema, definitions) {
  if (schema.$ref) {
    const name = schema.$ref.slice('#/$defs/'.length);
    return hasSection(definitions[name])
      ? `[${name}](#${name.toLowerCase()})`
      : (plainNames[name] ?? name.toLowerCase());
  }
  if (schema.enum) return schema.enum.map(code).join(', ');
  if (schema.type === 'array') return `list of ${typeOf(schema.items, definitions)}`;
  if (schema.additionalProperties) return `${typeOf(schema.additionalProperties, definitions)} by name`;
  return schema.type ?? 'anything';
}

const plainNames = { Strings: 'list of string', StringMap: 'string by name', FileMode: 'uint16' };

/** What is to be said of a value besides its description. */
function remarks(schema, required) {
  const { default: standard, deprecated, examples = [], pattern } = schema;
  return [
    ...(required ? ['**needed**'] : []),
    ...(deprecated ? ['**deprecated**'] : []),
    ...(standard === undefined ? [] : [`default: ${code(standard)}`]),
    ...(pattern === undefined ? [] : [`fits ${code(pattern)}`]),
    ...(examples.length > 0 ? [`such as ${examples.map(code).join(', ')}`] : []),
  ].join('; ');
}

/** A row for each property, those of objects without a name of their own below them. */
function rowsOf(schema, definitions, before = '') {
  const required = new Set(schema.required);
  return Object.entries(schema.properties ?? {}).flatMap(([name, member]) => {
    const told = [
      code(before + name),
      typeOf(member, definitions),
      member.description,
      remarks(member, required.has(name)),
    ];
    const item = member.items?.properties ? member.items : member;
    return [
      `| ${told.map(cell).join(' | ')} |`,
      ...rowsOf(item, definitions, `${before}${name}${item === member ? '' : '[]'}.`),
    ];
  });
}

function section(name, schema, definitions) {
  const values = schema.enum ? [`\nOne of ${schema.enum.map(code).join(', ')}.`] : [];
  const table = schema.properties
    ? ['\n| property | type | meaning | |\n| --- | --- | --- | --- |', ...rowsOf(schema, definitions)]
    : [];
  const examples = schema.examples.map((example) => `\n\`\`\`json\n${JSON.stringify(example, null, 2)}\n\`\`\``);
  return [`## ${name}\n\n${schema.description}`, ...values, ...table, ...(schema.properties ? examples : [])].join(
    '\n',
  );
}

/** The page about one schema. */
export function page(name) {
  const schema = readSchema(name);
  const named = Object.entries(schema.$defs).filter(([, definition]) => hasSection(definition));
  const sections = [[schema.title, schema], ...named].map(([title, each]) => section(title, each, schema.$defs));
  const head = `# ${titles[name]}\n\nMade by \`tools/schema-doc.mjs\` from \`spec-schemas/${name}.json\`: do not edit.`;
  return `${[head, ...sections].join('\n\n')}\n`;
}

const target = (name) => path.join(root, `docs/${name}.md`);

function main() {
  for (const name of Object.keys(titles)) {
    if (!process.argv.includes('--check')) writeFileSync(target(name), page(name));
    else if (readFileSync(target(name), 'utf8') !== page(name)) {
      console.error(`docs/${name}.md is stale: run \`npm run schema-doc\``);
      process.exitCode = 1;
    }
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main();
