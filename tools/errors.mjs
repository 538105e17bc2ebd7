// Makes docs/errors.md from the one catalogue of codes and the rules of src/validate.
// With --check: fails where the committed file is not what would be made.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { importSources, root } from './mutants/import.mjs';

const target = join(root, 'docs/errors.md');

const { catalogue, refuse, warn } = await importSources([
  "export { catalogue } from './src/errors/catalogue.ts';",
  "export { refuse, warn } from './src/validate/rules.ts';",
]);
export { catalogue };

/** What each check of src/validate says of itself: the comment before it. */
function comments() {
  const folder = join(root, 'src/validate');
  const files = readdirSync(folder).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));
  const found = new Map();
  for (const file of files) {
    const text = readFileSync(join(folder, file), 'utf8');
    for (const [, comment, name] of text.matchAll(/\/\*\*((?:(?!\*\/).)*)\*\/\nexport (?:function|const) (\w+)/gs))
      found.set(name, comment.replace(/\n \*/g, ' ').replace(/\s+/g, ' ').trim());
  }
  return found;
}

const namesIn = (groups) => groups.flatMap(({ checks }) => Object.keys(checks));

/** The one check that finds what is right, but not there yet. */
const notThereYet = 'fieldsAreSupported';

/** The checks behind each code, in the order in which they are made. */
export const rules = {
  E_CONFIG_RULE: namesIn(refuse).filter((name) => name !== notThereYet),
  E_NOT_SUPPORTED_YET: namesIn(refuse).filter((name) => name === notThereYet),
  E_CONFIG_NO_EFFECT: namesIn(warn),
};

function ruleList(code, texts) {
  if (!rules[code]) return '';
  const rows = rules[code].map((name) => `- \`${name}\`${texts.has(name) ? `: ${texts.get(name)}` : ''}`);
  return `\nChecks (\`rule\` in the log):\n\n${rows.join('\n')}\n`;
}

/** The text of docs/errors.md. */
export function page() {
  const texts = comments();
  const sections = Object.entries(catalogue).map(
    ([code, { meaning, cause, cure }]) =>
      `## ${code}\n\n${meaning}\n\n**Cause.** ${cause}\n\n**Cure.** ${cure}\n${ruleList(code, texts)}`,
  );
  return `# Every error code

Made by \`tools/errors.mjs\` from \`src/errors/catalogue.ts\` and \`src/validate\`: do not edit. Codes are stable: scripts and
engines may compare them. With \`--log-format json\` the code of an error is the property \`code\` of its line; \`ocirun explain
CODE\` prints what stands here.

${sections.join('\n')}`;
}

function main() {
  if (!process.argv.includes('--check')) return writeFileSync(target, page());
  if (readFileSync(target, 'utf8') === page()) return;
  console.error('docs/errors.md is stale: run `npm run errors`');
  process.exitCode = 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main();
