import { returnValue, shown } from './actions.ts';
import { SeccompError } from './error.ts';
import type { Condition, Operator, Options, Profile, Rule } from './profile.ts';
import { callNames, placeOf } from './syscalls.ts';

/** Order of the kinds of conditions: what names values comes before what names ranges (libseccomp's db.c). */
const classes: { readonly [op in Operator]: number } = {
  SCMP_CMP_EQ: 0,
  SCMP_CMP_NE: 0,
  SCMP_CMP_MASKED_EQ: 0,
  SCMP_CMP_LT: 1,
  SCMP_CMP_LE: 1,
  SCMP_CMP_GT: 2,
  SCMP_CMP_GE: 2,
};

/** A condition in halves of 32 bits, which is what a filter can compare. */
export interface Test {
  readonly index: number;
  readonly op: Operator;
  readonly high: number;
  readonly low: number;
  /** What of the argument counts: all, but for MASKED_EQ. */
  readonly maskHigh: number;
  readonly maskLow: number;
}

/** One line of a profile for the compiler: what is returned if all tests hold. */
export interface Line {
  /** Its place in the profile: of two unconditional ones the earlier counts. */
  readonly order: number;
  readonly value: number;
  /** By index of the argument, each index once. */
  readonly tests: readonly Test[];
}

/** A profile, checked: what each name is to get, and all other calls. Names are places in the tables (syscalls.ts). */
export interface Lines {
  readonly defaultValue: number;
  /** What is said about each place, in the order of the profile. */
  readonly byPlace: readonly (readonly Line[] | undefined)[];
  /**
   * For each place: 0 if the profile does not name it, 1 if it gets what all others get or if it depends on arguments,
   * else which of `values` it gets.
   */
  readonly kinds: Uint16Array;
  /** Values that calls get whatever their arguments are; the first two are the default. */
  readonly values: readonly number[];
  /** Places that depend on arguments. */
  readonly conditional: readonly number[];
}

const whole = 0xffffffff;

/** Array.isArray for what is a list by its type, but may be anything in truth. */
export const isList = (value: unknown): boolean => Array.isArray(value);

function halves(value: number | bigint, pointer: string): [high: number, low: number] {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0)
    return [Math.floor(value / 0x100000000), value >>> 0];
  if (typeof value === 'bigint' && value >= 0n && value < 1n << 64n)
    return [Number(value >> 32n), Number(value & 0xffffffffn)];
  throw new SeccompError(
    `${shown(value)} is not a value of an argument: a whole number from 0 to 2^64-1, beyond 2^53-1 a bigint`,
    pointer,
  );
}

function testOf(condition: Condition, pointer: string): Test {
  if (typeof condition !== 'object' || condition === null) throw new SeccompError('a condition is an object', pointer);
  const { index, op, value, valueTwo = 0 } = condition;
  if (!Number.isInteger(index) || index < 0 || index > 5)
    throw new SeccompError(`a system call has no argument ${shown(index)}, only 0 to 5`, `${pointer}/index`);
  if (typeof op !== 'string' || !Object.hasOwn(classes, op))
    throw new SeccompError(`there is no operator ${shown(op)}`, `${pointer}/op`);
  const [high, low] = halves(value, `${pointer}/value`);
  if (op !== 'SCMP_CMP_MASKED_EQ') return { index, op, high, low, maskHigh: whole, maskLow: whole };
  const [wantedHigh, wantedLow] = halves(valueTwo, `${pointer}/valueTwo`);
  // Bits that the mask leaves out do not count in the wanted value either (libseccomp's _db_node_mask_fixup).
  return {
    index,
    op,
    high: (wantedHigh & high) >>> 0,
    low: (wantedLow & low) >>> 0,
    maskHigh: high,
    maskLow: low,
  };
}

/** The conditions of a rule: all of them together, or each for itself if two are about the same argument, as in runc. */
export function testsOf(args: readonly Condition[], pointer: string): (readonly Test[])[] {
  if (!isList(args)) throw new SeccompError('args is a list of conditions', `${pointer}/args`);
  if (args.length === 0) return [[]];
  // Not by map, which passes over holes: a condition less would let more through.
  const tests = Array.from(args, (condition, which) => testOf(condition, `${pointer}/args/${which}`));
  const distinct = new Set(tests.map(({ index }) => index)).size === tests.length;
  return distinct ? [tests.sort((one, other) => one.index - other.index)] : tests.map((test) => [test]);
}

