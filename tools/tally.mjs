// Reads TAP files and sums them up: node tools/tally.mjs SUITE=FILE… The last line is `N passed, N failed, N skipped`.
//
// A test is an innermost subtest (or a test point outside of any). A skip that conformance/allowed-skips.txt does not
// list counts as a failure; so does a suite without a single test, and one with more than 5 % listed differences.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const point = /^( *)(not )?ok\b(?: \d+)?(?: - (.*?))?\s*$/;
const directive = / # (SKIP|TODO)\b ?(.*)$/i;

/** Test points and subtests of a TAP document, in order; what lies between --- and ... is left out. */
function* structure(text) {
  let quoted = false;
  for (const line of text.split('\n')) {
    if (/^ *---$/.test(line)) quoted = true;
    const begin = quoted ? null : /^( *)# Subtest: (.*)$/.exec(line);
    const end = quoted || begin ? null : point.exec(line);
    if (begin) yield { kind: 'begin', indent: begin[1].length, name: begin[2] };
    if (end) yield { kind: 'point', indent: end[1].length, ok: !end[2], name: end[3] ?? '' };
    if (/^ *\.\.\.$/.test(line)) quoted = false;
  }
}

const clean = (name) =>
  name
    .replace(directive, '')
    .replace(/ # time=\S+$/, '')
    .replaceAll('\\#', '#');

/** The end of a subtest: a test itself, or one more failure where nothing inside has failed. */
function close(frame, { ok, name }, sums) {
  if (!frame.parent) sums[ok ? 'passed' : 'failed'].push(clean(name));
  else if (!ok && sums.failed.length === frame.failedBefore) sums.failed.push(`${clean(name)} (as a whole)`);
}

/** Subtests that lie deeper than this and never came to their end: the process that ran them is gone. */
function abandon(open, indent, sums) {
  while (open.length > 0 && open.at(-1).indent > indent) {
    const { parent, name } = open.pop();
    if (!parent) sums.failed.push(`${name} (never ended)`);
  }
}

function begin(open, { indent, name }, sums) {
  if (open.length > 0) open.at(-1).parent = true;
  open.push({ indent, name, parent: false, failedBefore: sums.failed.length });
}

function end(open, event, sums) {
  abandon(open, event.indent, sums);
  const told = directive.exec(event.name);
  const frame = open.at(-1)?.indent === event.indent ? open.pop() : undefined;
  if (told) {
    if (open.length > 0) open.at(-1).parent = true;
    const list = told[1].toUpperCase() === 'SKIP' ? sums.skipped : sums.differences;
    list.push({ name: clean(event.name), reason: told[2] });
  } else if (frame) close(frame, event, sums);
  else if (open.length === 0) sums[event.ok ? 'passed' : 'failed'].push(clean(event.name));
}

export function tally(text) {
  const sums = { passed: [], failed: [], skipped: [], differences: [] };
  const open = [];
  for (const event of structure(text)) (event.kind === 'begin' ? begin : end)(open, event, sums);
  abandon(open, -1, sums);
  return sums;
}

/** `suite | test | reason` a line; a `*` at the end of a test's name stands for any rest. */
export function allowance(text) {
  const rules = text
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => line.split('|').map((part) => part.trim()));
  return (suite, test) =>
    rules.some(
      ([where, what]) =>
        where === suite && (what === test || (what.endsWith('*') && test.startsWith(what.slice(0, -1)))),
    );
}

function report(suite, file, allowed) {
  const sums = tally(readFileSync(file, 'utf8'));
  const all = Object.values(sums).reduce((sum, list) => sum + list.length, 0);
  const fail = (text) => sums.failed.push(text);
  for (const { name, reason } of sums.skipped) {
    console.log(`  skipped: ${name}: ${reason}`);
    if (!allowed(suite, name)) fail(`${name}: skipped, and not in conformance/allowed-skips.txt`);
  }
  for (const { name, reason } of sums.differences) console.log(`  differs: ${name}: ${reason}`);
  if (all === 0) fail('no test ran');
  if (sums.differences.length > all * 0.05)
    fail(`${sums.differences.length} of ${all} tests are listed differences: more than 5 %`);
  for (const name of sums.failed) console.log(`  FAILED: ${name}`);
  const differences = sums.differences.length > 0 ? `, ${sums.differences.length} listed differences` : '';
  console.log(
    `${suite}: ${sums.passed.length} passed, ${sums.failed.length} failed, ${sums.skipped.length} skipped${differences}`,
  );
  return sums;
}

function main() {
  const allowed = allowance(readFileSync(join(root, 'conformance/allowed-skips.txt'), 'utf8'));
  const suites = process.argv.slice(2).map((argument) => argument.split(/=(.*)/s));
  const all = suites.map(([suite, file]) => report(suite, file, allowed));
  const count = (key) => all.reduce((sum, sums) => sum + sums[key].length, 0);
  // A listed difference is neither a success nor a failure of ours: it counts as skipped, and was named above.
  const skipped = count('skipped') + count('differences');
  console.log(`${count('passed')} passed, ${count('failed')} failed, ${skipped} skipped`);
  process.exitCode = count('failed') > 0 ? 1 : 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
