import { killThread, letsThrough, noSuchCall, returnValue } from './actions.ts';
import { architectures, unknownIsZero, x32Bit } from './architectures.ts';
import { architecturesOf } from './listed.ts';
import { multiplexed } from './multiplexed.ts';
import type { ArchitectureName, Call, Condition, Options, Profile } from './profile.ts';
import { linesOf, rulesOf } from './rules.ts';
import { numberOf, privateBase } from './syscalls.ts';

/** What a call gets, and why. */
export interface Decision {
  /** SECCOMP_RET_… with its data. */
  readonly value: number;
  readonly reason: 'rule' | 'default' | 'newer than the profile' | 'unknown architecture';
  /** Which of the profile's `syscalls` decides. */
  readonly rule?: number;
  /** The architecture whose names and numbers count. */
  readonly architecture?: ArchitectureName;
}

/** A rule that may be about the call: all conditions have to hold. */
export interface Candidate {
  /** Which of the profile's `syscalls`. */
  readonly rule: number;
  readonly value: number;
  /** By index of the argument. */
  readonly conditions: readonly Condition[];
}

/** What may become of a call, whatever its arguments are: the first candidate whose conditions hold, or `otherwise`. */
export interface Outlook {
  readonly candidates: readonly Candidate[];
  readonly otherwise: Decision;
}

const big = (value: number | bigint | undefined): bigint => BigInt(value ?? 0);

/** -1 is what a tracer makes of a call that is not to be done: it is none of x32 (seccomp(2)). */
const skipped = 0xffffffff;

/** The architecture of the filter whose numbers a call is counted in. */
function architectureOf(names: readonly ArchitectureName[], { arch, nr }: Call): ArchitectureName | undefined {
  const candidates = names.filter((name) => architectures[name].audit === arch);
  if (arch !== architectures.SCMP_ARCH_X86_64.audit) return candidates[0];
  const x32 = nr >= x32Bit && (nr !== skipped || candidates.includes('SCMP_ARCH_X32'));
  return candidates.find((name) => (name === 'SCMP_ARCH_X32') === x32);
}

/** What of an argument counts on an architecture. */
const bitsOf = (name: ArchitectureName): bigint => (architectures[name].wide ? 0xffffffffffffffffn : 0xffffffffn);

/** Whether a condition holds for an argument. */
export const meets = (condition: Condition, argument: bigint, name: ArchitectureName): boolean =>
  holds(condition, argument, bitsOf(name));

function holds({ op, value, valueTwo }: Condition, argument: bigint, bits: bigint): boolean {
  const given = argument & bits;
  const wanted = big(value) & bits;
  switch (op) {
    case 'SCMP_CMP_EQ':
      return given === wanted;
    case 'SCMP_CMP_NE':
      return given !== wanted;
    case 'SCMP_CMP_LT':
      return given < wanted;
    case 'SCMP_CMP_LE':
      return given <= wanted;
    case 'SCMP_CMP_GT':
      return given > wanted;
    case 'SCMP_CMP_GE':
      return given >= wanted;
    case 'SCMP_CMP_MASKED_EQ':
      return (given & wanted) === (big(valueTwo) & wanted);
  }
}

/** A condition as words to be put in order: argument, kind, value (README, "Which rule wins"). */
function rank({ index, op, value, valueTwo }: Condition, bits: bigint): [number, number, bigint] {
  const masked = op === 'SCMP_CMP_MASKED_EQ';
  const less = op === 'SCMP_CMP_LT' || op === 'SCMP_CMP_LE';
  const greater = op === 'SCMP_CMP_GT' || op === 'SCMP_CMP_GE';
  const wanted = (masked ? big(valueTwo) & big(value) : big(value)) & bits;
  return [-index, less ? 1 : greater ? 2 : 0, less ? wanted : -wanted];
}

function earlier(one: Candidate, other: Candidate, bits: bigint): boolean {
  for (let at = 0; at < one.conditions.length && at < other.conditions.length; at++) {
    const ours = rank(one.conditions[at] as Condition, bits);
    const theirs = rank(other.conditions[at] as Condition, bits);
    for (let word = 0; word < 3; word++) {
      if ((ours[word] as number) < (theirs[word] as number)) return true;
      if ((ours[word] as number) > (theirs[word] as number)) return false;
    }
  }
  return one.conditions.length < other.conditions.length;
}

/** Conditions that have to hold together; if two are about one argument, each stands for itself. */
function alternatives(args: readonly Condition[]): (readonly Condition[])[] {
  if (new Set(args.map(({ index }) => index)).size < args.length) return args.map((one) => [one]);
  return [[...args].sort((one, other) => one.index - other.index)];
}

/** The numbers that a name stands for, and the value that the first argument has to have there, if any. */
function meanings(call: string, name: ArchitectureName): { number: number; selector?: number }[] {
  const architecture = architectures[name];
  const behind = multiplexed(architecture)
    .filter(([other]) => other === call)
    .map(([, { through, selector }]) => ({ number: numberOf(architecture, through), selector }));
  return [{ number: numberOf(architecture, call) }, ...behind].filter(({ number }) => number >= 0);
}

