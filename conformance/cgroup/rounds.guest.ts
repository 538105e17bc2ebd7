/** What has limits goes as a whole, however often. */
import { conformance } from '../lib/conformance.ts';
import { cgroups } from '../lib/machine.ts';
import { everyLimit } from './cases.ts';
import { creating, limitedBundle, limits, resources, unitsLeft } from './limited.ts';

const rounds = 100;

conformance(`${limits}: ${rounds} containers leave no cgroup and no unit`, (t, box) => {
  const bundle = limitedBundle(box, [resources(everyLimit)]);
  const began = Date.now();
  for (let round = 0; round < rounds; round++) {
    box.must(creating(bundle, box.id()));
    box.must(['delete', '--force', box.id()]);
  }
  t.comment(`${Math.round((Date.now() - began) / rounds)} ms for each of ${rounds} rounds`);
  t.strictSame(cgroups(box.name), []);
  t.strictSame(unitsLeft(box), []);
});
