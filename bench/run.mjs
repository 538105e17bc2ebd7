// The measurement itself; bench/run.sh prepares its surroundings and cleans up.
//
// Each round does, for each runtime in rotating order: --version, create, state, start, kill, delete of a container
// that sleeps, and run of /bin/true: with the default config, with one of podman (run-engine) and of Docker (run-docker),
// with many paths hidden (run-paths), and with Docker's filter of system calls (run-seccomp). Each operation is a process
// of its own, timed from before vfork to after wait4 by bench/launcher.c.
// Bundles (bench/bundles.mjs) have no terminal, and a cgroupsPath, as engines give one.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { cpus, hostname, loadavg, release, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { judge } from './budgets.mjs';
import { makeBundles } from './bundles.mjs';
import { crossCheck } from './hyperfine.mjs';
import { Subject } from './operations.mjs';
import { containerMemory, containerTable, failureLines, summarize, table } from './report.mjs';

const top = new URL('..', import.meta.url).pathname.replace(/\/$/, '');
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '60' },
    runtimes: { type: 'string', default: 'ocirun,crun,runc' },
    'no-hyperfine': { type: 'boolean', default: false },
  },
});
const name = positionals[0];
const places = {
  launcher: `${top}/build/bench/launcher`,
  bundles: `${top}/build/bench/${name}`,
  state: `/run/${name}`,
};
const programs = {
  ocirun: process.env.OCIRUN ?? `${top}/bin/ocirun`,
  crun: `${top}/build/peers/bin/crun`,
  runc: `${top}/build/peers/bin/runc`,
};

function describe(program) {
  const version = execFileSync(program, ['--version'], { encoding: 'utf8' }).split('\n')[0];
  const { status, stdout } = spawnSync('readelf', ['-lW', program], { encoding: 'utf8' });
  const linkage = status !== 0 ? 'not an ELF file' : /INTERP/.test(stdout) ? 'dynamic' : 'static';
  return { version, linkage, size: statSync(program).size };
}

function measure(subjects, rounds) {
  const warmUp = 2;
  for (let round = -warmUp; round < rounds; round++) {
    if (round === 0) for (const subject of subjects) subject.forgetWarmUp();
    for (let place = 0; place < subjects.length; place++) {
      subjects[(round + warmUp + place) % subjects.length].round(`${name}-${round + warmUp}`);
    }
  }
}

function print(report, subjects) {
  const { summary, machine, versions } = report;
  const print = (...lines) => console.log(lines.join('\n'));
  print(`${machine.cpu}, ${machine.cpus} CPUs, Linux ${machine.kernel}, load ${machine.load}; ${report.rounds} rounds`);
  for (const [key, { version, linkage, size }] of Object.entries(versions)) {
    print(`  ${key}: ${version}, ${linkage}, ${size} bytes`);
  }
  print('', 'times in ms; peak kB: ru_maxrss of the runtime and the children that it waited for', ...table(summary));
  if (report.hyperfine.length) print('', 'hyperfine -N, medians in ms', ...report.hyperfine);
  print('', ...containerTable(report.container));
  print('', 'budgets (design section 8)', ...report.budgets);
  const failures = failureLines(subjects);
  print('', `${failures.length} failed operations`, ...failures.slice(0, 40));
}

function checkOptions() {
  const wanted = options.runtimes.split(',');
  for (const key of wanted) {
    if (!(key in programs)) throw new Error(`--runtimes: unknown runtime ${key}`);
    if (!existsSync(programs[key])) throw new Error(`${programs[key]} is missing: npm run build`);
  }
  const rounds = Number(options.rounds);
  if (!(Number.isInteger(rounds) && rounds > 0)) throw new Error(`--rounds ${options.rounds}: not a number of rounds`);
  return { wanted, rounds };
}

function run() {
  const { wanted, rounds } = checkOptions();
  mkdirSync(places.bundles, { recursive: true });
  const subjects = wanted.map((key) => new Subject(key, programs[key], places));
  const how = { runc: programs.runc, cgroup: `/${name}` };
  for (const key of wanted) makeBundles(places.bundles, key, how);
  const versions = Object.fromEntries(wanted.map((key) => [key, describe(programs[key])]));
  const load = loadavg()[0].toFixed(2);
  const date = new Date().toISOString();
  measure(subjects, rounds);
  const summary = summarize(subjects);
  const container = containerMemory(subjects);
  const report = {
    date,
    machine: {
      host: hostname(),
      kernel: release(),
      cpu: cpus()[0].model,
      cpus: cpus().length,
      memory: totalmem(),
      load,
    },
    rounds,
    versions,
    summary,
    container,
    budgets: judge(summary, container, versions.ocirun),
    hyperfine: options['no-hyperfine'] ? [] : crossCheck(subjects, `${name}-hyperfine`, Math.min(rounds, 50)),
    failures: failureLines(subjects),
    samples: Object.fromEntries(subjects.map((subject) => [subject.name, subject.samples])),
  };
  print(report, subjects);
  const file = `bench/results/${date.slice(0, 16).replace(':', '')}-${hostname()}.json`;
  writeFileSync(`${top}/${file}`, `${JSON.stringify(report)}\n`);
  console.log(`raw data: ${file}`);
  process.exitCode = report.failures.length ? 1 : 0;
}

try {
  run();
} catch (error) {
  console.error(`bench: ${error.message}`);
  process.exitCode = 1;
}
