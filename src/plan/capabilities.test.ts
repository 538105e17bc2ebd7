import t from 'tap';
import { capabilitySet, maskOf } from './capabilities.ts';

const all = { low: 0xffffffff | 0, high: 0x1ff };

t.test('a set has a bit for each name', async (t) => {
  const missing = new Set<string>();
  const set = capabilitySet(['CAP_CHOWN', 'CAP_SETFCAP', 'CAP_BPF'], all, missing);
  t.equal(maskOf(set), 1 + 2 ** 31 + 2 ** 39);
  t.equal(missing.size, 0);
});

t.test('what is unknown or not ours to give is left out, and the latter named', async (t) => {
  const missing = new Set<string>();
  const set = capabilitySet(['CAP_CHOWN', 'CAP_NONSENSE', 'CAP_SYS_RESOURCE'], { low: 1, high: 0 }, missing);
  t.equal(maskOf(set), 1);
  t.same([...missing], ['CAP_SYS_RESOURCE']);
});
