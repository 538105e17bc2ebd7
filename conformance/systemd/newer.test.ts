/** What a systemd that is newer than the guest's is told. */
import { conformance } from '../lib/conformance.ts';
import { probing } from '../lib/config.ts';
import { playSystemd } from './played.ts';

conformance(
  'systemd: where it knows them, it is told what becomes of the others when one is killed for memory, and of zswap',
  async (t, box) => {
    const asked = await playSystemd(box, { Version: ['257.1'] });
    const bundle = box.bundle(probing('sleep'), (config) => {
      config.linux.cgroupsPath = `-.slice:${box.name}:x`;
      config.linux['resources'] = { unified: { 'memory.oom.group': '1', 'memory.zswap.max': '4096' } };
    });
    // The cgroup2 of this machine may have no such controller: that shows only when the unit is there.
    box.call(['--systemd-cgroup', 'create', '--bundle', bundle, box.id()]);
    const start = asked().find(({ member }) => member === 'StartTransientUnit');
    t.match(Object.fromEntries((start?.arguments[2] ?? []) as [string, unknown][]), {
      OOMPolicy: 'kill',
      MemoryZSwapMax: '4096',
    });
  },
  { only: 'ocirun' },
);
