// TypeScript sources as they are, for tools: Node 20 does not read them.
import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';

/** The top of the repository. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** What these lines, written at the top of the repository, export. */
export async function importSources(lines) {
  const contents = lines.join('\n');
  // A file, not a data URL: a stack names it.
  const outfile = join(root, 'build/tools', `${createHash('sha256').update(contents).digest('hex').slice(0, 16)}.mjs`);
  buildSync({ stdin: { contents, resolveDir: root }, bundle: true, format: 'esm', outfile });
  return import(pathToFileURL(outfile).href);
}
