import { capabilityNames } from '../plan/capabilities.ts';
import { mountOptionNames } from '../plan/mount-options.ts';
import { rlimitNames } from '../plan/rlimits.ts';
import { type Diagnosis, diagnosisWith } from '../spec/diagnose.ts';
import { type Judgement, type Knowledge, judge } from '../spec/findings.ts';
import { validate } from '../validate/index.ts';

export { locate } from '../spec/locate.ts';

/** Words that the schema does not list, by the pointers that they may stand at. */
const vocabulary: readonly (readonly [RegExp, () => readonly string[]])[] = [
  [/^\/process\/capabilities\/\w+\/\d+$/, capabilityNames],
  [/^\/process\/rlimits\/\d+\/type$/, rlimitNames],
  [/^\/mounts\/\d+\/options\/\d+$/, mountOptionNames],
];

/** @param pivot false where the root is not changed with pivot_root(2) */
const knowledge = (pivot: boolean): Knowledge => ({
  check: (spec) => validate(spec, true, pivot),
  words: (pointer) => vocabulary.find(([places]) => places.test(pointer))?.[1]() ?? [],
});

/** What `create` needs of this part once a document is not good. */
export const diagnosis = (pivot: boolean): Diagnosis => diagnosisWith(knowledge(pivot));

/** Everything that can be said against the text of a config.json. */
export const judgeConfig = (text: string): Judgement => judge(text, knowledge(true));