/** Sorts the rules of a profile by name. */
class Sorter implements Lines {
  readonly defaultValue: number;
  // Filled, because engines keep an array with holes as a table.
  readonly byPlace = new Array<readonly Line[] | undefined>(callNames.length + 1).fill(undefined);
  readonly kinds = new Uint16Array(callNames.length + 1);
  readonly values: number[];
  readonly conditional: number[] = [];
  private readonly warn: Options['warn'];

  constructor(defaultValue: number, warn: Options['warn']) {
    this.defaultValue = defaultValue;
    this.values = [defaultValue, defaultValue];
    this.warn = warn;
  }

  add(rule: Rule, order: number): void {
    const pointer = `/syscalls/${order}`;
    if (typeof rule !== 'object' || rule === null) throw new SeccompError('a rule is an object', pointer);
    const value = returnValue(rule.action, rule.errnoRet, `${pointer}/action`, `${pointer}/errnoRet`);
    const lines = testsOf(rule.args ?? [], pointer).map((tests): Line => ({ order, value, tests }));
    if (!isList(rule.names)) throw noNames(pointer);
    // A rule that says what the default says is no rule (runc's matchCall): a later one about the same call counts.
    const kind = value === this.defaultValue ? 1 : (lines[0] as Line).tests.length > 0 ? 0 : this.kindOf(value);
    this.addNames(rule.names, pointer, kind, lines);
  }

  private kindOf(value: number): number {
    const known = this.values.indexOf(value, 2);
    return known < 0 ? this.values.push(value) - 1 : known;
  }

  /** @param kind as in `kinds`, but 0 for what depends on arguments */
  private addNames(names: readonly string[], pointer: string, kind: number, lines: readonly Line[]): void {
    const { byPlace, kinds } = this;
    for (let which = 0; which < names.length; which++) {
      const name = names[which] as string;
      const place = placeOf(name);
      if (place === undefined) {
        if (typeof name !== 'string') throw noNames(pointer);
        this.warn?.(`no architecture has a system call ${shown(name)}: it is passed over`, `${pointer}/names/${which}`);
      } else if (kind === 1) kinds[place] ||= 1;
      else if (byPlace[place] !== undefined) byPlace[place] = [...byPlace[place], ...lines];
      else {
        byPlace[place] = lines;
        kinds[place] = kind || 1;
        if (kind === 0) this.conditional.push(place);
      }
    }
  }
}

const noNames = (pointer: string): SeccompError =>
  new SeccompError('names is a list of names of system calls', `${pointer}/names`);

/** The rules of a profile; a list that is absent, or null, is an empty one. */
export function rulesOf(profile: Profile): readonly Rule[] {
  if (typeof profile !== 'object' || profile === null) throw new SeccompError('a profile is an object');
  const rules = profile.syscalls ?? [];
  if (!isList(rules)) throw new SeccompError('syscalls is a list of rules', '/syscalls');
  return rules;
}

/** Checks a profile, and sorts its rules by name. */
export function linesOf(profile: Profile, warn?: Options['warn']): Lines {
  const rules = rulesOf(profile);
  const { defaultAction, defaultErrnoRet } = profile;
  const lines = new Sorter(returnValue(defaultAction, defaultErrnoRet, '/defaultAction', '/defaultErrnoRet'), warn);
  for (let at = 0; at < rules.length; at++) lines.add(rules[at] as Rule, at);
  return lines;
}

/** Tests that say something: MASKED_EQ without a mask is always true, and narrow arguments have no upper half. */
export const effective = ({ tests }: Line, wide: boolean): readonly Test[] =>
  tests.filter(({ maskHigh, maskLow }) => maskLow !== 0 || (wide && maskHigh !== 0));

/** Below 0 if the first test is tried before the other. */
function compareTests(one: Test, other: Test, wide: boolean): number {
  if (one.index !== other.index) return other.index - one.index;
  const kind = classes[one.op];
  if (kind !== classes[other.op]) return kind - classes[other.op];
  const difference = (wide && one.high - other.high) || one.low - other.low;
  return kind === 1 ? difference : -difference;
}

/** Below 0 if the first line is tried before the other, where both have tests: README, "Which rule wins". */
export function compareLines(one: readonly Test[], other: readonly Test[], wide: boolean): number {
  for (let at = 0; at < one.length && at < other.length; at++) {
    const order = compareTests(one[at] as Test, other[at] as Test, wide);
    if (order !== 0) return order;
  }
  return one.length - other.length;
}
