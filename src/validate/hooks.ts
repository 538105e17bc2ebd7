import type { Spec } from '../spec/types.ts';
import { type Refusal, type Warning, absolutely, broken, noEffect } from './finding.ts';

const kinds = ['prestart', 'createRuntime', 'createContainer', 'startContainer', 'poststart', 'poststop'] as const;

/** "path … MUST be absolute" (config.md "POSIX-platform Hooks"); that a timeout is not 0 is a matter of the schema. */
export function hookPathsAreAbsolute({ hooks }: Spec): Refusal[] {
  if (!hooks) return [];
  return kinds.flatMap((kind) =>
    (hooks[kind] ?? []).flatMap(({ path }, index) =>
      path.startsWith('/')
        ? []
        : [
            broken(
              `/hooks/${kind}/${index}/path`,
              `the path of ${kind} hook #${index} is not absolute: "${path}"`,
              absolutely,
            ),
          ],
    ),
  );
}

/** "with the same semantics as environ" (config.md "POSIX-platform Hooks"): nobody finds a variable without a name. */
export function hookVariablesAreNamed({ hooks }: Spec): Warning[] {
  if (!hooks) return [];
  return kinds.flatMap((kind) =>
    (hooks[kind] ?? []).flatMap(({ env = [] }, index) =>
      env.flatMap((entry, at) =>
        entry.indexOf('=') > 0
          ? []
          : [
              noEffect(
                `/hooks/${kind}/${index}/env/${at}`,
                `the environment of ${kind} hook #${index} has "${entry}", which is no NAME=VALUE`,
              ),
            ],
      ),
    ),
  );
}
