import { type Assembler, type Target, codes } from './assembler.ts';

/** Numbers of system calls that get the same: from `from` up to what comes next. */
export interface Range {
  readonly from: number;
  /** What they get: a return (< 0), or which set of conditions. */
  readonly verdict: number;
  /** How often it is asked for, in comparison with others. */
  weight: number;
}

/** Weight of a call that is used all the time, in comparison with any other. */
const usualWeight = 400;

/** Adds a range, or makes the last one longer. */
export function add(ranges: Range[], from: number, verdict: number): void {
  const last = ranges[ranges.length - 1];
  if (last === undefined || last.verdict !== verdict) ranges.push({ from, verdict, weight: 1 });
  else last.weight += 1;
}

/** Makes the search quicker for a number. */
export function addWeight(ranges: readonly Range[], number: number): void {
  if (number < 0) return;
  let [low, high] = [0, ranges.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((ranges[middle] as Range).from <= number) low = middle;
    else high = middle - 1;
  }
  (ranges[low] as Range).weight += usualWeight;
}

/** A range of one number: it can be told by one comparison wherever it is. */
const single = (ranges: readonly Range[], at: number): boolean =>
  at + 1 < ranges.length && (ranges[at + 1] as Range).from === (ranges[at] as Range).from + 1;

/** Exceptions that are asked for one after the other; more of them are halved first. */
const mostExceptions = 2;

/** Writes the search for a number in ranges; `seccomp_data.nr` is in A. */
export class SearchWriter {
  private readonly out: Assembler;
  private readonly ranges: readonly Range[];
  private readonly targetOf: (verdict: number) => Target;
  /** Sum of the weights before each range. */
  private readonly sums: Float64Array;

  constructor(out: Assembler, ranges: readonly Range[], targetOf: (verdict: number) => Target) {
    this.out = out;
    this.ranges = ranges;
    this.targetOf = targetOf;
    this.sums = new Float64Array(ranges.length + 1);
    ranges.forEach(({ weight }, at) => {
      this.sums[at + 1] = (this.sums[at] as number) + weight;
    });
  }

  /** The search in all ranges. */
  all(): Target {
    return this.between(0, this.ranges.length - 1);
  }

  private verdict(at: number): number {
    return (this.ranges[at] as Range).verdict;
  }

  private between(first: number, last: number): Target {
    if (first === last) return this.targetOf(this.verdict(first));
    if (last - first <= 2 * mostExceptions) {
      const few =
        this.exceptions(first, last, this.verdict(first)) ?? this.exceptions(first, last, this.verdict(first + 1));
      if (few) return few();
    }
    const middle = this.middle(first, last);
    const above = this.between(middle, last);
    const below = this.between(first, middle - 1);
    return this.out.test(codes.atLeast, (this.ranges[middle] as Range).from, above, below, 0);
  }

  /** If all but a few ranges get `common`, and each of these can be told by one comparison: what writes these. */
  private exceptions(first: number, last: number, common: number): (() => Target) | undefined {
    const found: number[] = [];
    for (let at = first; at <= last; at++) {
      if (this.verdict(at) === common) continue;
      found.push(at);
      if (found.length > mostExceptions || !(at === first || at === last || single(this.ranges, at))) return undefined;
    }
    return () => {
      found.sort((one, other) => (this.ranges[one] as Range).weight - (this.ranges[other] as Range).weight);
      return found.reduce((next, at) => this.exception(at, first, last, next), this.targetOf(common));
    };
  }

  private exception(at: number, first: number, last: number, next: Target): Target {
    const target = this.targetOf(this.verdict(at));
    const { from } = this.ranges[at] as Range;
    if (at === last) return this.out.test(codes.atLeast, from, target, next, 0);
    if (at === first) return this.out.test(codes.atLeast, (this.ranges[at + 1] as Range).from, next, target, 0);
    return this.out.test(codes.equal, from, target, next, 0);
  }

  /** The boundary that halves the weight best. */
  private middle(first: number, last: number): number {
    const half = ((this.sums[first] as number) + (this.sums[last + 1] as number)) / 2;
    let [low, high] = [first + 1, last];
    while (low < high) {
      const at = (low + high) >> 1;
      if ((this.sums[at] as number) < half) low = at + 1;
      else high = at;
    }
    const before = half - (this.sums[low - 1] as number);
    return low - 1 > first && before < (this.sums[low] as number) - half ? low - 1 : low;
  }
}
