import type { Entry } from '../entry.ts';
import { commandLines } from './command-line.ts';
import { commands } from './commands.ts';
import { execs } from './execs.ts';
import { hooks } from './hooks.ts';
import { limits } from './limits.ts';
import { mounts } from './mounts.ts';
import { namespaces } from './namespaces.ts';
import { others } from './others.ts';
import { rules } from './rules.ts';
import { schema } from './schema.ts';
import { several } from './several.ts';
import { texts } from './text.ts';

/** Bundles with faults, and calls that cannot be. */
export const bundles: readonly Entry[] = [
  ...texts,
  ...schema,
  ...rules,
  ...limits,
  ...several,
  ...mounts,
  ...namespaces,
  ...hooks,
  ...others,
  ...commandLines,
  ...commands,
];

export { execs };

export const entries: readonly Entry[] = [...bundles, ...execs];
