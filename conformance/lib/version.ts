import { execFileSync } from 'node:child_process';
import { flavour, runtime } from './runtime.ts';

const parts = (version: string): number[] => version.split('.').map(Number);

const older = (have: readonly number[], wanted: readonly number[]): boolean => {
  const place = wanted.findIndex((part, index) => part !== (have[index] ?? 0));
  return place >= 0 && (have[place] ?? 0) < (wanted[place] ?? 0);
};

let known: string | undefined;

const own = (): string => {
  known ??= /^runc version (\d+\.\d+\.\d+)/.exec(execFileSync(runtime, ['--version'], { encoding: 'utf8' }))?.[1] ?? '';
  return known;
};

/** The reason to skip what this runtime cannot know: false where it is none of runc's, or of `version` or newer. */
export const sinceRunc = (version: string): string | false =>
  flavour === 'runc' && own() !== '' && older(parts(own()), parts(version)) ? `runc has this since ${version}` : false;
