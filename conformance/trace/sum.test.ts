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

/** Microseconds from fork(2) to the end of wait(2), by bench/launcher.c, and when that was. */
const measured = (box: Sandbox, program: readonly string[], args: readonly string[], alone = false) => {
  const through = [...first, launcher, box.path('output'), ...program];
  const result = box.call(args, { through, alone });
  const [wall = 0, , status = 0, begin = 0, faults = 0] = result.stdout.split(' ').map(Number);
  if (status !== 0) throw new Error(`${args.join(' ')}: ${readFileSync(box.path('output'), 'utf8')}`);
  return { wall: wall / 1000, begin: begin / 1000, faults };
};

/**
 * What no program can see of itself: from the last line of one that has as much memory until its parent knows that it
 * has ended.
 */
const unseen = (box: Sandbox, pages: number): number => {
  const { wall, begin } = measured(box, [moment, `${pages}`], [], true);
  return begin + wall - Number(readFileSync(box.path('output'), 'utf8')) / 1000;
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
  const { wall, faults } = measured(box, [], ['--trace', file, ...args]);
  const sum = phases(readTrace(file)).reduce((total, { dur }) => total + dur, 0);
  return { wall, sum, unseen: unseen(box, faults) };
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
