// Makes docs/coverage.md: every property of config.json, and what ocirun does with it, found by asking the code itself.
// With --check: fails where the committed table is not what would be made, or where a property makes no difference.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { answerTo, differences } from './coverage/answers.mjs';
import { propertiesOf } from './coverage/properties.mjs';
import { documentsFor } from './coverage/samples.mjs';
import { importSources, root } from './mutants/import.mjs';
import { readSchema } from './schema.mjs';

const target = join(root, 'docs/coverage.md');

/** Why a property in `ignoredFields` (src/validate/fields.ts) makes no difference. */
export const reasons = {
  '/$schema': 'for editors: not of the specification',
  '/process/consoleSize': 'to be ignored without a terminal (config.md), and a terminal is refused',
  '/process/execCPUAffinity': 'for `exec`, which is still to come',
};

const { ignoredFields } = await importSources(["export { ignoredFields } from './src/validate/fields.ts';"]);
/** Fields that are said to mean nothing here. */
export const ignored = ignoredFields.trim().split(/\s+/);

const ignoredBy = (pointer) => ignored.find((field) => pointer === field || pointer.startsWith(`${field}/`));

/**
 * Every property with what it leads to. One that is needed is given another value instead.
 */
export const coverage = () =>
  propertiesOf(readSchema('config')).map((property) => {
    const documents = documentsFor(property);
    const [without, before, after] = ['without', 'before', 'after'].map((name) => answerTo(documents[name]));
    const isNeeded = property.required || without.refused.some((refusal) => !after.refused.includes(refusal));
    const { pointer, required } = property;
    const leadsTo = differences(isNeeded ? before : without, after);
    return { pointer, required, isNeeded, leadsTo, ignoredBy: ignoredBy(pointer) };
  });

/** The schema says it, or a rule about other fields of the document that it is set in. */
const whenNeeded = ({ required }) => (required ? 'may not be missing' : 'needed where other fields ask for it');

const row = (property) => {
  const { pointer, isNeeded, leadsTo, ignoredBy: field } = property;
  const told = leadsTo.length > 0 ? leadsTo.join(', ') : `ignored: ${reasons[field] ?? 'NO REASON'}`;
  return `| \`${pointer}\` | ${told}${isNeeded && !field ? `; ${whenNeeded(property)}` : ''} |`;
};

/** The text of docs/coverage.md. */
export const tableOf = (rows) => `# Every property of config.json

Made by \`tools/coverage.mjs\`: do not edit. Each property of runtime-spec 1.3 that is for every platform or for Linux is set
in a document, and what that changes is told: steps of init (\`src/plan/steps.ts\`), what the runtime does itself, warnings,
and refusals by their code (\`src/errors/catalogue.ts\`). \`[]\` stands for any item, \`{}\` for any name.

| property | what it leads to |
| --- | --- |
${rows.map(row).join('\n')}
`;

function main() {
  const table = tableOf(coverage());
  if (!process.argv.includes('--check')) return writeFileSync(target, table);
  if (readFileSync(target, 'utf8') === table) return;
  console.error('docs/coverage.md is stale: run `npm run coverage`');
  process.exitCode = 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main();
