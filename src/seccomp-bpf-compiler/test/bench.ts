import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { architectures, bytesOf, compile, numberOf, simulate } from '../index.ts';
import type { Profile } from '../profile.ts';
import { mostCommon } from './common.ts';
import { libseccompPrograms } from './libseccomp.ts';
import { engineProfiles } from './profiles.ts';

/** What `npm run bench:seccomp` has: the program under test, and bench/seccomp-cost.c. */
const [, , ocirun = '', cost = ''] = process.argv;

const native = architectures.SCMP_ARCH_X86_64;
const numbered = (call: string): number => numberOf(native, call);

/** Calls that are allowed, the first two because of their arguments, and do nothing with these. */
const costly: readonly (readonly [string, number])[] = [
  ['personality', 0xffffffff],
  ['socket', 1000],
  ['getppid', 0],
];

const folder = mkdtempSync(join(tmpdir(), 'ocirun-test-bench-seccomp-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

/** Instructions executed for one of the most common calls, on average. */
const executed = (program: Uint32Array): number =>
  mostCommon.reduce((sum, call) => {
    const args = [0n, 0n, 0n, 0n, 0n, 0n];
    return sum + simulate(program, { arch: native.audit, nr: numbered(call), args }).executed;
  }, 0) / mostCommon.length;

/** What the kernel makes of the calls, in nanoseconds each. */
function kernelCosts(program: Uint32Array | undefined): string[] {
  const file = program ? join(folder, 'filter') : '-';
  if (program) writeFileSync(file, bytesOf(program));
  return costly.map(([call, argument]) =>
    execFileSync(cost, [file, String(numbered(call)), String(argument)], { encoding: 'utf8' }).trim(),
  );
}

/** Milliseconds of the phase "compile" of `ocirun seccomp compile`, each time in a new process: the median. */
function coldCompile(profile: Profile): number {
  const [file, trace] = [join(folder, 'profile.json'), join(folder, 'trace.json')];
  writeFileSync(file, JSON.stringify(profile));
  const times = Array.from({ length: 25 }, () => {
    execFileSync(ocirun, ['--trace', trace, 'seccomp', 'compile', '--format', 'raw', file]);
    const { traceEvents } = JSON.parse(readFileSync(trace, 'utf8')) as { traceEvents: { name: string; dur: number }[] };
    return (traceEvents.find(({ name }) => name === 'compile')?.dur ?? NaN) / 1000;
  });
  return times.sort((one, other) => one - other)[12] as number;
}

const columns = ['', 'instructions', 'executed', 'compile', ...costly.map(([call]) => `${call}()`)];
const rows: string[][] = [['no filter', '', '', '', ...kernelCosts(undefined).map((ns) => `${ns} ns`)]];
for (const [engine, profile] of Object.entries(engineProfiles())) {
  const [peer] = libseccompPrograms([profile], 25);
  const theirs = peer?.program as Uint32Array;
  const row = (name: string, program: Uint32Array, milliseconds: number): string[] => [
    ...[
      `${engine}, ${name}`,
      String(program.length / 2),
      executed(program).toFixed(1),
      `${milliseconds.toFixed(2)} ms`,
    ],
    ...kernelCosts(program).map((ns) => `${ns} ns`),
  ];
  rows.push(row('ours', compile(profile, { native: 'SCMP_ARCH_X86_64' }), coldCompile(profile)));
  rows.push(row('libseccomp', theirs, (peer?.nanoseconds ?? NaN) / 1e6));
}
const widths = columns.map((_, at) => Math.max(...[columns, ...rows].map((row) => (row[at] as string).length)));
const line = (cells: readonly string[]): string =>
  `| ${cells.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] as number) : cell.padStart(widths[at] as number))).join(' | ')} |`;
const rule = `| ${widths.map((width, at) => (at === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
console.log([line(columns), rule, ...rows.map(line)].join('\n'));
