/**
 * Everything that can be wrong, and what is told of it: the whole of standard error, the exit status and the lines of
 * the log, as golden/ has them (UPDATE_GOLDEN=1 writes them anew: read them then). Nothing may be left on the machine.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import t, { type Test } from 'tap';
import { conformance } from '../lib/conformance.ts';
import { flavour, isStandalone } from '../lib/runtime.ts';
import type { Sandbox } from '../lib/sandbox.ts';
import { type Entry, makeBundle } from './entry.ts';
import { expected, folder, type Line, linesOf, told } from './golden.ts';
import { entries } from './tables/index.ts';

const commandOf = (box: Sandbox, entry: Entry): readonly string[] =>
  entry.call?.(box) ?? (entry.atStart ? ['start', box.id()] : ['create', '--bundle', box.path('bundle'), box.id()]);

const errorsOf = (log: string): Line[] =>
  log.startsWith('{') ? linesOf(log).filter(({ level }) => level === 'error') : [];

/** Of several errors each has a line, and the last one joins them: engines read that one alone. */
const joins = (t: Test, errors: readonly Line[]): void => {
  const messages = errors.map(({ msg }) => String(msg));
  const prefix = /^ocirun (?:create|run) failed: /.exec(messages[0] ?? '')?.[0] ?? '';
  const last = messages.pop() ?? '';
  if (messages.length > 0)
    t.equal(last, prefix + messages.map((message) => message.slice(prefix.length)).join('; '), 'the last line has all');
};

const check = (t: Test, box: Sandbox, entry: Entry): void => {
  makeBundle(box, entry);
  if (entry.atStart) box.must(['create', '--bundle', box.path('bundle'), box.id()]);
  const log = box.path('log');
  const args = [...(entry.options?.(box) ?? ['--log', log, '--log-format', 'json']), ...commandOf(box, entry)];
  const result = box.call(args);
  const written = existsSync(log) ? readFileSync(log, 'utf8') : '';
  const now = told(box, entry, args, result, written);
  t.equal(now, expected(entry.name, now));
  t.not(result.status, 0, 'it fails');
  const errors = errorsOf(written);
  joins(t, errors);
  if (entry.engines !== undefined)
    t.match(String(errors.at(-1)?.['msg']), entry.engines, 'engines find what they look for');
  // A failing hook takes the container with it; one whose program cannot be executed is left as stopped.
  if (entry.atStart && errors.at(-1)?.['code'] !== 'E_HOOK')
    t.equal(box.call(['delete', box.id()]).status, 0, 'what could not be started can be deleted');
  else t.strictSame(box.ids(), [], 'no state is kept');
};

const full = process.env['OCIRUN_TEST_FULL'] === '1';
const seed = Number(process.env['OCIRUN_TEST_SEED'] ?? Date.now() % 1_000_000);

/** On Node a call takes a third of a second: one entry of six, by a seed, unless OCIRUN_TEST_FULL=1. */
const part = isStandalone || full ? entries : entries.filter((_, index) => (index + seed) % 6 === 0);
if (part.length < entries.length) t.comment(`${part.length} of ${entries.length} entries, OCIRUN_TEST_SEED=${seed}`);

for (const entry of part)
  conformance(`diagnostics: ${entry.name}`, (t, box) => check(t, box, entry), { only: 'ocirun' });

/** What is so wrong that every runtime refuses it, whatever it says. */
const refusedByAll = [
  'json-comma-after-the-last-item',
  'json-truncated',
  'json-empty',
  'config-missing',
  'root-path-missing',
  'rule-args-empty',
  'rule-hostname-without-uts',
  'rule-mount-on-root',
  'rule-sysctl-of-the-host',
  'mount-source-missing',
  'mount-filesystem-unknown',
  'namespace-path-missing',
  'hook-missing',
  'hook-create-runtime-exit-status',
  'exec-missing',
  'exec-not-on-path',
  'exec-noexec-mount',
  'id-slash',
  'id-unknown-to-start',
];

for (const name of refusedByAll)
  conformance(`every runtime refuses ${name}`, (t, box) => {
    const entry = entries.find((each) => each.name === name);
    if (!entry) throw new Error(`the table has no ${name}`);
    makeBundle(box, entry);
    t.equal(box.call(commandOf(box, entry)).status, 1);
    t.strictSame(box.ids(), [], 'no state is kept');
  });

void t.test(
  'diagnostics: the golden files are those of the table',
  { skip: flavour !== 'ocirun' && 'a promise of ocirun only' },
  (t) => {
    const names = entries.map(({ name }) => `${name}.txt`);
    t.equal(new Set(names).size, names.length, 'no name is there twice');
    t.strictSame(readdirSync(folder).sort(), names.sort());
    t.end();
  },
);
