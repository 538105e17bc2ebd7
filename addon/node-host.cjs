// The Node.js host: sets globalThis.ocirunNative (src/sys/native.ts), as addon/standalone does in the standalone binary.
// `node --require ./addon/node-host.cjs` is enough for tests that import src/ directly.
'use strict';

const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { runInThisContext } = require('node:vm');

const build = join(__dirname, '../build');

// Node.js puts U+FFFD where text is not UTF-8; here it is refused, by its place. So the kernel is asked for the bytes.
function texts(file, what) {
  const bytes = readFileSync(file);
  const found = [];
  for (let from = 0, end; (end = bytes.indexOf(0, from)) >= 0; from = end + 1) found.push(bytes.subarray(from, end));
  return found.map((each, index) => () => textOf(each, `${what} ${index}`));
}

function textOf(bytes, name) {
  const text = bytes.toString('utf8');
  if (Buffer.from(text, 'utf8').equals(bytes)) return text;
  const details = { errno: 84, code: 'EILSEQ', syscall: 'execve' };
  throw Object.assign(new Error(`${name} is not UTF-8 text`), details);
}

// process.argv is node, script, arguments; the kernel's list also has node's own options before the script.
function argv() {
  const own = texts('/proc/self/cmdline', 'argument');
  return ['ocirun', ...own.slice(own.length - (process.argv.length - 2)).map((text) => text())];
}

/** Run a script of build/js; its value. */
function run(name) {
  const file = join(build, 'js', `${name}.js`);
  return runInThisContext(readFileSync(file, 'utf8'), { filename: file });
}

globalThis.ocirunNative = Object.assign(require(join(build, 'ocirun.node')), {
  argv: process.argv.length > 2 ? argv : () => ['ocirun'],
  environ: () => texts('/proc/self/environ', 'environment variable').map((text) => text()),
  lazy: run,
});

module.exports = { run };
