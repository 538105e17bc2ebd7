import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const shims = join(dirname(fileURLToPath(import.meta.url)), 'shims');

/** A console for yargs: esbuild's `inject`. */
export const consoleShim = join(shims, 'console.js');

/** A plugin that makes `yargs/browser` work in an engine without Intl and without a network. */
export const yargsBrowser = {
  name: 'yargs-browser',
  setup(builder) {
    // yargs' browser build imports these two by address; the installed packages are the same.
    builder.onResolve({ filter: /^https:\/\/[^/]+\/(cliui|yargs-parser)@/ }, ({ path, resolveDir, kind }) => {
      return builder.resolve(path.includes('/cliui@') ? 'cliui' : 'yargs-parser/browser', { resolveDir, kind });
    });
    builder.onResolve({ filter: /^string-width$/ }, () => ({ path: join(shims, 'string-width.js') }));
  },
};
