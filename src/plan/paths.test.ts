import t from 'tap';
import type { Spec } from '../spec/types.ts';
import { protectionSteps } from './paths.ts';
import { slots } from './steps.ts';

const planned = (rest: Partial<Spec>) => protectionSteps({ ociVersion: '1.3.0', ...rest });

t.test('one step for all paths of a list, the root before them', async (t) => {
  t.same(
    planned({
      root: { path: 'rootfs', readonly: true },
      linux: { maskedPaths: ['/a', '/b'], readonlyPaths: ['/c'] },
    }),
    [
      { op: 'rootReadonly', pointer: '/root/readonly', slots: [slots.root], nums: [], strs: [] },
      { op: 'readonlyPath', pointer: '/linux/readonlyPaths', slots: [slots.root], nums: [], strs: ['/c'] },
      { op: 'mask', pointer: '/linux/maskedPaths', slots: [slots.root], nums: [], strs: ['/a', '/b'] },
    ],
  );
});

t.test('a read-only path that is the root is a read-only root', async (t) => {
  const [first] = planned({ root: { path: 'rootfs' }, linux: { readonlyPaths: ['/c', '/'] } });
  t.match(first, { op: 'rootReadonly', pointer: '/linux/readonlyPaths' });
});

t.test('nothing to protect, no step', async (t) => {
  t.same(planned({}), []);
  t.same(planned({ root: { path: 'rootfs' }, linux: { maskedPaths: [], readonlyPaths: [] } }), []);
});
