import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The script that runs first, and the scripts that `native.lazy(name)` loads: name → entry file. */
const product = {
  core: 'src/main.ts',
  create: 'src/commands/create-part.ts',
  failure: 'src/lifecycle/failure.ts',
  explainMount: 'src/lifecycle/explain-mount-part.ts',
  hooks: 'src/lifecycle/hooks.ts',
  resources: 'src/lifecycle/resources-part.ts',
  notify: 'src/lifecycle/notify.ts',
  devices: 'src/lifecycle/devices-part.ts',
  savedFilter: 'src/lifecycle/saved-filter.ts',
  filter: 'src/lifecycle/filter-part.ts',
  waits: 'src/lifecycle/waits.ts',
  trace: 'src/lifecycle/tracing.ts',
  help: 'src/commands/help.ts',
  diagnose: 'src/commands/diagnose-part.ts',
  systemd: 'src/lifecycle/systemd.ts',
  annotations: 'src/cgroup/systemd/annotations.ts',
  freeze: 'src/commands/freeze.ts',
  update: 'src/commands/update.ts',
  ps: 'src/commands/ps.ts',
  events: 'src/commands/events.ts',
  inspect: 'src/commands/inspect-part.ts',
  explain: 'src/commands/explain.ts',
  seccomp: 'src/commands/seccomp-part.ts',
  describe: 'src/commands/describe-part.ts',
  host: 'src/host/findings.ts',
  control: 'src/lifecycle/control-part.ts',
};

/**
 * Scripts for errors, help and commands that are rarely given: embedded as bytecode, and read when they are asked for. All others are in the heap image
 * of the standalone binary (addon/standalone/image.h), as they are after their top level has run.
 */
export const rare = new Set([
  'help',
  'diagnose',
  'failure',
  'waits',
  'trace',
  'explainMount',
  'describe',
  'host',
  'explain',
  'freeze',
  'systemd',
  'annotations',
  'filter',
  'ps',
  'update',
  'events',
  'seccomp',
]);

/** Programs made of one script, for the tests of the host: name → entry file. */
const programs = {
  surface: 'src/sys/surface-main.ts',
  smoke: 'tools/build/smoke/main.ts',
};

/** What the build runs in the seed, to learn what the commands write to; in no program. */
const rehearsal = { rehearsal: 'tools/build/rehearsal/main.ts' };

const present = (root, table) =>
  Object.fromEntries(Object.entries(table).filter(([, file]) => existsSync(join(root, file))));

/** The tables, without what has not been written yet. */
export function chunks(root) {
  const table = present(root, product);
  return { product: table, programs: present(root, programs), rehearsal };
}
