// node conformance/vm/bundle.mjs FOLDER TEST…: tests of conformance/ as programs that plain Node runs, with all that
// they import: loading tap's hundreds of files and the compiler takes an emulated guest half a minute each time.
import { join } from 'node:path';
import { build } from 'esbuild';

const conformance = join(import.meta.dirname, '..');
const [outdir, ...tests] = process.argv.slice(2);

await build({
  entryPoints: tests.map((test) => ({ in: join(conformance, `${test}.ts`), out: test.replaceAll('/', '-') })),
  bundle: true,
  platform: 'node',
  format: 'esm',
  outdir,
  outExtension: { '.js': '.mjs' },
  sourcemap: 'inline',
  sourcesContent: false,
  logLevel: 'warning',
  banner: {
    js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
  },
});
