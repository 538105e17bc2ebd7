import t from 'tap';
import type { Spec } from '../spec/types.ts';
import { processPlan } from './process.ts';

const all = { low: -1, high: -1 };
const [kill, netBindService] = [1 << 5, 1 << 10];

function capabilityNumbers(capabilities: NonNullable<NonNullable<Spec['process']>['capabilities']>): unknown {
  const spec: Spec = {
    ociVersion: '1.0.2',
    process: { cwd: '/', args: ['/bin/true'], user: { uid: 0, gid: 0 }, capabilities },
  };
  return processPlan(spec, { bounding: all, lastCapability: 40 }, new Map(), []).identity.find(
    ({ op }) => op === 'capabilities',
  )?.nums;
}

t.test('ambient capabilities are those that the kernel would raise', (t) => {
  const both = ['CAP_KILL', 'CAP_NET_BIND_SERVICE'];
  const mask = kill | netBindService;
  t.same(capabilityNumbers({ permitted: both, effective: both, ambient: both }), [mask, mask, 0, 0]);
  t.same(capabilityNumbers({ permitted: both, inheritable: ['CAP_KILL'], ambient: both }), [0, mask, kill, kill]);
  t.same(capabilityNumbers({ permitted: ['CAP_KILL'], inheritable: both, ambient: both }), [0, kill, mask, kill]);
  t.end();
});
