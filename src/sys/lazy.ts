import { native } from './native.ts';

/** The parts that most commands do not need: loaded when they are asked for. tools/build/chunks.mjs names their files. */
interface Parts {
  create: typeof import('../commands/create-part.ts');
  failure: typeof import('../lifecycle/failure.ts');
  explainMount: typeof import('../lifecycle/explain-mount-part.ts');
  hooks: typeof import('../lifecycle/hooks.ts');
  waits: typeof import('../lifecycle/waits.ts');
  notify: typeof import('../lifecycle/notify.ts');
  help: typeof import('../commands/help.ts');
  diagnose: typeof import('../commands/diagnose-part.ts');
  describe: typeof import('../commands/describe-part.ts');
  explain: typeof import('../commands/explain.ts');
  inspect: typeof import('../commands/inspect-part.ts');
}

/** The exports of a part. */
export const part = <Name extends keyof Parts>(name: Name): Parts[Name] => native.lazy(name) as Parts[Name];