/** The conditions of a rule where the first argument says which call it is. */
const withSelector = (conditions: readonly Condition[], selector: number | undefined): readonly Condition[] =>
  selector === undefined
    ? conditions
    : [{ index: 0, op: 'SCMP_CMP_EQ', value: selector }, ...conditions.filter(({ index }) => index !== 0)];

/** Decides for the calls of one architecture. */
class Judge {
  private readonly name: ArchitectureName;
  private readonly defaultValue: number;
  /** What of an argument counts. */
  private readonly bits: bigint;
  private readonly candidates = new Map<number, Candidate[]>();
  private readonly outlooks = new Map<number, Outlook>();
  /** Highest number of the profile, if calls above it are to be unknown; else -1. */
  private readonly newest: number;

  constructor(profile: Profile, name: ArchitectureName) {
    this.name = name;
    this.defaultValue = returnValue(profile.defaultAction, profile.defaultErrnoRet, '', '');
    this.bits = bitsOf(name);
    this.collect(profile);
    const { base } = architectures[name];
    const names = rulesOf(profile).flatMap((rule) => rule.names);
    const numbers = names.map((call) => numberOf(architectures[name], call)).filter((nr) => nr < base + privateBase);
    const exempt = letsThrough(profile.defaultAction) || this.defaultValue === noSuchCall;
    this.newest = exempt ? -1 : numbers.reduce((one, other) => Math.max(one, other), -1);
  }

  private collect(profile: Profile): void {
    rulesOf(profile).forEach(({ names, action, errnoRet, args }, rule) => {
      const value = returnValue(action, errnoRet, '', '');
      if (value === this.defaultValue) return;
      for (const { number, selector } of names.flatMap((call) => meanings(call, this.name)))
        for (const together of alternatives(args ?? [])) {
          // A mask of nothing lets every value through: it is no condition.
          const conditions = withSelector(together, selector).filter(
            (one) => one.op !== 'SCMP_CMP_MASKED_EQ' || (big(one.value) & this.bits) !== 0n,
          );
          this.candidates.set(number, [...(this.candidates.get(number) ?? []), { rule, value, conditions }]);
        }
    });
  }

  /** What may win, in the order in which it does; what comes behind one without conditions never does. */
  private inOrder(found: readonly Candidate[]): readonly Candidate[] {
    const plain = found.find(({ conditions }) => conditions.length === 0);
    return plain ? [plain] : [...found].sort((one, other) => this.compare(one, other));
  }

  private compare(one: Candidate, other: Candidate): number {
    return earlier(one, other, this.bits) ? -1 : earlier(other, one, this.bits) ? 1 : 0;
  }

  outlook(nr: number): Outlook {
    const known = this.outlooks.get(nr) ?? this.lookAt(nr);
    this.outlooks.set(nr, known);
    return known;
  }

  private lookAt(nr: number): Outlook {
    const architecture = this.name;
    const unknown = { value: noSuchCall, reason: 'newer than the profile', architecture } as const;
    if (this.newest >= 0 && nr === 0 && unknownIsZero(architecture)) return { candidates: [], otherwise: unknown };
    const found = this.candidates.get(nr);
    const isSkipped = nr === skipped && architecture === 'SCMP_ARCH_X86_64';
    if (!found && this.newest >= 0 && nr > this.newest && !isSkipped) return { candidates: [], otherwise: unknown };
    const otherwise = { value: this.defaultValue, reason: 'default', architecture } as const;
    return { candidates: this.inOrder(found ?? []), otherwise };
  }

  decide({ nr, args }: Call): Decision {
    const { candidates, otherwise } = this.outlook(nr);
    const winner = candidates.find(({ conditions }) =>
      conditions.every((one) => holds(one, args[one.index] ?? 0n, this.bits)),
    );
    return winner ? { value: winner.value, reason: 'rule', rule: winner.rule, architecture: this.name } : otherwise;
  }
}

/**
 * What a profile says about calls: read off the profile, without a filter.
 * @throws SeccompError for what `compile` does not take either, but for profiles that are too long
 */
export function interpreter(profile: Profile, options: Options): (call: Call) => Decision {
  linesOf(profile);
  const names = architecturesOf(profile, options);
  const judges = new Map<ArchitectureName, Judge>();
  return (call) => {
    const name = architectureOf(names, call);
    if (name === undefined) return { value: killThread, reason: 'unknown architecture' };
    const judge = judges.get(name) ?? new Judge(profile, name);
    judges.set(name, judge);
    return judge.decide(call);
  };
}

/** What a profile says about a call whose arguments are not known. */
export function outlook(profile: Profile, options: Options, { arch, nr }: Omit<Call, 'args'>): Outlook {
  linesOf(profile);
  const name = architectureOf(architecturesOf(profile, options), { arch, nr, args: [] });
  const otherwise = { value: killThread, reason: 'unknown architecture' } as const;
  return name === undefined ? { candidates: [], otherwise } : new Judge(profile, name).outlook(nr);
}

/** What a profile says about one call. */
export const interpret = (profile: Profile, options: Options, call: Call): Decision =>
  interpreter(profile, options)(call);
