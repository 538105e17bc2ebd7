/** The sweep of sweep.test.ts for containers that have limits. */
import { everyLimit } from '../cgroup/cases.ts';
import { creating, limitedBundle, limits, resources, unitsLeft } from '../cgroup/limited.ts';
import { conformance } from '../lib/conformance.ts';
import type { Sandbox } from '../lib/sandbox.ts';
import { usual } from '../lib/wait.ts';
import { initGoesToo, runtimeFails, sweep } from './sweeping.ts';

const scope = { only: 'ocirun' } as const;

const nothing = () => undefined;

const create = (box: Sandbox): string[] => creating(limitedBundle(box, [resources(everyLimit)]), box.id());

conformance(
  `${limits}: a create killed anywhere can be deleted, and its init goes with it`,
  (t, box) => {
    sweep(t, box, 'runtime', create(box), nothing, initGoesToo(box, usual));
    t.strictSame(unitsLeft(box), []);
  },
  scope,
);

conformance(
  `${limits}: a create whose init is killed anywhere fails and leaves nothing`,
  (t, box) => {
    sweep(t, box, 'init', create(box), nothing, runtimeFails(box));
    t.strictSame(unitsLeft(box), []);
  },
  scope,
);

conformance(
  `${limits}: a delete killed anywhere can be repeated`,
  (t, box) => {
    const args = create(box);
    sweep(
      t,
      box,
      'runtime',
      ['delete', '--force', box.id()],
      () => void box.must(args),
      () => [],
    );
    t.strictSame(unitsLeft(box), []);
  },
  scope,
);
