// The Node.js host: sets globalThis.ocirunNative (src/sys/native.ts), as addon/standalone does in the standalone binary.
// `node --require ./addon/node-host.cjs` is enough for tests that import src/ directly.
'use strict';

const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { runInThisContext } = require('node:vm');

const build = join(__dirname, '../build');

// The NUL-terminated texts of a file of /proc.
function bytesOf(file) {
  const bytes = readFileSync(file);
  const found = [];
  for (let from = 0, end; (end = bytes.indexOf(0, from)) >= 0; from = end + 1) found.push(bytes.subarray(from, end));
  return found;
}

// Node.js puts U+FFFD where text is not UTF-8; here it is refused, by its place. So the kernel is asked for the bytes.
function textOf(bytes, name) {
  const text = bytes.toString('utf8');
  if (Buffer.from(text, 'utf8').equals(bytes)) return text;
  const details = { errno: 84, code: 'EILSEQ', syscall: 'execve' };
  throw Object.assign(new Error(`${name} is not UTF-8 text`), details);
}

// process.argv is node, script, arguments; the kernel's list has node's own options before the script, too.
function argv() {
  const count = Math.max(process.argv.length - 2, 0);
  const given = count === 0 ? [] : bytesOf('/proc/self/cmdline').slice(-count);
  return ['ocirun', ...given.map((bytes, index) => textOf(bytes, `argument ${index + 1}`))];
}

function environ() {
  return bytesOf('/proc/self/environ').map((bytes, index) => textOf(bytes, `environment variable ${index}`));
}

const values = new Map();

/** Run a script of build/js, once; its value. */
function run(name) {
  if (!values.has(name)) values.set(name, evaluate(name));
  return values.get(name);
}

function evaluate(name) {
  const file = join(build, 'js', `${name}.js`);
  return runInThisContext(readFileSync(file, 'utf8'), { filename: file });
}

/** Run the program; what it does not catch is one line, as in the standalone binary. */
function main() {
  try {
    run('core').run();
  } catch (error) {
    const text = error instanceof Error ? error.stack : String(error);
    process.stderr.write(`ocirun: internal error: ${text.slice(text.indexOf('Error')).replace(/\s+/g, ' ')}\n`);
    process.exitCode = 1;
  }
}

globalThis.ocirunNative = Object.assign(require(join(build, 'ocirun.node')), { argv, environ, lazy: run });

// Node.js marks what it was started with as close-on-exec; a container is to have the caller's standard streams.
for (const fd of [0, 1, 2]) {
  try {
    globalThis.ocirunNative.closeOnExec(fd, false);
  } catch (error) {
    if (error.code !== 'EBADF') throw error;
  }
}

module.exports = { main, run };
