// npm run fuzz [-- --seconds N] [--seed N] [--keep] [TARGET…]
// Tries made up input on what reads it, under AddressSanitizer and UndefinedBehaviorSanitizer (addon/fuzz):
//   config   config.json → what `plan` and `validate` do with it, in the engine of the standalone binary
//   passwd   /etc/passwd of a container → init's reader
//   plan     the bytes of a plan → init's check of them, and its steps with a kernel that only pretends
// N seconds (60) in all. What is found is kept in build/fuzz/found; what was learned in build/fuzz/corpus, which the next
// run begins with; --keep puts the smallest set that covers the same into addon/fuzz/corpus. Prints TAP.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, copyFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { bundleProgram, update } from './build/bundle.mjs';
import { instrumented } from './fuzz/instrument.mjs';
import { words } from './fuzz/words.mjs';
import { root } from './mutants/import.mjs';

/** Per target: its share of the time, and the longest input. */
const targets = {
  config: { share: 4, longest: 6_000 },
  passwd: { share: 1, longest: 40_000 },
  plan: { share: 3, longest: 40_000 },
};

const folder = join(root, 'build/fuzz');
const script = join(folder, 'fuzz.js');
const wordList = join(folder, 'words');
/** As many counters as addon/fuzz/config.cc has. */
const counters = 65536;
/** What --keep keeps of a target, in bytes. */
const mostKept = 90_000;

function options(args) {
  const result = { seconds: 60, seed: 1 + Math.floor(Math.random() * 1e9), keep: false, names: [] };
  for (let index = 0; index < args.length; index += 1) {
    const word = args[index];
    if (word === '--seconds' || word === '--seed') result[word.slice(2)] = Number(args[(index += 1)]);
    else if (word === '--keep') result.keep = true;
    else result.names.push(word);
  }
  const unknown = result.names.filter((name) => !(name in targets));
  if (unknown.length > 0 || !(result.seconds > 0) || !(result.seed > 0))
    throw new Error(`usage: npm run fuzz [-- --seconds N] [--seed N] [--keep] [${Object.keys(targets).join('|')}…]`);
  if (result.names.length === 0) result.names = Object.keys(targets);
  return result;
}

function must(command, ...args) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}:\n${stdout}${stderr}`);
}

async function build(names) {
  if (!existsSync(join(root, 'build/settings.cmake'))) throw new Error('npm run build comes first');
  update(script, instrumented(await bundleProgram(root, 'tools/fuzz/target.ts'), counters));
  update(wordList, await words());
  const cmake = join(folder, 'cmake');
  const compilers = ['-DCMAKE_C_COMPILER=clang-14', '-DCMAKE_CXX_COMPILER=clang++-14'];
  if (!existsSync(join(cmake, 'CMakeCache.txt'))) must('cmake', '-S', 'addon/fuzz', '-B', cmake, ...compilers);
  must('cmake', '--build', cmake, '--parallel', '2', '--target', ...names.map((name) => `fuzz-${name}`));
}

const environment = {
  ...process.env,
  OCIRUN_FUZZ_SCRIPT: script,
  OCIRUN_FUZZ_WORDS: wordList,
  // What is left at the end is the engine's heap.
  ASAN_OPTIONS: 'detect_leaks=0:allocator_may_return_null=1:handle_abort=1',
  UBSAN_OPTIONS: 'print_stacktrace=1',
};

const corpusOf = (name) => join(root, 'addon/fuzz/corpus', name);
const learnedOf = (name) => join(folder, 'corpus', name);

/** Try one target for so long: the end of what it says, and whether it ended well. */
function fuzz(name, seconds, seed) {
  const found = join(folder, 'found');
  for (const path of [learnedOf(name), found]) mkdirSync(path, { recursive: true });
  const args = [
    ...[learnedOf(name), corpusOf(name)],
    ...[
      `-max_total_time=${seconds}`,
      `-seed=${seed}`,
      `-max_len=${targets[name].longest}`,
      '-timeout=120',
      '-report_slow_units=60',
    ],
    ...[`-artifact_prefix=${found}/${name}-`, '-print_final_stats=1', '-verbosity=1', '-rss_limit_mb=3000'],
  ];
  const child = spawn(join(folder, 'cmake', `fuzz-${name}`), args, {
    env: environment,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (bytes) => {
    said = (said + bytes).slice(-40_000);
  });
  // Who ends us ends it.
  const end = () => child.kill('SIGKILL');
  process.once('exit', end);
  return new Promise((done) => {
    child.on('close', (status, signal) => {
      process.off('exit', end);
      done({ said, ok: status === 0, how: signal ?? `status ${status}` });
    });
  });
}

const lastOf = (said, pattern) => [...said.matchAll(pattern)].at(-1)?.[1] ?? '?';

function keep(name) {
  const merged = join(folder, 'merged', name);
  rmSync(merged, { recursive: true, force: true });
  mkdirSync(merged, { recursive: true });
  const from = [corpusOf(name), learnedOf(name)];
  const args = ['-merge=1', `-max_len=${targets[name].longest}`, merged, ...from];
  const { status, stderr } = spawnSync(join(folder, 'cmake', `fuzz-${name}`), args, {
    env: environment,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(stderr.slice(-2000));
  // The smallest first: as many as there is room for. The seeds with a name of their own stay.
  const files = readdirSync(merged).map((file) => ({
    path: join(merged, file),
    file,
    size: statSync(join(merged, file)).size,
  }));
  files.sort((one, other) => one.size - other.size);
  for (const file of readdirSync(corpusOf(name))) if (/^[0-9a-f]{40}$/.test(file)) rmSync(join(corpusOf(name), file));
  let room =
    mostKept - readdirSync(corpusOf(name)).reduce((sum, file) => sum + statSync(join(corpusOf(name), file)).size, 0);
  for (const { path, file, size } of files) if ((room -= size) >= 0) copyFileSync(path, join(corpusOf(name), file));
}

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => process.exit(130));
const { seconds, seed, keep: isToKeep, names } = options(process.argv.slice(2));
await build(names);
const shares = names.reduce((sum, name) => sum + targets[name].share, 0);
process.stdout.write(`TAP version 14\n1..${names.length}\n`);
for (const [index, name] of names.entries()) {
  const time = Math.max(1, Math.round((seconds * targets[name].share) / shares));
  const { said, ok, how } = await fuzz(name, time, seed);
  const runs = lastOf(said, /stat::number_of_executed_units: *(\d+)/g);
  const coverage = lastOf(said, /cov: (\d+ ft: \d+)/g);
  process.stdout.write(
    `${ok ? 'ok' : 'not ok'} ${index + 1} - fuzz ${name}: ${runs} inputs in ${time} s (seed ${seed}, cov ${coverage})\n`,
  );
  if (!ok) {
    process.exitCode = 1;
    const text = `${how}; what did it is in ${relative(root, folder)}/found\n${said.slice(-6000)}`;
    process.stdout.write(text.replace(/^/gm, '# ').concat('\n'));
  }
  if (ok && isToKeep) keep(name);
}
