import type { Test } from 'tap';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { conformance } from '../lib/conformance.ts';
import { probing } from '../lib/config.ts';
import { isStandalone, repository } from '../lib/runtime.ts';
import type { Sandbox } from '../lib/sandbox.ts';
import { phases, readTrace } from '../lib/trace.ts';

const launcher = `${repository}/build/conformance/launcher`;
const moment = `${repository}/build/conformance/moment`;

/** So that whoever else works on this machine is not measured, too. */
const ahead = ['chrt', '--rr', '1'];
const first = spawnSync('chrt', [...ahead.slice(1), 'true']).status === 0 ? ahead : [];

/** Microseconds from fork(2) to the end of wait(2), by bench/launcher.c; page faults, and pages at most. */
const measured = (box: Sandbox, program: readonly string[], args: readonly string[], alone = false) => {
  const through = [...first, launcher, box.path('output'), ...program];
  const result = box.call(args, { through, alone });
  const [wall = 0, kilobytes = 0, status = 0, faults = 0] = result.stdout.split(' ').map(Number);
  if (status !== 0) throw new Error(`${args.join(' ')}: ${readFileSync(box.path('output'), 'utf8')}`);
  return { wall: wall / 1000, faults, pages: Math.round(kilobytes / 4) };
};

/**
 * What no program can see of itself: until it has begun, and from its last line until its parent knows that it has
 * ended. That depends on how much memory is to be given back: `written` pages of its own, the rest of the file.
 */
const unseen = (box: Sandbox, written: number, pages: number): number => {
  const { wall } = measured(box, [moment, `${written}`, box.runtime, `${pages - written}`], [], true);
  const [first = 0, last = 0] = readFileSync(box.path('output'), 'utf8').split(' ').map(Number);
  return wall - (last - first) / 1000;
};

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;

/** How long a command took, and how much of that is in the phases of its trace. */
interface Sample {
  readonly wall: number;
  readonly sum: number;
  readonly unseen: number;
}

const sample = (box: Sandbox, args: readonly string[]): Sample => {
  const file = box.path('trace');
  const { wall, faults, pages } = measured(box, [], ['--trace', file, ...args]);
  const sum = phases(readTrace(file)).reduce((total, { dur }) => total + dur, 0);
  return { wall, sum, unseen: unseen(box, Math.min(faults, pages), pages) };
};

const round = (box: Sandbox): Record<string, Sample> => {
  const run = sample(box, ['run', '--bundle', box.bundle(probing('exit', '0')), box.id()]);
  const create = sample(box, ['create', '--bundle', box.bundle(probing('sleep')), box.id()]);
  const start = sample(box, ['start', box.id()]);
  const remove = sample(box, ['delete', '--force', box.id()]);
  return { run, create, start, delete: remove };
};

/** One measurement: the median of some rounds. Gives the worst share of a command that its phases are off. */
const attempt = (t: Test, box: Sandbox): number => {
  const rounds = Array.from({ length: 9 }, () => round(box));
  const off = ['run', 'create', 'start', 'delete'].map((name) => {
    const samples = rounds.flatMap((one) => one[name] ?? []);
    const shown = (of: (one: Sample) => number): string => `${median(samples.map(of)).toFixed(0)} us`;
    const share = median(samples.map((one) => (one.wall - one.unseen - one.sum) / one.wall));
    const parts = `${shown(({ sum }) => sum)} in phases, ${shown(({ unseen: end }) => end)} unseen`;
    t.comment(`${name}: ${shown(({ wall }) => wall)}, ${parts}, off ${(share * 100).toFixed(1)} %`);
    return Math.abs(share);
  });
  return Math.max(...off);
};

conformance(
  'trace: the phases sum to the time that a command takes, within 5 %',
  (t, box) => {
    // The whole measurement again, where somebody has disturbed it.
    let best = Infinity;
    for (let tries = 0; tries < 5 && best > 0.05; tries += 1) best = Math.min(best, attempt(t, box));
    t.ok(best <= 0.05, `off by ${(best * 100).toFixed(1)} % of the time from fork to wait, see the comments`);
  },
  { only: 'ocirun', unless: !isStandalone && 'how long Node itself takes cannot be told by it' },
);
