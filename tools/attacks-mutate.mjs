// npm run attacks:mutate [-- NAME…]
// Removes one guard after the other (conformance/attacks/mutations/*.patch) in a copy of the repository, builds it, and
// runs the attack that the patch names: it has to succeed, which is a test that fails. Prints `guard → test`.
// A patch begins with lines `Rule: …` (of the design's section 6) and `Test: FILE | NAME`; more than one test may be named.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { apply, buildAll, buildScripts, changedBy, exchangeInit, prepare, restore, root } from './mutants/scratch.mjs';
import { failsAnyway, firstRed } from './mutants/tests.mjs';

const folder = join(root, 'conformance/attacks/mutations');

/** The tests that a patch names, each a file and a name. */
function testsOf(file) {
  const head = readFileSync(file, 'utf8').split(/^--- /m)[0];
  const tests = [...head.matchAll(/^Test: (\S+) \| (.+)$/gm)].map(([, name, test]) => [name, test]);
  if (tests.length === 0 || !/^Rule: /m.test(head)) throw new Error(`${file}: it names no rule or no test`);
  return tests;
}

/**
 * How the copy is built, and the runtime that is tested. Scripts alone are quicker on Node, but some tests are about the
 * binary, and then `Native: yes` is in the patch.
 */
function wayOf(file) {
  const native = /^Native: yes$/m.test(readFileSync(file, 'utf8').split(/^--- /m)[0]);
  const only = (folder) => changedBy(file).every((name) => name.startsWith(folder));
  if (only('src/') && !native) return { build: buildScripts, runtime: 'bin/ocirun.js' };
  return { build: only('addon/init/') ? exchangeInit : buildAll, runtime: 'bin/ocirun' };
}

/** The test that notices, or undefined. */
async function mutant(file) {
  const { build, runtime } = wayOf(file);
  const tests = testsOf(file);
  const anyway = new Map();
  for (const [name] of tests)
    anyway.set(name, await failsAnyway(name, runtime === 'bin/ocirun.js' ? runtime : undefined));
  try {
    apply(file);
    build();
    for (const [name, test] of tests) {
      const red = await firstRed(name, { name: test, runtime, anyway: anyway.get(name) });
      if (red !== undefined) return `${name}: ${red}`;
    }
    return undefined;
  } finally {
    restore();
    // What the next one has to begin with.
    if (build === buildScripts) build();
  }
}

const wanted = process.argv.slice(2);
const patches = readdirSync(folder)
  .filter((name) => name.endsWith('.patch'))
  .map((name) => name.slice(0, -'.patch'.length))
  .filter((name) => wanted.length === 0 || wanted.some((beginning) => name.startsWith(beginning)))
  .sort();
if (patches.length === 0) throw new Error(`no such mutations: ${wanted.join(' ')}`);
prepare();
const bad = [];
for (const name of patches) {
  const red = await mutant(join(folder, `${name}.patch`)).catch((error) => `ERROR ${error.message}`);
  if (red === undefined || red.startsWith('ERROR')) bad.push(name);
  process.stdout.write(`${name.padEnd(28)} → ${red ?? 'SURVIVED'}\n`);
}
process.stdout.write(`${patches.length - bad.length} of ${patches.length} guards are proven\n`);
if (bad.length > 0) process.stdout.write(`not proven: ${bad.join(' ')}\n`);
process.exitCode = bad.length > 0 ? 1 : 0;
