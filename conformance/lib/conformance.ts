import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import t, { type Test } from 'tap';
import { flavour, repository, runtime } from './runtime.ts';
import { Sandbox } from './sandbox.ts';

/** A test that the runtime named is known to answer otherwise, and what the specification says about it. */
interface Difference {
  readonly test: string;
  readonly runtime: string;
  readonly clause: string;
  readonly reason: string;
}

const differences = JSON.parse(
  readFileSync(join(repository, 'conformance/differences.json'), 'utf8'),
) as readonly Difference[];

const differs = (name: string): string | false => {
  const found = differences.find((d) => d.test === name && d.runtime === basename(runtime));
  return found ? `difference of ${found.runtime}: ${found.reason} [${found.clause}]` : false;
};

/** Whether a test is wanted: OCIRUN_TEST_ONLY is an expression that its name has to match. */
export const wanted = (name: string): boolean => new RegExp(process.env['OCIRUN_TEST_ONLY'] ?? '').test(name);

/** When a test makes sense. */
export interface Scope {
  /** Only for this runtime: it is about a promise that the other does not make. */
  readonly only?: 'ocirun';
  /** The reason why this machine cannot run it; false where it can. */
  readonly unless?: string | false;
}

/**
 * One test of the runtime in a sandbox of its own; whatever happens, everything it made is removed,
 * and a process, mount, cgroup or state directory that survives `delete --force` fails it.
 */
export const conformance = (name: string, body: (t: Test, box: Sandbox) => unknown, scope: Scope = {}): void => {
  if (!wanted(name)) return;
  const foreign = scope.only !== undefined && scope.only !== flavour ? `a promise of ${scope.only} only` : false;
  void t.test(name, { skip: foreign || scope.unless || false, todo: differs(name) }, async (test) => {
    const box = new Sandbox();
    try {
      await body(test, box);
    } finally {
      test.strictSame(box.close(), [], 'nothing is left behind');
    }
  });
};

t.comment(`runtime: ${runtime}`);
