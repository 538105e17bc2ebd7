import type { Test } from 'tap';
import type { Edit } from './config.ts';
import { flavour } from './runtime.ts';
import type { Sandbox } from './sandbox.ts';

/** How a create is to fail. */
export interface Refusal {
  /** What every runtime has to say. */
  readonly says: RegExp;
  /** Where ocirun points to, and its code. */
  readonly pointer?: string;
  readonly code?: string;
}

interface Line {
  readonly level: string;
  readonly msg: string;
  readonly code?: string;
  readonly pointer?: string;
}

/** `create` with these edits fails, says why, and leaves nothing. */
export const refuses = (t: Test, box: Sandbox, edits: readonly Edit[], refusal: Refusal): void => {
  const bundle = box.bundle(...edits);
  const result = box.call(['--log-format', 'json', 'create', '--bundle', bundle, box.id()]);
  t.equal(result.status, 1, 'it fails');
  const line = JSON.parse(result.stderr.trimEnd().split('\n').at(-1) || '{}') as Line;
  t.match(line.msg, refusal.says);
  if (flavour === 'ocirun' && refusal.pointer !== undefined) t.equal(line.pointer, refusal.pointer, 'it points there');
  if (flavour === 'ocirun' && refusal.code !== undefined) t.equal(line.code, refusal.code);
  t.strictSame(box.ids(), [], 'no state is kept');
};
