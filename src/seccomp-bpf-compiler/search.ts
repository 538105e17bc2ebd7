import { type Assembler, type Target, codes } from './assembler.ts';

/** Numbers of system calls that get the same, in their order: each range goes up to the next one. */
export class Ranges {
  readonly froms: number[] = [];
  /** What they get: a return (< 0), or which set of conditions. */
  readonly verdicts: number[] = [];
  /** How often what is before a range is asked for, in comparison with others. */
  readonly sums: number[] = [0];

  /** Adds a range, or makes the last one longer. */
  add(from: number, verdict: number, weight: number): void {
    const { froms, verdicts, sums } = this;
    const count = froms.length;
    if (count > 0 && verdicts[count - 1] === verdict) {
      sums[count] = (sums[count] as number) + weight;
      return;
    }
    froms.push(from);
    verdicts.push(verdict);
    sums.push((sums[count] as number) + weight);
  }
}

/** Exceptions that are asked for one after the other; more of them are halved first. */
const mostExceptions = 2;

/** Writes the search for a number in ranges; `seccomp_data.nr` is in A. */
export class SearchWriter {
  private readonly out: Assembler;
  private readonly froms: readonly number[];
  private readonly verdicts: readonly number[];
  private readonly sums: readonly number[];
  private readonly targetOf: (verdict: number) => Target;

  constructor(out: Assembler, { froms, verdicts, sums }: Ranges, targetOf: (verdict: number) => Target) {
    this.out = out;
    this.froms = froms;
    this.verdicts = verdicts;
    this.sums = sums;
    this.targetOf = targetOf;
  }

  /** The search in all ranges. */
  all(): Target {
    return this.between(0, this.froms.length - 1);
  }

  /** Where a range goes on. */
  private target(at: number): Target {
    const verdict = this.verdicts[at] as number;
    return verdict < 0 ? verdict : this.targetOf(verdict);
  }

  private between(first: number, last: number): Target {
    if (first === last) return this.target(first);
    if (last - first <= 2 * mostExceptions) {
      const few = this.exceptions(first, last, first) ?? this.exceptions(first, last, first + 1);
      if (few) return this.few(first, last, few, this.target(few[0] === first ? first + 1 : first));
    }
    const middle = this.middle(first, last);
    const above = this.between(middle, last);
    const below = this.between(first, middle - 1);
    return this.out.test(codes.atLeast, this.froms[middle] as number, above, below, 0);
  }

  /** The ranges that get something else than the one at `common`, if they are few and each is told by one comparison. */
  private exceptions(first: number, last: number, common: number): number[] | undefined {
    const { froms, verdicts } = this;
    const most = verdicts[common];
    const found: number[] = [];
    for (let at = first; at <= last; at++) {
      if (verdicts[at] === most) continue;
      // A range of one number can be told by one comparison wherever it is.
      const isSingle = froms[at + 1] === (froms[at] as number) + 1;
      if (found.length === mostExceptions || !(at === first || at === last || isSingle)) return undefined;
      found.push(at);
    }
    return found;
  }

  /** What is asked for most comes first. */
  private few(first: number, last: number, found: readonly number[], common: Target): Target {
    const [one = 0, other] = found;
    if (other === undefined) return this.exception(one, first, last, common);
    return this.weight(one) <= this.weight(other)
      ? this.exception(other, first, last, this.exception(one, first, last, common))
      : this.exception(one, first, last, this.exception(other, first, last, common));
  }

  private weight(at: number): number {
    return (this.sums[at + 1] as number) - (this.sums[at] as number);
  }

  private exception(at: number, first: number, last: number, next: Target): Target {
    const target = this.target(at);
    const from = this.froms[at] as number;
    if (at === last) return this.out.test(codes.atLeast, from, target, next, 0);
    if (at === first) return this.out.test(codes.atLeast, this.froms[at + 1] as number, next, target, 0);
    return this.out.test(codes.equal, from, target, next, 0);
  }

  /** The boundary that halves the weight best. */
  private middle(first: number, last: number): number {
    const { sums } = this;
    const half = ((sums[first] as number) + (sums[last + 1] as number)) / 2;
    let [low, high] = [first + 1, last];
    while (low < high) {
      const at = (low + high) >> 1;
      if ((sums[at] as number) < half) low = at + 1;
      else high = at;
    }
    const before = half - (sums[low - 1] as number);
    return low - 1 > first && before < (sums[low] as number) - half ? low - 1 : low;
  }
}
