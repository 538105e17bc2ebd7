import { filterFlagNumbers } from '../seccomp-flags.ts';
import { newListener } from '../seccomp.ts';
import type { Step } from '../steps.ts';
import { bitNames, listed } from './words.ts';

const prefix = 'SECCOMP_FILTER_FLAG_';

const flagNames = [
  ...Object.entries(filterFlagNumbers).map(([name, bit]) => [bit, name.slice(prefix.length)] as const),
  [newListener, 'NEW_LISTENER'],
  [16, 'TSYNC_ESRCH'],
] as const;

/** What is loaded how; what the filter does is another question (`ocirun seccomp explain`). */
export function filterText({ nums: [flags = 0, raise = 0], words }: Step): string {
  const names = `flags: ${listed(bitNames(flags, flagNames), 'none', ' ')}`;
  const by = raise === 0 ? '' : raise === 1 ? ', by CAP_SYS_ADMIN' : `, by CAP_SYS_ADMIN (${raise})`;
  return `a filter of ${(words?.length ?? 0) / 2} instructions, ${names}${by}`;
}
