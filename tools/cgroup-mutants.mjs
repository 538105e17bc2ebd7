// npm run cgroup:mutants [-- GUEST [WORD]]
// Each thing that ocirun does to a cgroup (a write, a property of a unit, a device program, a change of owner) is left
// out, one at a time, and a test in the guest has to notice: conformance/vm/mutants.txt has them. One binary, built in a
// copy of the repository, leaves out what the variable OCIRUN_MUTANT says. Prints `what → first test that failed`.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildAll, edit, prepare, restore, root, tree } from './mutants/scratch.mjs';
import { tally } from './tally.mjs';

/** Where something is done, and how it is left out. */
const sites = [
  {
    file: 'src/sys/files.ts',
    from: 'withFd(native.open(path, O.WRONLY, 0), (fd) => native.write(fd, text));',
    to: "native.getenv('OCIRUN_MUTANT') === `write ${path.slice(path.lastIndexOf('/') + 1)}` ? undefined : $&",
  },
  {
    file: 'src/cgroup/device-program.ts',
    from: 'const told = { path: directory };',
    to: "if (sys.getenv('OCIRUN_MUTANT') === 'attach device program') return;\n  $&",
  },
  {
    file: 'src/cgroup/owner.ts',
    from: 'const give = (path: string): void =>',
    to: "$& sys.getenv('OCIRUN_MUTANT') === `give ${path === directory ? '.' : path.slice(directory.length + 1)}` ? undefined :",
  },
  {
    file: 'src/cgroup/systemd/jobs.ts',
    from: "[unit, 'replace', properties, []]",
    to: "[unit, 'replace', properties.filter(([name]) => sys.getenv('OCIRUN_MUTANT') !== `property ${name}`), []]",
  },
  {
    file: 'src/cgroup/systemd/jobs.ts',
    from: '[unit, true, properties]',
    to: "[unit, true, properties.filter(([name]) => sys.getenv('OCIRUN_MUTANT') !== `property ${name}`)]",
  },
];

function breakAll() {
  for (const { file, from, to } of sites)
    edit(file, (source) => {
      if (source.split(from).length !== 2) throw new Error(`${file} no longer has: ${from}`);
      return source.replace(from, () => to.replace('$&', () => from));
    });
  edit('src/cgroup/systemd/jobs.ts', (source) =>
    /import \{[^}]*\bsys\b[^}]*\} from '..\/..\/sys\/index.ts'/.test(source)
      ? `${source}// mutated\n`
      : `import { sys } from '../../sys/index.ts';\n${source}`,
  );
}

const rows = readFileSync(join(root, 'conformance/vm/mutants.txt'), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => line.split(' | '))
  .filter(([guest, what]) => guest.startsWith(process.argv[2] ?? '') && what.includes(process.argv[3] ?? ''));
const folder = join(root, 'build/guest');

/** One boot; the tests without a mutant come first: what fails then proves nothing. */
function boot(guest) {
  const own = rows.filter(([where]) => where === guest);
  const controls = [...new Set(own.map(([, , test, names]) => `|${test}|${names}`))];
  const file = join(folder, `mutants-${guest}`);
  writeFileSync(file, [...controls, ...own.map(([, ...rest]) => rest.join('|'))].join('\n') + '\n');
  const options = ['-t', '1800', '-d', '64', '-S', '256', '-T', '/tmp', '-C', root];
  if (guest === 'systemd') options.push('--systemd');
  const command = ['bash', 'conformance/vm/guest/mutants.sh', guest, folder, join(tree, 'bin/ocirun'), file];
  const { stdout, status } = spawnSync('conformance/vm/run.sh', [...options, '--', ...command], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  writeFileSync(`${file}.tap`, stdout);
  if (status === null || status >= 124) throw new Error(`the guest '${guest}' has failed`);
  const parts = stdout.split(/^#> (.*)\n/m).slice(1);
  return new Map(parts.flatMap((part, index) => (index % 2 === 0 ? [[part, tally(parts[index + 1])]] : [])));
}

/** The verdict on one mutant. */
function judge([, what, test, names], results) {
  const before = results.get(`|${test}|${names}`);
  if (!before || before.failed.length > 0 || before.passed.length === 0)
    return { text: `NO TEST: ${before?.failed[0] ?? 'none ran'}`, good: false };
  const red = results.get(`${what}|${test}|${names}`)?.failed[0];
  return { text: red ?? 'SURVIVED', good: red !== undefined };
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
execFileSync('node', ['conformance/vm/bundle.mjs', folder, ...new Set(rows.map(([, , test]) => test))], { cwd: root });
let bad = 0;
for (const guest of new Set(rows.map(([where]) => where))) {
  const results = boot(guest);
  for (const row of rows.filter(([where]) => where === guest)) {
    const { text, good } = judge(row, results);
    if (!good) bad += 1;
    process.stdout.write(`${guest} ${row[1].padEnd(32)} → ${text}\n`);
  }
}
process.stdout.write(`${rows.length - bad} of ${rows.length} mutants were noticed\n`);
process.exitCode = bad > 0 ? 1 : 0;
