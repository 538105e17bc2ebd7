// The standalone host from outside: build/ocirun-smoke is made of main.ts beside this file.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const build = join(dirname(fileURLToPath(import.meta.url)), '../../../build');
const program = join(build, 'ocirun-smoke');

/** What a shell makes of a command line; $0 is the program. */
function shell(script, options = {}) {
  const { status, signal, stdout, stderr } = spawnSync('sh', ['-c', script, program], { encoding: 'utf8', ...options });
  return { status, signal, stdout, stderr };
}

const well = (stdout) => ({ status: 0, signal: null, stdout, stderr: '' });

test('an empty program ends well', () => assert.deepEqual(shell('exec "$0"'), well('')));

test('arguments come as they were given', () => {
  assert.deepEqual(shell('exec "$0" arguments a "" "ä €" -x'), well('["a","","ä €","-x"]\n'));
});

test('an argument that is not UTF-8 is refused by its place', () => {
  const { status, stderr } = shell(`exec "$0" arguments a "$(printf '\\377')"`);
  assert.equal(status, 1);
  assert.match(stderr, /^ocirun: internal error: Error: argument 3 is not UTF-8 text at argv \(native\) .*\n$/);
});

test('an environment variable that is not UTF-8 is refused by its place', () => {
  const { status, stderr } = shell(`exec env -i A=b B="$(printf '\\355\\240\\200')" "$0" environment`);
  assert.equal(status, 1);
  assert.match(stderr, /Error: environment variable 1 is not UTF-8 text/);
});

test('the environment comes as it was given', () => {
  assert.deepEqual(shell('exec env -i A=b "C=ä" "$0" environment'), well('["A=b","C=ä"]\n'));
});

test('what nothing catches is one line with function, file and line', () => {
  const { status, stdout, stderr } = shell('exec "$0" throw this');
  assert.equal(status, 1);
  assert.equal(stdout, '');
  assert.match(stderr, /^ocirun: internal error: TypeError: no such thing: this at innermost \(smoke\.js:\d+:\d+\) .*\n$/);
});

test('thrown things that are no errors are told, too', () => {
  const { status, stderr } = shell('exec "$0" "throw a text" words');
  assert.equal(status, 1);
  assert.equal(stderr, 'ocirun: internal error: words\n');
});

for (const size of [256, 512, 8192, 'unlimited'])
  test(`deep recursion with a stack of ${size} kB is an error, not a crash`, () => {
    const { status, signal, stdout, stderr } = shell(`ulimit -s ${size} && exec "$0" deep`);
    assert.deepEqual({ status, signal, stderr }, { status: 0, signal: null, stderr: '' });
    assert.match(stdout, /^json [1-9]\d*\ncalls [1-9]\d*\npatterns [1-9]\d*\n$/);
  });

test('a large environment leaves less of a small stack, and is no crash', () => {
  const env = Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`V${at}`, 'x'.repeat(5000)]));
  const { status, signal, stdout } = shell('ulimit -s 512 && exec "$0" deep', { env: { ...process.env, ...env } });
  assert.deepEqual({ status, signal }, { status: 0, signal: null });
  assert.match(stdout, /^json [1-9]/);
});

test('memory that was given back is used again', () => assert.deepEqual(shell('exec "$0" memory'), well('313950 39900 298\n')));

test('a script that is not there is an error', () => {
  const { status, stderr } = shell('exec "$0" lazy nowhere');
  assert.equal(status, 1);
  assert.match(stderr, /ReferenceError: lazy: this program has no script 'nowhere'/);
});

test('source cannot be compiled at run time', () => {
  const { status, stdout } = shell('exec "$0" "no eval"');
  assert.equal(status, 0);
  assert.match(stdout, /^(undefined|function) \w*Error\n$/);
});

test('yargs works without Intl', () => {
  const { status, stdout } = shell('exec "$0" yargs');
  assert.equal(status, 0);
  assert.match(stdout, /^Options:\n +--help +Show help/);
});

test('a program with more privileges than its caller is refused', { skip: process.getuid() !== 0 && 'root is needed' }, (t) => {
  const copy = join(build, 'ocirun-test-setuid');
  t.after(() => rmSync(copy, { force: true }));
  copyFileSync(program, copy);
  chownSync(copy, 65534, 65534);
  chmodSync(copy, 0o4755);
  const { status, stderr } = spawnSync(copy, { encoding: 'utf8' });
  assert.equal(status, 1);
  assert.match(stderr, /^ocirun: refusing to run with more privileges than the caller has \(AT_SECURE\)\n$/);
});
