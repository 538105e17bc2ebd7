import { build } from 'esbuild';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { consoleShim, yargsBrowser } from './yargs-browser.mjs';

const version = (root) => JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;

/** The same for every bundle: scripts without modules, promises or names of Node's. */
const common = (root) => ({
  absWorkingDir: root,
  bundle: true,
  write: false,
  metafile: true,
  format: 'iife',
  globalName: 'chunk',
  platform: 'neutral',
  mainFields: ['module', 'main'],
  conditions: ['import', 'browser', 'default'],
  target: 'es2023',
  legalComments: 'none',
  logLevel: 'warning',
  charset: 'utf8',
  inject: [consoleShim],
  plugins: [yargsBrowser],
  minifySyntax: true,
  define: { OCIRUN_VERSION: JSON.stringify(version(root)), 'globalThis.OCIRUN_VERSION': JSON.stringify(version(root)) },
});

/** Turns `var chunk = (() => …)();` into an expression: the value of the script is the exports. */
function asExpression(text) {
  const marker = 'var chunk = (() => {';
  const at = text.indexOf(marker);
  if (at < 0) throw new Error('esbuild no longer writes `var chunk = (() => {`');
  return text.slice(0, at) + '(() => {' + text.slice(at + marker.length);
}

const moduleFiles = (metafile) => Object.keys(metafile.inputs).filter((file) => !file.includes(':'));

/** The names that each of these modules exports. */
async function exportsOf(root, files) {
  const result = await build({
    ...common(root),
    splitting: true,
    format: 'esm',
    globalName: undefined,
    entryPoints: files,
    outdir: 'out',
    outbase: root,
  });
  const names = new Map();
  for (const output of Object.values(result.metafile.outputs)) names.set(output.entryPoint, output.exports);
  return names;
}

/** Numbers that esbuild writes in place of their names: taking them from the core would be a lookup for each. */
const inlined = new Set(['src/sys/constants.ts']);

// Marks our own question to esbuild, so that it is not asked again and again.
const asked = {};

/**
 * A plugin for the lazy scripts: what is already in the core script is taken from there, so that no module exists twice
 * (an `instanceof` must hold across scripts). `ocirunCore("file name")` is the core's side of it.
 */
function takenFromCore(root, coreExports) {
  return {
    name: 'taken-from-core',
    setup(builder) {
      builder.onResolve({ filter: /.*/ }, async ({ path, kind, resolveDir, pluginData }) => {
        if (kind === 'entry-point' || pluginData === asked) return undefined;
        const found = await builder.resolve(path, { kind, resolveDir, pluginData: asked });
        const file = relative(root, found.path);
        return coreExports.has(file) && !inlined.has(file) ? { path: file, namespace: 'core', sideEffects: false } : found;
      });
      builder.onLoad({ filter: /.*/, namespace: 'core' }, ({ path }) => ({
        contents: coreExports.get(path).map((name) => taken(path, name)).join('\n'),
      }));
    },
  };
}

// Marked as pure, or esbuild would keep the lookups of names that nobody uses.
const taken = (path, name) => {
  const value = `/* @__PURE__ */ globalThis.ocirunCore(${JSON.stringify(`${path} ${name}`)})`;
  return name === 'default' ? `export default ${value};` : `export const ${name} = ${value};`;
};

/** The table of what the lazy scripts take from the core: a module of its own, for imports come before statements. */
function coreTable(keys) {
  const lines = keys.map((key, at) => {
    const [file, name] = key.split(' ');
    return `import { ${name} as v${at} } from ${JSON.stringify(`./${file}`)};`;
  });
  const rows = keys.map((key, at) => `  ${JSON.stringify(key)}: v${at},`);
  return [
    ...lines,
    `const table = {\n${rows.join('\n')}\n};`,
    'globalThis.ocirunCore = (key) => table[key];',
  ].join('\n');
}

/** A plugin for the core script: the import of `core-table` gives these contents. */
const withTable = (root, contents) => ({
  name: 'core-table',
  setup(builder) {
    builder.onResolve({ filter: /^core-table$/ }, ({ path }) => ({ path, namespace: 'table' }));
    builder.onLoad({ filter: /.*/, namespace: 'table' }, () => ({ contents, resolveDir: root }));
  },
});

const bundleLazy = async (root, name, entry, coreExports) => {
  const options = { ...common(root), entryPoints: [entry], outfile: `${name}.js` };
  const result = await build({ ...options, plugins: [takenFromCore(root, coreExports), yargsBrowser] });
  return asExpression(result.outputFiles[0].text);
};

const usedKeys = (texts) => {
  const keys = new Set();
  for (const text of texts) for (const [, key] of text.matchAll(/ocirunCore\("([^"]+)"\)/g)) keys.add(key);
  return [...keys].sort();
};

/** Bundle the program: { name: text of the script }. */
async function bundleProduct(root, { core, ...lazy }) {
  const first = await build({ ...common(root), entryPoints: [core], outfile: 'core.js' });
  const coreExports = await exportsOf(root, moduleFiles(first.metafile));
  const names = Object.keys(lazy);
  const texts = await Promise.all(names.map((name) => bundleLazy(root, name, lazy[name], coreExports)));
  const entry = `import 'core-table';\nexport * from ${JSON.stringify(`./${core}`)};`;
  const stdin = { contents: entry, resolveDir: root, sourcefile: 'core-entry.js' };
  const plugins = [withTable(root, coreTable(usedKeys(texts)))];
  const last = await build({ ...common(root), stdin, plugins, outfile: 'core.js' });
  return { core: asExpression(last.outputFiles[0].text), ...Object.fromEntries(names.map((name, at) => [name, texts[at]])) };
}

/** Bundle a program of one script. */
export async function bundleProgram(root, entry) {
  const result = await build({ ...common(root), entryPoints: [entry], outfile: 'program.js' });
  return asExpression(result.outputFiles[0].text);
}

/** Write a file only if that changes it, for what is made from it is as new as it. */
export function update(file, text) {
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** Bundle everything into build/js; gives { product: names, programs: names }. */
export async function bundle(root, { product, programs, rehearsal }) {
  const texts = await bundleProduct(root, product);
  for (const [name, entry] of Object.entries({ ...programs, ...rehearsal })) texts[name] = await bundleProgram(root, entry);
  for (const [name, text] of Object.entries(texts)) update(join(root, 'build/js', `${name}.js`), text);
  return { product: Object.keys(product), programs: Object.keys(programs) };
}
