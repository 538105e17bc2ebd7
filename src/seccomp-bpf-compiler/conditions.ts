import type { Architecture } from './architectures.ts';
import { type Assembler, type Target, codes, returning } from './assembler.ts';
import type { Test } from './rules.ts';

/** A return value, and the tests that have to hold for it; in the order in which they are tried. */
export interface Case {
  readonly value: number;
  readonly tests: readonly Test[];
}

const whole = 0xffffffff;

/** Offsets of the halves of an argument in struct seccomp_data. */
const offsetOf = (index: number, little: boolean, high: boolean): number => 16 + 8 * index + (high === little ? 4 : 0);

/** How a half is compared: the code, and whether a true comparison means that the test holds. */
const comparisons: { readonly [op in Exclude<Test['op'], 'SCMP_CMP_MASKED_EQ'>]: readonly [number, boolean] } = {
  SCMP_CMP_EQ: [codes.equal, true],
  SCMP_CMP_NE: [codes.equal, false],
  SCMP_CMP_GT: [codes.greater, true],
  SCMP_CMP_LE: [codes.greater, false],
  SCMP_CMP_GE: [codes.atLeast, true],
  SCMP_CMP_LT: [codes.atLeast, false],
};

/** What is known about a case when the upper half is greater, or less, than that of the value. */
const beyond: { readonly [op in Test['op']]: readonly [greater: boolean, less: boolean] } = {
  SCMP_CMP_EQ: [false, false],
  SCMP_CMP_NE: [true, true],
  SCMP_CMP_GT: [true, false],
  SCMP_CMP_GE: [true, false],
  SCMP_CMP_LT: [false, true],
  SCMP_CMP_LE: [false, true],
  SCMP_CMP_MASKED_EQ: [false, false],
};

/** Writes the tests of arguments of one architecture. */
export class ConditionWriter {
  private readonly out: Assembler;
  private readonly wide: boolean;
  private readonly little: boolean;

  constructor(out: Assembler, { wide, little }: Architecture) {
    this.out = out;
    this.wide = wide;
    this.little = little;
  }

  /** All cases, one after the other; what none of them is about goes to `otherwise`. */
  cases(list: readonly Case[], otherwise: Target): Target {
    let next = otherwise;
    for (const group of groups(list).reverse()) {
      const first = group[0] as Case;
      const yes = returning(first.value);
      next = first.tests.length === 1 ? this.anyOf(group.map(soleTest), yes, next) : this.allOf(first.tests, yes, next);
    }
    return next;
  }

  private allOf(tests: readonly Test[], yes: Target, no: Target): Target {
    return tests.reduceRight((target, test) => this.anyOf([test], target, no), yes);
  }

  /** One of several tests of the same argument that have the upper half of their values in common. */
  private anyOf(tests: readonly Test[], yes: Target, no: Target): Target {
    const { index, op, high } = tests[0] as Test;
    if (op === 'SCMP_CMP_MASKED_EQ') return this.masked(tests[0] as Test, yes, no);
    const lower = offsetOf(index, this.little, false);
    const low = this.load(lower, this.lowerHalves(tests, lower, yes, no));
    if (!this.wide) return low;
    const upper = offsetOf(index, this.little, true);
    return this.load(upper, this.upperHalf(tests, high, upper, { yes, no, low }));
  }

  private lowerHalves(tests: readonly Test[], held: number, yes: Target, no: Target): Target {
    return tests.reduceRight((next, { op, low }) => {
      const [code, holds] = comparisons[op as keyof typeof comparisons];
      return holds ? this.out.test(code, low, yes, next, held) : this.out.test(code, low, next, yes, held);
    }, no);
  }

  private upperHalf(
    tests: readonly Test[],
    high: number,
    held: number,
    { yes, no, low }: { yes: Target; no: Target; low: Target },
  ): Target {
    const greater = tests.some(({ op }) => beyond[op][0]) ? yes : no;
    const less = tests.some(({ op }) => beyond[op][1]) ? yes : no;
    // Nothing is less than 0, and nothing greater than all ones.
    if (greater === less || high === 0) return this.out.test(codes.equal, high, low, greater, held);
    const notGreater = this.out.test(codes.equal, high, low, less, held);
    return high === whole ? notGreater : this.out.test(codes.greater, high, greater, notGreater, held);
  }

  private masked({ index, high, low, maskHigh, maskLow }: Test, yes: Target, no: Target): Target {
    const lower = maskLow === 0 ? yes : this.maskedHalf(offsetOf(index, this.little, false), maskLow, low, yes, no);
    if (!this.wide || maskHigh === 0) return lower;
    return this.maskedHalf(offsetOf(index, this.little, true), maskHigh, high, lower, no);
  }

  private maskedHalf(offset: number, mask: number, wanted: number, yes: Target, no: Target): Target {
    if (mask === whole) return this.load(offset, this.out.test(codes.equal, wanted, yes, no, offset));
    if (wanted === 0) return this.load(offset, this.out.test(codes.bits, mask, no, yes, offset));
    if (wanted === mask && (mask & (mask - 1)) === 0)
      return this.load(offset, this.out.test(codes.bits, mask, yes, no, offset));
    this.out.continueAt(this.out.test(codes.equal, wanted, yes, no, -1));
    this.out.and(mask);
    return this.out.load(offset);
  }

  /** Puts a load before a target that looks at what was loaded. */
  private load(offset: number, target: Target): Target {
    if (target < 0 || !this.out.looksAtA(target)) return target;
    this.out.continueAt(target);
    return this.out.load(offset);
  }
}

const soleTest = ({ tests }: Case): Test => tests[0] as Test;

/** Whether two neighbours can be asked together: one of them is enough, and the upper half is the same. */
function together(one: Case, other: Case): boolean {
  if (one.value !== other.value || one.tests.length !== 1 || other.tests.length !== 1) return false;
  const [a, b] = [soleTest(one), soleTest(other)];
  const plain = a.op !== 'SCMP_CMP_MASKED_EQ' && b.op !== 'SCMP_CMP_MASKED_EQ';
  return plain && a.index === b.index && a.high === b.high;
}

function groups(list: readonly Case[]): Case[][] {
  const result: Case[][] = [];
  for (const one of list) {
    const last = result.at(-1);
    if (last && together(last[0] as Case, one)) last.push(one);
    else result.push([one]);
  }
  return result;
}
