import { letsThrough, noSuchCall, killThread, shown } from './actions.ts';
import { type Architecture, architectures, unknownIsZero, x32Bit } from './architectures.ts';
import { Assembler, type Target, codes, returning } from './assembler.ts';
import { type Case, ConditionWriter } from './conditions.ts';
import { SeccompError } from './error.ts';
import { usual } from './frequency.ts';
import { multiplexed } from './multiplexed.ts';
import type { ArchitectureName, Options, Profile } from './profile.ts';
import { type Line, type Lines, compareLines, effective, isList, linesOf } from './rules.ts';
import { type Range, SearchWriter, add, addWeight } from './search.ts';
import { numberOf, numberOfPlace, placeOf, privateBase } from './syscalls.ts';

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

/** Room in a key for the place of the verdict: more than there are names of system calls. */
const keyStep = 4096;

class Compiler {
  private readonly out = new Assembler();
  private readonly lines: Lines;
  private readonly withNoSuchCall: boolean;
  private readonly sets: Conditions[] = [];
  private readonly setsByText = new Map<string, number>();

  constructor(lines: Lines, withNoSuchCall: boolean) {
    this.lines = lines;
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
    const ranges: Range[] = [];
    segments.forEach(({ from, name }, at) => {
      const end = (segments[at + 1]?.from ?? all + 1) - 1;
      if (name === undefined) add(ranges, from, returning(killThread));
      else this.addRanges(ranges, name, from, end);
    });
    // A tracer that lets a call be skipped makes it -1, which is not to be taken for a call of x32 (seccomp(2)).
    if (segments.some(({ from, name }) => from === x32Bit && name === undefined))
      add(ranges, all, returning(this.lines.defaultValue));
    return new SearchWriter(this.out, ranges, (verdict) => this.targetOf(verdict)).all();
  }

  private targetOf(verdict: number): Target {
    if (verdict < 0) return verdict;
    const set = this.sets[verdict] as Conditions;
    set.target ??= new ConditionWriter(this.out, set.architecture).cases(set.cases, returning(this.lines.defaultValue));
    return set.target;
  }

  /** Ranges of the numbers of an architecture, from `from` to `end`. */
  private addRanges(ranges: Range[], name: ArchitectureName, from: number, end: number): void {
    const architecture = architectures[name];
    const standard = returning(this.lines.defaultValue);
    const newest = this.withNoSuchCall ? this.newest(architecture) : 0;
    const { keys, verdicts } = this.callsOf(architecture);
    let next = from;
    const fill = (until: number): void => {
      if (newest === 0 || next <= newest) add(ranges, next, standard);
      if (newest > 0 && newest < until) add(ranges, Math.max(next, newest + 1), returning(noSuchCall));
    };
    if (newest > 0 && unknownIsZero(name)) {
      add(ranges, 0, returning(noSuchCall));
      next = 1;
    }
    for (const key of keys) {
      const number = Math.floor(key / keyStep);
      // Of two names of one number, the one that was put in first counts.
      if (number < next) continue;
      if (number > next) fill(number - 1);
      add(ranges, number, verdicts[key % keyStep] as number);
      next = number + 1;
    }
    if (next <= end) fill(end);
    // Programs for x32 are rare: what x86-64 programs ask for comes first.
    if (name !== 'SCMP_ARCH_X32') for (const call of usual) addWeight(ranges, numberOf(architecture, call));
  }

  /** The highest number that the profile names; ARM's own calls are not counted, which are above all that will come. */
  private newest(architecture: Architecture): number {
    const end = architecture.base + privateBase;
    let newest = 0;
    for (const place of this.lines.named) {
      const number = numberOfPlace(architecture, place);
      if (number > newest && number < end) newest = number;
    }
    return newest;
  }

  /** What each number gets that a rule is about: keys in the order of the numbers, each with the place of its verdict. */
  private callsOf(architecture: Architecture): { keys: Float64Array; verdicts: readonly number[] } {
    const late = this.linesWithConditions(architecture);
    const verdicts: number[] = [];
    const numbers: number[] = [];
    for (const [place, lines] of this.lines.byPlace) {
      const first = lines[0] as Line;
      if (first.tests.length > 0) continue;
      const number = numberOfPlace(architecture, place);
      if (number < 0) continue;
      const others = late.get(number);
      if (others) others.push(first);
      else {
        numbers.push(number);
        verdicts.push(returning(first.value));
      }
    }
    for (const [number, lines] of late) {
      numbers.push(number);
      verdicts.push(this.verdictOf(lines, architecture));
    }
    const keys = new Float64Array(numbers.length);
    for (let at = 0; at < keys.length; at++) keys[at] = (numbers[at] as number) * keyStep + at;
    return { keys: keys.sort(), verdicts };
  }

  /** The few numbers where arguments count, and what else is said about them by names that begin with a condition. */
  private linesWithConditions(architecture: Architecture): Map<number, Line[]> {
    const result = new Map<number, Line[]>();
    const append = (number: number, lines: readonly Line[]): void => {
      if (number >= 0) result.set(number, [...(result.get(number) ?? []), ...lines]);
    };
    for (const [place, lines] of this.lines.byPlace)
      if ((lines[0] as Line).tests.length > 0) append(numberOfPlace(architecture, place), lines);
    for (const [call, { through, selector }] of multiplexed(architecture)) {
      const lines = this.lines.byPlace.get(placeOf(call) as number);
      if (!lines) continue;
      append(
        numberOf(architecture, through),
        lines.map((line) => selected(line, selector)),
      );
    }
    return result;
  }

  private verdictOf(lines: readonly Line[], architecture: Architecture): number {
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

/** The architectures of a filter, each once; the kernel's own comes first. */
export function architecturesOf(profile: Profile, { native }: Options): ArchitectureName[] {
  const listed = profile.architectures ?? [];
  if (!isList(listed)) throw new SeccompError('architectures is a list of names', '/architectures');
  listed.forEach((name, at) => {
    if (typeof name !== 'string' || !Object.hasOwn(architectures, name))
      throw new SeccompError(`there is no architecture ${shown(name)}`, `/architectures/${at}`);
  });
  if (native !== undefined && !Object.hasOwn(architectures, native))
    throw new SeccompError(`there is no architecture ${shown(native)}`);
  const names = new Set(native === undefined ? listed : [native, ...listed]);
  if (names.size === 0)
    throw new SeccompError('the profile names no architecture, and the native one is not given', '/architectures');
  return [...names];
}

/**
 * Makes the filter of a profile: two words an instruction, `code | jt << 16 | jf << 24` and `k`, which is an array of
 * struct sock_filter in the memory of a little-endian machine (`bytesOf` for any).
 * @throws SeccompError, and nothing else
 */
export function compile(profile: Profile, options: Options = {}): Uint32Array {
  const lines = linesOf(profile, options.warn);
  const names = architecturesOf(profile, options);
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
