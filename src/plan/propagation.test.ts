import t from 'tap';
import type { Linux, Spec } from '../spec/types.ts';
import { propagation } from './mount-flags.ts';
import { bindPropagation, copiedPropagation, rootPropagationSteps } from './propagation.ts';
import { slots } from './steps.ts';

type Value = NonNullable<Linux['rootfsPropagation']>;

const spec = (rootfsPropagation?: Value): Spec => ({
  ociVersion: '1.3.0',
  ...(rootfsPropagation ? { linux: { rootfsPropagation } } : {}),
});
const { recursive, slave, shared, unbindable } = propagation;
const rslave = slave | recursive;
const rprivate = propagation.private | recursive;

/** Of the mounts that come from the host, of bind mounts, and of the root at last. */
const rows: readonly (readonly [Value | undefined, copied: number, bound: number, root: number])[] = [
  [undefined, rslave, rslave, 0],
  ['private', rprivate, rprivate, 0],
  ['rprivate', rprivate, rprivate, 0],
  ['slave', rslave, rslave, slave],
  ['rslave', rslave, rslave, rslave],
  ['shared', rslave, 0, shared],
  ['rshared', rslave, 0, shared | recursive],
  ['unbindable', rprivate, rprivate, unbindable],
  ['runbindable', rprivate, rprivate, unbindable | recursive],
];

t.test('rootfsPropagation', async (t) => {
  for (const [value, copied, bound, root] of rows) {
    t.equal(copiedPropagation(spec(value)), copied, value ?? 'none');
    t.equal(bindPropagation(spec(value)), bound, value ?? 'none');
    const step = {
      op: 'propagation',
      pointer: '/linux/rootfsPropagation',
      slots: [slots.root],
      nums: [root],
      strs: [],
    };
    t.same(rootPropagationSteps(spec(value)), root ? [step] : [], value ?? 'none');
  }
});
