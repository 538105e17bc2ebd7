import { probing } from '../lib/config.ts';
import { conformance } from '../lib/conformance.ts';
import type { Sandbox } from '../lib/sandbox.ts';

/** For editors, which look there for the schema to complete from. */
const named = (box: Sandbox): string =>
  box.bundle(probing('exit', '0'), (config) => {
    // Rules for devices are no matter of this test: there may be a warning of them.
    const { resources: _, ...linux } = config.linux;
    Object.assign(config, { $schema: '../spec-schemas/config.json', linux });
  });

conformance('a config that names its schema is taken', (t, box) => {
  t.equal(box.call(['run', '--bundle', named(box), box.id()]).status, 0);
});

conformance(
  'a config that names its schema is no cause for a warning',
  (t, box) => {
    const { stdout, stderr } = box.must(['validate', '--strict', named(box)]);
    t.notMatch(stdout + stderr, '$schema');
  },
  { only: 'ocirun' },
);
