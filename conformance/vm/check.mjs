// Part of suite.sh: splits what the guests wrote, FOLDER/guest-GUEST.all, into a TAP document for each runtime, and
// compares it with the rows `guest runtime test count` on standard input. A test that did not run is one that failed.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tally } from '../../tools/tally.mjs';

const folder = process.argv[2];

/** What follows each line `#> runtime test`. */
function documents(guest) {
  const file = join(folder, `guest-${guest}.all`);
  const parts = existsSync(file)
    ? readFileSync(file, 'utf8')
        .split(/^#> (.*)\n/m)
        .slice(1)
    : [];
  return new Map(parts.flatMap((part, index) => (index % 2 === 0 ? [[part, parts[index + 1]]] : [])));
}

const rows = readFileSync(0, 'utf8')
  .trim()
  .split('\n')
  .map((line) => line.split(' '));
const texts = new Map();
let passed = 0;
let failed = 0;

for (const [guest, runtime, test, count] of rows) {
  const text = documents(guest).get(`${runtime} ${test}`) ?? '';
  const sums = tally(text);
  // A listed difference that is none any more passes, too.
  const good = sums.passed.length;
  const missing = Number(count) - good;
  const verdict = missing > 0 ? `not ok - ${test}: ${good} tests have passed in the guest, not ${count}\n` : '';
  const name = `guest-${guest}-${runtime}`;
  texts.set(name, `${texts.get(name) ?? ''}${text}${verdict}`);
  passed += good;
  failed += Math.max(sums.failed.length, missing > 0 ? 1 : 0);
  for (const failure of sums.failed) console.log(`  FAILED: ${guest} ${runtime} ${test}: ${failure}`);
  const others = `${sums.skipped.length} skipped, ${sums.differences.length} listed differences`;
  for (const [, time] of text.matchAll(/^ *# time: (.*)$/gm)) console.log(`  ${guest} ${runtime}: ${time}`);
  console.log(`${guest} ${runtime} ${test}: ${good} of ${count} passed, ${sums.failed.length} failed, ${others}`);
}

for (const [name, text] of texts) writeFileSync(join(folder, `${name}.tap`), text);
console.log(`guest: ${passed} passed${failed > 0 ? `, ${failed} failed` : ''}`);
process.exitCode = failed > 0 ? 1 : 0;
