// TypeScript sources as they are, for tools: Node 20 does not read them.
import { buildSync } from 'esbuild';
import { root } from './scratch.mjs';

/** What these lines, written at the top of the repository, export. */
export async function importSources(lines) {
  const { outputFiles } = buildSync({
    stdin: { contents: lines.join('\n'), resolveDir: root },
    bundle: true,
    format: 'esm',
    write: false,
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].text).toString('base64')}`);
}
