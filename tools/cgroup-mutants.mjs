// npm run cgroup:mutants [-- PLACE [WORD]]
// Each thing that ocirun does to a cgroup (a write, a property of a unit, a device program, a change of owner) is left
// out, one at a time, and a test on the host or in a guest has to notice: conformance/vm/mutants.txt has them. One
// binary, built in a copy of the repository, leaves out what the variable OCIRUN_MUTANT says. Prints
// `what → first test that failed`.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { buildAll, edit, prepare, restore, root, tree } from './mutants/scratch.mjs';
import { tally } from './tally.mjs';

const mutant = "native.getenv('OCIRUN_MUTANT')";

/** Where something is done, and how it is left out; `$&` is what stood there. */
const sites = [
  {
    file: 'src/sys/files.ts',
    from: 'withFd(native.open(path, O.WRONLY, 0), (fd) => native.write(fd, text));',
    to: `[path.slice(path.lastIndexOf('/') + 1)].some((name) => ['write ' + name, 'write ' + name + ' ' + text].includes(${mutant})) ? undefined : $&`,
  },
  {
    file: 'src/cgroup/device-program.ts',
    from: 'const told = { path: directory };',
    to: `if (${mutant} === (attach === attachBeside ? 'attach device program' : 'replace device program')) return;\n  $&`,
  },
  {
    file: 'src/cgroup/replace-device-program.ts',
    from: 'sys.detachDeviceProgram(cgroup, each)',
    to: `(${mutant} === 'detach device programs' ? undefined : $&)`,
  },
  {
    file: 'src/cgroup/owner.ts',
    from: 'const give = (path: string): void =>',
    to: `$& ${mutant} === 'give ' + (path === directory ? '.' : path.slice(directory.length + 1)) ? undefined :`,
  },
  // What is asked of systemd: a call becomes one that does nothing, a property is left out of its list.
  {
    file: 'src/dbus/bus.ts',
    from: 'send(call: Call): Pending {',
    to: `$&
    const wanted = ${mutant};
    const words = ['property', call.member === 'SetUnitProperties' ? 'update property' : 'start property'];
    const isOut = (item) => Array.isArray(item) && words.some((word) => wanted === word + ' ' + item[0]);
    call =
      wanted === 'call ' + call.member
        ? { ...call, interface: 'org.freedesktop.DBus.Peer', member: 'Ping', signature: '', body: [] }
        : { ...call, body: call.body?.map((part) => (Array.isArray(part) ? part.filter((item) => !isOut(item)) : part)) };`,
  },
  ...[
    ['files', '() => rewrite('],
    ['unit', '() => updateUnit(mount, unit, old'],
    ['devices', '() => replaceDeviceRules('],
  ].map(([what, from]) => ({
    file: 'src/lifecycle/update.ts',
    from,
    to: `() => ${mutant} === 'take back ${what}' ? undefined : ${from.slice('() => '.length)}`,
  })),
];

function breakAll() {
  for (const { file, from, to } of sites)
    edit(file, (source) => {
      if (source.split(from).length !== 2) throw new Error(`${file} no longer has: ${from}`);
      return source.replace(from, () => to.replace('$&', () => from));
    });
  for (const file of new Set(sites.map(({ file }) => file)))
    edit(file, (source) => {
      if (/import \{[^}]*\bnative\b[^}]*\} from/.test(source)) return `${source}// mutated\n`;
      const sys = relative(dirname(file), 'src/sys/native.ts');
      return `import { native } from '${sys.startsWith('.') ? sys : `./${sys}`}';\n${source}`;
    });
}

const rows = readFileSync(join(root, 'conformance/vm/mutants.txt'), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => line.split(' | '))
  .filter(([where, what]) => where.startsWith(process.argv[2] ?? '') && what.includes(process.argv[3] ?? ''));
const folder = join(root, 'build/guest');
const binary = join(tree, 'bin/ocirun');

const controlOf = ([, , test, names]) => `|${test}|${names}`;
const keyOf = ([, ...rest]) => rest.join('|');

/** What is run at a place: the tests without a mutant come first, as what fails then proves nothing. */
const runsAt = (own) => [...new Set(own.map(controlOf)), ...own.map(keyOf)];

