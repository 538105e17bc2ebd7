import { killThread, letsThrough, noSuchCall } from './actions.ts';
import { type Architecture, architectures, unknownIsZero, x32Bit } from './architectures.ts';
import { Assembler, type Target, codes, returning } from './assembler.ts';
import { type Case, ConditionWriter } from './conditions.ts';
import { evenWeights, usualWeights } from './frequency.ts';
import { tellOfIdleRules } from './idle.ts';
import { multiplexersOf } from './multiplexed.ts';
import type { ArchitectureName, Options, Profile } from './profile.ts';
import { architecturesOf } from './listed.ts';
import { type Line, type Lines, compareLines, effective, linesOf } from './rules.ts';
import { Ranges, SearchWriter } from './search.ts';
import { noName, numberOf, numberOfPlace, numbered, placeAt, placeOf, privateBase } from './syscalls.ts';

/** A set of conditions: what arguments decide about. */
interface Conditions {
  readonly cases: readonly Case[];
  readonly architecture: Architecture;
  target?: Target;
}

/** Part of the numbers that arrive with one AUDIT_ARCH. */
interface Segment {
  readonly from: number;
  readonly name: ArchitectureName | undefined;
}

const all = 0xffffffff;

class Compiler {
  private readonly out = new Assembler();
  private readonly lines: Lines;
  private readonly withNoSuchCall: boolean;
  private readonly sets: Conditions[] = [];
  private readonly setsByText = new Map<string, number>();
  /** Verdicts of lines that were looked at before, for the four ways to compare arguments. */
  private readonly known = [0, 1, 2, 3].map(() => new Map<readonly Line[], number>());
  /** `lines.values` as targets. */
  private readonly returns: readonly Target[];

  constructor(lines: Lines, withNoSuchCall: boolean) {
    this.lines = lines;
    this.returns = lines.values.map(returning);
    this.withNoSuchCall = withNoSuchCall;
  }

  /** The whole program; the first architecture is found first. */
  program(names: readonly ArchitectureName[]): Uint32Array {
    const audits = [...new Set(names.map((name) => architectures[name].audit))];
    let next = returning(killThread);
    for (const audit of audits.reverse()) {
      const block = this.out.startWithLoad(0, this.search(segmentsOf(names, audit)));
      next = this.out.test(codes.equal, audit, block, next, 4);
    }
    this.out.startWithLoad(4, next);
    return this.out.program();
  }

  private search(segments: readonly Segment[]): Target {
    const ranges = new Ranges();
    for (const { from, name } of segments)
      if (name === undefined) ranges.add(from, returning(killThread), 1);
      else this.addRanges(ranges, name, from);
    // A tracer that lets a call be skipped makes it -1, which is not to be taken for a call of x32 (seccomp(2)).
    if (segments.some(({ from, name }) => from === x32Bit && name === undefined))
      ranges.add(all, returning(this.lines.defaultValue), 1);
    return new SearchWriter(this.out, ranges, (verdict) => this.targetOf(verdict)).all();
  }

  private targetOf(verdict: number): Target {
    if (verdict < 0) return verdict;
    const set = this.sets[verdict] as Conditions;
    set.target ??= new ConditionWriter(this.out, set.architecture).cases(set.cases, returning(this.lines.defaultValue));
    return set.target;
  }

  /** Ranges of the numbers of an architecture, from `from` on. */
  private addRanges(ranges: Ranges, name: ArchitectureName, from: number): void {
    const architecture = architectures[name];
    const { base } = architecture;
    const { places } = numbered(architecture);
    const newest = this.withNoSuchCall ? this.newest(architecture) : -1;
    const special = this.special(architecture);
    if (newest >= 0 && unknownIsZero(name)) special.set(0, returning(noSuchCall));
    const numbers = [...special.keys()].sort((one, other) => one - other);
    const end = newest >= 0 ? newest + 1 : base + places.length;
    const further = returning(newest >= 0 ? noSuchCall : this.lines.defaultValue);
    // Programs for x32 are rare: what x86-64 programs ask for comes first.
    const weights = name === 'SCMP_ARCH_X32' ? evenWeights : usualWeights;
    if (base > from) ranges.add(from, returning(this.lines.defaultValue), 1);
    let next = base;
    const fill = (until: number): void => {
      if (next < end) this.addPlain(ranges, places, weights, base, next, Math.min(until, end));
      if (until > end) ranges.add(Math.max(next, end), further, 1);
    };
    for (const number of numbers) {
      if (number > next) fill(number);
      ranges.add(number, special.get(number) as number, weights[placeAt(places, number - base)] as number);
      next = number + 1;
    }
    fill(Infinity);
  }

  /** Ranges of the numbers from `next` up to `end`, whose arguments do not count. */
  private addPlain(
    ranges: Ranges,
    places: string,
    weights: Uint16Array,
    base: number,
    next: number,
    end: number,
  ): void {
    const { kinds } = this.lines;
    const { returns } = this;
    let first = next - base;
    let verdict = returns[kinds[placeAt(places, first)] as number] as number;
    let weight = 0;
    const last = end - base;
    for (let at = first; at < last; at++) {
      const place = places.charCodeAt(at) - noName;
      const own = returns[kinds[place] as number] as number;
      if (own !== verdict) {
        ranges.add(base + first, verdict, weight);
        [first, verdict, weight] = [at, own, 0];
      }
      weight += weights[place] as number;
    }
    if (first < last) ranges.add(base + first, verdict, weight);
  }

