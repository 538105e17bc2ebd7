/** What has limits goes as a whole, however often. */
import { probing } from '../lib/config.ts';
import { conformance } from '../lib/conformance.ts';
import { cgroups } from '../lib/machine.ts';
import { everyLimit } from './cases.ts';
import { creating, limitedBundle, limits, resources, running, unitsLeft } from './limited.ts';

const rounds = 100;

conformance(`${limits}: ${rounds} containers leave no cgroup and no unit`, (t, box) => {
  const bundle = limitedBundle(box, [resources(everyLimit)]);
  const began = Date.now();
  for (let round = 0; round < rounds; round++) {
    box.must(creating(bundle, box.id()));
    box.must(['delete', '--force', box.id()]);
  }
  t.comment(`time: ${Math.round((Date.now() - began) / rounds)} ms for a create and a delete`);
  t.strictSame(cgroups(box.name), []);
  t.strictSame(unitsLeft(box), []);
});

/** Told, not judged: the guest is emulated. */
const runs = 10;

conformance(`${limits}: ${runs} containers run one after the other`, (t, box) => {
  const bundle = limitedBundle(box, [resources(everyLimit), probing('exit', '0')]);
  const began = Date.now();
  for (let run = 0; run < runs; run++) box.must(running(bundle, box.id()));
  t.comment(`time: ${Math.round((Date.now() - began) / runs)} ms for a run`);
  t.strictSame(cgroups(box.name), []);
});
