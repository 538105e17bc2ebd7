/** What of a document keeps its container from being a unit of systemd: told before anything is asked. */
import { conformance } from '../lib/conformance.ts';
import type { Edit } from '../lib/config.ts';

const ocirun = { only: 'ocirun' } as const;

const wrong: readonly [string, Edit, RegExp][] = [
  [
    'a path of directories',
    (config) => void (config.linux.cgroupsPath = '/foo/bar'),
    /\/linux\/cgroupsPath:? .*expected cgroupsPath to be of format "slice:prefix:name" for systemd cgroups, got "\/foo\/bar" instead/,
  ],
  [
    'a slice that is none',
    (config) => void (config.linux.cgroupsPath = 'a--b.slice:x:y'),
    /\/linux\/cgroupsPath:? .*invalid slice name: a--b\.slice/,
  ],
  [
    'an annotation that is no property',
    (config) => void (config.annotations = { 'org.systemd.property.TimeoutStopSec': "'5s'" }),
    /\/annotations\/org\.systemd\.property\.TimeoutStopSec:? .*value parse error: not a number/,
  ],
];

for (const [what, edit, message] of wrong)
  conformance(
    `systemd: ${what} is refused, and told by validate`,
    (t, box) => {
      const bundle = box.bundle(edit);
      const { status, stderr } = box.call(['--systemd-cgroup', 'create', '--bundle', bundle, box.id()]);
      t.equal(status, 1);
      t.match(stderr, message);
      const validated = box.call(['--systemd-cgroup', 'validate', bundle]);
      t.equal(validated.status, 1);
      t.match(validated.stdout, message);
      t.equal(box.call(['validate', bundle]).status, 0, 'it is no matter without systemd');
    },
    ocirun,
  );
