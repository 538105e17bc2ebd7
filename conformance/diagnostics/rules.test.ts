/** Every rule that refuses a document has an entry that shows what is told of it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { refuse } from '../../src/validate/rules.ts';
import { folder } from './golden.ts';

void t.test('diagnostics: every rule that refuses has a golden file', (t) => {
  const text = readdirSync(folder)
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('');
  const shown = new Set([...text.matchAll(/^ {2}"rule": "(.*)",?$/gm)].map(([, name]) => name));
  const names = refuse.flatMap(({ checks }) => Object.keys(checks));
  t.ok(names.length > 20, `${names.length} rules`);
  t.strictSame(
    names.filter((name) => !shown.has(name)),
    [],
    'none is without',
  );
  t.end();
});