  /** The highest number that the profile names, -1 if it names none; ARM's own calls are not counted, which are above all that will come. */
  private newest(architecture: Architecture): number {
    const { base } = architecture;
    const { kinds } = this.lines;
    const { places, others } = numbered(architecture);
    let at = places.length - 1;
    while (at >= 0 && kinds[placeAt(places, at)] === 0) at--;
    for (const [number, place] of others) if (number > at && number < privateBase && kinds[place] !== 0) at = number;
    return at < 0 ? -1 : base + at;
  }

  /** The few numbers that more than one name is about, or where arguments count, and ARM's own: each with its verdict. */
  private special(architecture: Architecture): Map<number, number> {
    const { base } = architecture;
    const { byPlace, kinds, conditional } = this.lines;
    const { places, others } = numbered(architecture);
    const found = new Map<number, Line[]>();
    for (const place of conditional) {
      const number = numberOfPlace(architecture, place);
      if (number >= 0) found.set(number, []);
    }
    for (const [number, place] of others) if (byPlace[place]) found.set(base + number, []);
    for (const [through, calls] of multiplexersOf(architecture)) {
      // Where it gets one answer whatever its arguments are, that counts.
      if ((kinds[placeOf(through) as number] as number) > 1) continue;
      const number = numberOf(architecture, through);
      for (const [call, selector] of calls) {
        const lines = byPlace[placeOf(call) as number];
        if (lines) found.set(number, [...(found.get(number) ?? []), ...lines.map((line) => selected(line, selector))]);
      }
    }
    const result = new Map<number, number>();
    for (const [number, behind] of found) {
      const names = [
        placeAt(places, number - base),
        ...others.flatMap(([other, place]) => (base + other === number ? place : [])),
      ];
      const [only] = names;
      const lines =
        behind.length === 0 && names.length === 1
          ? byPlace[only as number]
          : [...behind, ...names.flatMap((place) => byPlace[place] ?? [])];
      result.set(number, this.verdictOf(lines as readonly Line[], architecture));
    }
    return result;
  }

  /** What becomes of calls that several lines are about, or one with conditions. */
  private verdictOf(lines: readonly Line[], architecture: Architecture): number {
    const { wide, little } = architecture;
    const known = this.known[(wide ? 2 : 0) + (little ? 1 : 0)] as Map<readonly Line[], number>;
    const verdict = known.get(lines) ?? this.newVerdict(lines, architecture);
    known.set(lines, verdict);
    return verdict;
  }

  private newVerdict(lines: readonly Line[], architecture: Architecture): number {
    if (lines.length === 1 && (lines[0] as Line).tests.length === 0) return returning((lines[0] as Line).value);
    const { wide } = architecture;
    const cases = lines.map((line) => ({ order: line.order, value: line.value, tests: effective(line, wide) }));
    const plain = cases.filter(({ tests }) => tests.length === 0);
    if (plain.length > 0) return returning(plain.reduce((one, other) => (other.order < one.order ? other : one)).value);
    cases.sort((one, other) => compareLines(one.tests, other.tests, wide) || one.order - other.order);
    return this.setOf(cases, architecture);
  }

  /** The same conditions are written once. */
  private setOf(cases: readonly Case[], architecture: Architecture): number {
    const { wide, little } = architecture;
    const text = JSON.stringify([wide, little, cases.map(({ value, tests }) => [value, tests])]);
    const known = this.setsByText.get(text);
    if (known !== undefined) return known;
    this.sets.push({ cases, architecture });
    this.setsByText.set(text, this.sets.length - 1);
    return this.sets.length - 1;
  }
}

/** A rule for a call that is made through another one: its first argument says which call it is. */
function selected({ order, value, tests }: Line, selector: number): Line {
  const first = { index: 0, op: 'SCMP_CMP_EQ', high: 0, low: selector, maskHigh: all, maskLow: all } as const;
  return { order, value, tests: [first, ...tests.filter(({ index }) => index !== 0)] };
}

/** The parts of the numbers of an AUDIT_ARCH: x86-64 shares its one with x32. */
function segmentsOf(names: readonly ArchitectureName[], audit: number): Segment[] {
  const mine = names.filter((name) => architectures[name].audit === audit);
  if (audit !== architectures.SCMP_ARCH_X86_64.audit) return [{ from: 0, name: mine[0] }];
  const either = (name: ArchitectureName): ArchitectureName | undefined => (mine.includes(name) ? name : undefined);
  return [
    { from: 0, name: either('SCMP_ARCH_X86_64') },
    { from: x32Bit, name: either('SCMP_ARCH_X32') },
  ];
}

/**
 * Makes the filter of a profile: two words an instruction, `code | jt << 16 | jf << 24` and `k`, which is an array of
 * struct sock_filter in the memory of a little-endian machine (`bytesOf` for any).
 * @throws SeccompError, and nothing else
 */
export function compile(profile: Profile, options: Options = {}): Uint32Array {
  const lines = linesOf(profile, options.warn);
  const names = architecturesOf(profile, options);
  if (options.warn) tellOfIdleRules(profile, names, options.warn);
  const withNoSuchCall = !letsThrough(profile.defaultAction) && lines.defaultValue !== noSuchCall;
  return new Compiler(lines, withNoSuchCall).program(names);
}

/** A program as bytes of an array of struct sock_filter. */
export function bytesOf(program: Uint32Array, little = true): Uint8Array {
  const view = new DataView(new ArrayBuffer(program.length * 4));
  for (let at = 0; at < program.length; at += 2) {
    const word = program[at] as number;
    view.setUint16(at * 4, word & 0xffff, little);
    view.setUint8(at * 4 + 2, (word >>> 16) & 0xff);
    view.setUint8(at * 4 + 3, word >>> 24);
    view.setUint32(at * 4 + 4, program[at + 1] as number, little);
  }
  return new Uint8Array(view.buffer);
}
