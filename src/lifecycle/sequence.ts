import { OcirunError } from '../errors/error.ts';
import type { Plan } from '../plan/build.ts';
import { kinds, type Kind, timesPerRecord } from '../plan/protocol.ts';
import { hasListener } from '../plan/seccomp.ts';
import type { Step } from '../plan/steps.ts';

/** Which announcements of init are still to come. `accept` judges one; `done` says whether init has made them all. */
export interface Sequence {
  accept(kind: Kind): void;
  done(): boolean;
}

/** What the runtime answers to an announcement; the others want no answer. */
export const answers: Readonly<Partial<Record<Kind, Kind>>> = {
  place: 'placed',
  maps: 'mapped',
  source: 'sourced',
  hooks: 'hooked',
  listener: 'listened',
  ready: 'saved',
};

/** The announcements that a plan makes init send, in their order: the protocol's sequence as data. */
export function expectedKinds(plan: Pick<Plan, 'stage1' | 'stage2'>, digest: boolean, times = false): Kind[] {
  const names = Object.keys(kinds) as Kind[];
  const result: Kind[] = digest ? ['digest'] : [];
  const steps = [...plan.stage1, ...plan.stage2];
  for (let index = 0; index < steps.length; index += 1) {
    const step = steps[index] as Step;
    if (step.op === 'clone') result.push('pid');
    if (times && step.op === 'await' && step.nums[0] === kinds.ready)
      for (let told = 0; told <= index; told += timesPerRecord) result.push('times');
    if (step.op === 'await') result.push(...names.filter((name) => kinds[name] === step.nums[0]));
    if (hasListener(step)) result.push('listener');
  }
  return result;
}

/** Judge announcements against the expected ones; a failure may come at any time and ends the sequence. */
export function sequenceOf(expected: readonly Kind[]): Sequence {
  let at = 0;
  return {
    accept(kind) {
      if (kind === 'failure') {
        at = expected.length;
        return;
      }
      const wanted = expected[at];
      if (kind !== wanted)
        throw new OcirunError('E_PROTOCOL', `init announced "${kind}" where "${wanted ?? 'nothing more'}" was to come`);
      at += 1;
    },
    done: () => at >= expected.length,
  };
}
