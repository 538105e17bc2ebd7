import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Result } from '../lib/runtime.ts';
import type { Sandbox } from '../lib/sandbox.ts';
import type { Entry } from './entry.ts';

/** The folder of golden files. */
export const folder = join(import.meta.dirname, 'golden');

const updating = process.env['UPDATE_GOLDEN'] === '1';

/** A line of the log in JSON. */
export type Line = Readonly<Record<string, unknown>>;

/** The lines of a log in JSON. */
export const linesOf = (log: string): Line[] =>
  log
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);

const withoutTime = ({ time, ...rest }: Line): Line => {
  if (typeof time !== 'string' || Number.isNaN(Date.parse(time)))
    throw new Error(`the time of a line is ${String(time)}`);
  return rest;
};

/** What is named after the sandbox, by what it is. */
const places = (box: Sandbox): [string, string][] => [
  [box.path('bundle'), 'BUNDLE'],
  [box.root, 'STATE'],
  [box.directory, 'SANDBOX'],
  [box.id(), 'ID'],
  [box.name, 'NAME'],
];

/** Everything that a call has told, as the golden file has it. */
export const told = (box: Sandbox, entry: Entry, args: readonly string[], result: Result, log: string): string => {
  const lines = log.startsWith('{') ? linesOf(log).map((line) => JSON.stringify(withoutTime(line), null, 2)) : [log];
  const parts = [
    `$ ocirun ${args.join(' ')}`,
    `exit status ${result.status}`,
    `--- standard error\n${result.stderr.trimEnd()}`,
    `--- log\n${lines.join('\n')}`,
  ];
  const replacements = [...(entry.varies?.(box) ?? []), ...places(box)];
  return replacements.reduce((text, [found, shown]) => text.replaceAll(found, shown), `${parts.join('\n')}\n`);
};

/** What the golden file of an entry says; with UPDATE_GOLDEN=1 that is what was told now. */
export const expected = (name: string, now: string): string => {
  const file = join(folder, `${name}.txt`);
  if (updating) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, now);
  }
  return existsSync(file)
    ? readFileSync(file, 'utf8')
    : `there is no ${file}: make it with UPDATE_GOLDEN=1 and read it\n`;
};
