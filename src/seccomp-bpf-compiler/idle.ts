import { returnValue } from './actions.ts';
import { architectures } from './architectures.ts';
import { multiplexed } from './multiplexed.ts';
import type { ArchitectureName, Options, Profile } from './profile.ts';
import { type Test, rulesOf, testsOf } from './rules.ts';

/** What one rule says about one name. */
interface Word {
  readonly name: string;
  readonly rule: number;
  readonly pointer: string;
  readonly value: number;
  readonly isDefault: boolean;
  /** Lists of conditions, as texts: one list has to hold. */
  readonly conditions: readonly string[];
  /** A mask of the upper half alone is no condition on architectures that have none. */
  readonly depends: boolean;
}

const unconditional = '[]';

/** A mask of nothing is no condition. */
const textOf = (tests: readonly Test[]): string =>
  JSON.stringify(tests.filter(({ maskHigh, maskLow }) => maskHigh !== 0 || maskLow !== 0));

/** All that a checked profile says, by name. */
function wordsOf(profile: Profile): Iterable<Word[]> {
  const result = new Map<string, Word[]>();
  const otherwise = returnValue(profile.defaultAction, profile.defaultErrnoRet, '', '');
  for (const [rule, { names, action, errnoRet, args }] of rulesOf(profile).entries()) {
    const value = returnValue(action, errnoRet, '', '');
    const lists = testsOf(args ?? [], '');
    const conditions = lists.map(textOf);
    const depends = lists.flat().some(({ maskHigh, maskLow }) => maskHigh !== 0 && maskLow === 0);
    for (const [which, name] of names.entries()) {
      const pointer = `/syscalls/${rule}/names/${which}`;
      const word = { name, rule, pointer, value, isDefault: value === otherwise, conditions, depends };
      const others = result.get(name);
      if (others) others.push(word);
      else result.set(name, [word]);
    }
  }
  return result.values();
}

const isPlain = ({ conditions, isDefault }: Word): boolean => !isDefault && conditions.includes(unconditional);

/** Tells of rules that never count because of another one that says something else: README, "Which rule wins". */
export function tellOfIdleRules(
  profile: Profile,
  architectureNames: readonly ArchitectureName[],
  warn: NonNullable<Options['warn']>,
): void {
  // Behind socketcall and ipc even a rule without conditions has one, and does not come first.
  const behind = new Set(architectureNames.flatMap((name) => multiplexed(architectures[name]).map(([call]) => call)));
  for (const words of wordsOf(profile)) {
    const [first] = words;
    if (words.every(({ value }) => value === first?.value) || words.some(({ depends }) => depends)) continue;
    const winner = words.find(isPlain);
    const idle = winner && words.filter((word) => word.value !== winner.value && !mayCount(word, behind));
    for (const word of idle ?? []) warn(message(word, winner as Word, 'has no conditions'), word.pointer);
    if (!winner) tellOfTheSame(words, warn);
  }
}

const mayCount = (word: Word, behind: ReadonlySet<string>): boolean =>
  behind.has(word.name) && !word.isDefault && !isPlain(word);

/** Of rules with the same conditions the first counts that does not say what all calls get. */
function tellOfTheSame(words: readonly Word[], warn: NonNullable<Options['warn']>): void {
  for (const word of words) {
    const same = words.filter(({ conditions }) => word.conditions.every((each) => conditions.includes(each)));
    const winner = same.find(({ isDefault }) => !isDefault);
    if (winner && winner.value !== word.value) warn(message(word, winner, 'has the same conditions'), word.pointer);
  }
}

const message = ({ name }: Word, { rule }: Word, why: string): string =>
  `the rule about ${name} never counts: that of syscalls/${rule} does, which ${why}`;
