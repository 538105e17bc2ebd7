import { capabilityNames } from '../plan/capabilities.ts';
import { deviceFilter } from '../plan/device-filter/rules.ts';
import { mountOptionNames } from '../plan/mount-options.ts';
import { rlimitNames } from '../plan/rlimits.ts';
import { type Diagnosis, diagnosisWith } from '../spec/diagnose.ts';
import { type Judgement, type Knowledge, judge } from '../spec/findings.ts';
import { hasOddEscape } from '../spec/load.ts';
import { scan } from '../spec/scan.ts';
import { scannedIntegers } from '../spec/scanned-integers.ts';
import type { Spec } from '../spec/types.ts';
import { part } from '../sys/index.ts';
import { deviceHole } from './device-holes.ts';
import { type Verdict, validate } from '../validate/index.ts';

export { locate } from '../spec/locate.ts';

/** Words that the schema does not list, by the pointers that they may stand at. */
const vocabulary: readonly (readonly [RegExp, () => readonly string[]])[] = [
  [/^\/process\/capabilities\/\w+\/\d+$/, capabilityNames],
  [/^\/process\/rlimits\/\d+\/type$/, rlimitNames],
  [/^\/mounts\/\d+\/options\/\d+$/, mountOptionNames],
];

/** More to be said of a document that fits the schema. */
type Also = (spec: Spec) => Verdict;

/** @param pivot false where the root is not changed with pivot_root(2) */
const knowledge = (pivot: boolean, also?: Also): Knowledge => ({
  check: (spec, text) => {
    const verdict = validate(spec, hasOddEscape(text), pivot);
    return both(both(both(verdict, holes(spec)), filterOf(spec, text, verdict)), also?.(spec));
  },
  words: (pointer) => vocabulary.find(([places]) => places.test(pointer))?.[1]() ?? [],
});

const both = (one: Verdict, other: Verdict = { errors: [], warnings: [] }): Verdict => ({
  errors: [...one.errors, ...other.errors],
  warnings: [...one.warnings, ...other.warnings],
});

/** What the plan refuses: to find it takes longer than every start has. */
function holes({ linux }: Spec): Verdict {
  const hole = deviceHole(deviceFilter(linux?.resources?.devices), '/linux/resources/devices');
  return { errors: hole ? [hole] : [], warnings: [] };
}

/** What making the filter would find, where the rules of the specification find nothing. */
function filterOf({ linux }: Spec, text: string, { errors }: Verdict): Verdict | undefined {
  const isBroken = errors.some(({ details }) => details.pointer.startsWith('/linux/seccomp/'));
  if (!linux?.seccomp || isBroken) return undefined;
  const scanned = scan(text);
  return part('filter').filterVerdict(
    linux.seccomp,
    'root' in scanned ? scannedIntegers(text, scanned.root) : new Map(),
  );
}

/** What `create` needs of this part once a document is not good. */
export const diagnosis = (pivot: boolean): Diagnosis => diagnosisWith(knowledge(pivot));

/**
 * Everything that can be said against the text of a config.json.
 * @param also what else there is to be said, as of the machine (`validate --host`)
 */
export const judgeConfig = (text: string, also?: Also): Judgement => judge(text, knowledge(true, also));
