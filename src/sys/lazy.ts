import { native } from './native.ts';

/** The parts that most commands do not need: loaded when they are asked for. tools/build/chunks.mjs names their files. */
interface Parts {
  create: typeof import('../commands/create-part.ts');
  failure: typeof import('../lifecycle/failure.ts');
  explainMount: typeof import('../lifecycle/explain-mount-part.ts');
  hooks: typeof import('../lifecycle/hooks.ts');
  resources: typeof import('../lifecycle/resources-part.ts');
  devices: typeof import('../lifecycle/devices-part.ts');
  savedFilter: typeof import('../lifecycle/saved-filter.ts');
  filter: typeof import('../lifecycle/filter-part.ts');
  waits: typeof import('../lifecycle/waits.ts');
  trace: typeof import('../lifecycle/tracing.ts');
  notify: typeof import('../lifecycle/notify.ts');
  help: typeof import('../commands/help.ts');
  diagnose: typeof import('../commands/diagnose-part.ts');
  describe: typeof import('../commands/describe-part.ts');
  host: typeof import('../host/findings.ts');
  explain: typeof import('../commands/explain.ts');
  systemd: typeof import('../lifecycle/systemd.ts');
  annotations: typeof import('../cgroup/systemd/annotations.ts');
  freeze: typeof import('../commands/freeze.ts');
  update: typeof import('../commands/update.ts');
  ps: typeof import('../commands/ps.ts');
  events: typeof import('../commands/events.ts');
  inspect: typeof import('../commands/inspect-part.ts');
  seccomp: typeof import('../commands/seccomp-part.ts');
}

/** The parts that were asked for, once somebody wants to know. */
let asked: Set<string> | undefined;

/** Remember from now on which parts are asked for; gives those. */
export const watchParts = (): ReadonlySet<string> => (asked ??= new Set());

/** The exports of a part. */
export function part<Name extends keyof Parts>(name: Name): Parts[Name] {
  asked?.add(name);
  return native.lazy(name) as Parts[Name];
}