/** One boot; gives what came of each run. */
async function boot(guest, own) {
  const file = join(folder, `mutants-${guest}`);
  writeFileSync(file, runsAt(own).join('\n') + '\n');
  const options = ['-t', '3600', '-d', '64', '-S', '256', '-T', '/tmp', '-C', root];
  if (guest === 'systemd') options.push('--systemd');
  const command = ['bash', 'conformance/vm/guest/mutants.sh', guest, folder, binary, file];
  const child = spawn('conformance/vm/run.sh', [...options, '--', ...command], {
    cwd: root,
    stdio: ['ignore', openSync(`${file}.tap`, 'w'), 'inherit'],
  });
  const [status] = await once(child, 'close');
  if (status === null || status >= 124) throw new Error(`the guest '${guest}' has failed`);
  const parts = readFileSync(`${file}.tap`, 'utf8')
    .split(/^#> (.*)\n/m)
    .slice(1);
  return new Map(parts.flatMap((part, index) => (index % 2 === 0 ? [[part, tally(parts[index + 1])]] : [])));
}

/** The same without a guest. */
function onHost(own) {
  const run = (key) => {
    const [what, test, names] = key.split('|');
    const env = { RUNTIME: binary, OCIRUN_MUTANT: what, OCIRUN_TEST_ONLY: names, OCIRUN_TEST_REPORTER: 'tap' };
    const { stdout } = spawnSync('tools/conformance.sh', [test], {
      cwd: root,
      env: { ...process.env, ...env },
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return tally(stdout);
  };
  return new Map(runsAt(own).map((key) => [key, run(key)]));
}

/** The verdict on one mutant. */
function judge(row, results) {
  const before = results.get(controlOf(row));
  if (!before || before.failed.length > 0 || before.passed.length === 0)
    return { text: `NO TEST: ${before?.failed[0] ?? 'none ran'}`, good: false };
  const red = results.get(keyOf(row))?.failed[0];
  return { text: red ?? 'SURVIVED', good: red !== undefined };
}

/** What came of the whole list, as Markdown. */
function report(verdicts, sum) {
  const sections = new Map();
  for (const { row, text } of verdicts) {
    const [where, what, file] = row;
    const tests = sections.get(`${where}: ${file}`) ?? new Map();
    sections.set(`${where}: ${file}`, tests.set(text, [...new Set([...(tests.get(text) ?? []), `\`${what}\``])]));
  }
  const lines = ([test, whats]) => `- ${test}: ${whats.join(', ')}\n`;
  const parts = [...sections].map(([title, tests]) => `## ${title}\n\n${[...tests].map(lines).join('')}`);
  const date = new Date().toISOString().slice(0, 10);
  const head = `# Which test noticed which mutant\n\n\`npm run cgroup:mutants\`, ${date}: ${sum}`;
  return [head, ...parts].join('\n');
}

prepare();
try {
  breakAll();
  buildAll();
} finally {
  restore();
}
mkdirSync(folder, { recursive: true });
execFileSync('tools/conformance.sh', ['--compile'], { cwd: root });
const at = (where) => rows.filter(([place]) => place === where);
const guests = [...new Set(rows.map(([where]) => where))].filter((where) => where !== 'host');
const bundled = new Set(guests.flatMap(at).map(([, , test]) => test));
if (guests.length > 0) execFileSync('node', ['conformance/vm/bundle.mjs', folder, ...bundled], { cwd: root });
const results = new Map([['host', onHost(at('host'))]]);
// One at a time, as there may be others on this machine.
for (const guest of guests) results.set(guest, await boot(guest, at(guest)));
const verdicts = rows.map((row) => ({ row, ...judge(row, results.get(row[0])) }));
const told = verdicts.map(({ row: [where, what], text }) => `${where} ${what.padEnd(40)} → ${text}\n`).join('');
const bad = verdicts.filter(({ good }) => !good).length;
const sum = `${rows.length - bad} of ${rows.length} mutants were noticed\n`;
process.stdout.write(told + sum);
if (process.argv.length <= 2) writeFileSync(join(root, 'conformance/vm/mutants.md'), report(verdicts, sum));
process.exitCode = bad > 0 ? 1 : 0;
