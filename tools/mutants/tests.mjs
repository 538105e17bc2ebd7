// Runs conformance tests of the copy, and stops at the first that fails.
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { tree, unbroken } from './scratch.mjs';

/** Every file of tests, from `conformance/`. */
export const allFiles = () =>
  readdirSync(join(tree, 'conformance'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .sort();

/** A test of a file that has failed: not one inside of it, and no listed difference. */
const failure = /^ {4}not ok \d+ - (?!.* # (?:TODO|SKIP))(.*?)(?: # time=\S+)?(?: \{)?$/;

/** A file that ends before its tests do. */
const broken = /^not ok \d+ - (conformance\/\S+)/;

/** A mutant may change sysctls and names: those of these namespaces then, not the machine's. */
const apart = ['--net', '--ipc', '--uts', 'tools/conformance.sh'];

/**
 * The names of the tests of `file` that fail with this runtime; the first one ends it where `enough` says so.
 */
function failures(runtime, file, enough, limit = Infinity) {
  const child = spawn('unshare', [...apart, file], {
    cwd: tree,
    env: { ...process.env, RUNTIME: runtime, OCIRUN_TEST_REPORTER: 'tap' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const found = new Set();
  let rest = '';
  let stopped = false;
  const stop = () => {
    // The script ends its pid namespace, waits until all of it is gone, and only then cleans up.
    if (!stopped) child.kill('SIGTERM');
    stopped = true;
  };
  // A runtime that waits for ever makes every test wait for its end.
  const late = () => {
    found.add('(it does not end)');
    stop();
  };
  const timer = limit < Infinity ? setTimeout(late, limit) : undefined;
  child.stdout.on('data', (bytes) => {
    const lines = (rest + bytes).split('\n');
    rest = lines.pop();
    for (const line of lines) {
      const name = failure.exec(line)?.[1];
      if (name !== undefined) found.add(name.replaceAll('\\#', '#'));
      else if (broken.test(line) && found.size === 0) found.add('(the file as a whole)');
      if (name !== undefined && enough(found)) stop();
    }
  });
  return new Promise((done) => {
    child.on('close', () => {
      clearTimeout(timer);
      done(found);
    });
  });
}

const known = new Map();

/** What fails without any mutation, which proves nothing. */
export async function failsAnyway(file, runtime = unbroken) {
  const key = `${runtime} ${file}`;
  if (known.has(key)) return known.get(key);
  const began = Date.now();
  const anyway = await failures(runtime, file, () => false);
  // Four times as long as it takes is too long.
  anyway.limit = 10_000 + 4 * (Date.now() - began);
  known.set(key, anyway);
  return anyway;
}

/** The first test of `file` that fails only since the mutation, or undefined; `name` asks for that one. */
export async function firstRed(file, { name, runtime = 'bin/ocirun', anyway }) {
  const isNew = (test) => !anyway.has(test) && (name === undefined || test === name);
  const limit = name === undefined ? anyway.limit : Infinity;
  const found = await failures(runtime, file, (all) => [...all].some(isNew), limit);
  return [...found].find(isNew);
}
