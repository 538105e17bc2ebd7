// Runs conformance tests of the copy, and stops at the first that fails.
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tree, unbroken } from './scratch.mjs';

/** Every file of tests, from `conformance/`. */
export const allFiles = () =>
  readdirSync(join(tree, 'conformance'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .sort();

/** A test of a file that has failed: not one inside of it, and no listed difference. */
const failure = /^ {4}not ok \d+ - (?!.* # (?:TODO|SKIP))(.*?)(?: # time=\S+)?(?: \{)?$/;

const childrenOf = (pid) =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);

/** A file that ends before its tests do. */
const broken = /^not ok \d+ - (conformance\/\S+)/;

/**
 * The names of the tests of `file` that fail with this runtime; the first one ends it where `enough` says so.
 * What still runs then ends with its pid namespace.
 */
function failures(runtime, file, enough, limit = Infinity) {
  const child = spawn('tools/conformance.sh', [file], {
    cwd: tree,
    env: { ...process.env, RUNTIME: runtime, OCIRUN_TEST_REPORTER: 'tap' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const found = new Set();
  let rest = '';
  let stopped = false;
  const stop = () => {
    // unshare(1) takes no other signal; with it goes the pid namespace, and the script cleans up.
    if (!stopped) for (const pid of childrenOf(child.pid)) process.kill(pid, 'SIGKILL');
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
