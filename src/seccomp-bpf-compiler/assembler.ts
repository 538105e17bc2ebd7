import { SeccompError } from './error.ts';

/** BPF_MAXINSNS of linux/bpf_common.h: the kernel takes no longer program. */
export const longest = 4096;

/** Codes of instructions (linux/bpf_common.h): all that the compiler writes. */
export const codes = {
  load: 0x20,
  and: 0x54,
  jump: 0x05,
  equal: 0x15,
  greater: 0x25,
  atLeast: 0x35,
  bits: 0x45,
  ret: 0x06,
};

/** How far a conditional jump reaches; one instruction is kept in reserve for the way of the other branch. */
const reach = 254;

/**
 * Where to go on: an instruction, by its distance from the end of the program (≥ 0), or the return of a value, which is
 * kept as one's complement (< 0) because it is written wherever it is needed.
 */
export type Target = number;

export const returning = (value: number): Target => -1 - value;

/**
 * Writes a program from its end to its beginning: jumps only go forwards, so whatever an instruction jumps to has been
 * written before it.
 */
export class Assembler {
  private readonly words = new Uint32Array(2 * longest);
  private count = 0;
  private readonly returns = new Map<number, number>();
  private readonly bridges = new Map<number, number>();

  /** Instructions so far; the next one gets this number, counted from the end. */
  get length(): number {
    return this.count;
  }

  private write(code: number, k: number): number {
    if (this.count >= longest)
      throw new SeccompError(`the profile needs more than ${longest} instructions, which the kernel does not take`);
    this.words[2 * this.count] = code;
    this.words[2 * this.count + 1] = k;
    return this.count++;
  }

  /** Puts `A = seccomp_data[offset]` before what was written last. */
  load(offset: number): Target {
    return this.write(codes.load, offset);
  }

  /** Puts a load before a target, wherever that is. */
  startWithLoad(offset: number, target: Target): Target {
    this.continueAt(target);
    return this.load(offset);
  }

  /** Puts `A &= mask` before what was written last. */
  and(mask: number): Target {
    return this.write(codes.and, mask);
  }

  /** A place for a target that the next instruction, or the one after it, can jump to. */
  private near(target: Target): number {
    if (target >= 0 && this.count - target <= reach) return target;
    const places = target < 0 ? this.returns : this.bridges;
    const known = places.get(target);
    if (known !== undefined && this.count - known <= reach) return known;
    const place = target < 0 ? this.write(codes.ret, -1 - target) : this.write(codes.jump, this.count - target - 1);
    places.set(target, place);
    return place;
  }

  /** Behind the load at `target` if A holds that word already. */
  private past(target: Target, held: number): Target {
    const loads = target > 0 && this.words[2 * target] === codes.load && this.words[2 * target + 1] === held;
    return loads ? target - 1 : target;
  }

  /**
   * Puts a conditional jump before what was written last.
   * @param held offset of the word that A holds, or -1
   */
  test(code: number, k: number, yes: Target, no: Target, held: number): Target {
    const onYes = yes < 0 ? yes : this.past(yes, held);
    const onNo = no < 0 ? no : this.past(no, held);
    if (onYes === onNo) return this.begin(onYes);
    const first = this.near(onYes);
    const second = this.near(onNo);
    const at = this.count;
    return this.write(code | ((at - first - 1) << 16) | ((at - second - 1) << 24), k);
  }

  /** Makes a target the place that a program can begin at: a return is written out. */
  begin(target: Target): Target {
    return target < 0 ? this.near(target) : target;
  }

  /** Whether the instruction at a target uses what A holds. */
  looksAtA(target: Target): boolean {
    const code = (this.words[2 * target] as number) & 0xffff;
    return code !== codes.load && code !== codes.ret;
  }

  /** Makes what was written last go on at a target, by falling into it or by a jump. */
  continueAt(target: Target): Target {
    if (target >= 0 && target === this.count - 1) return target;
    return target < 0 ? this.write(codes.ret, -1 - target) : this.write(codes.jump, this.count - target - 1);
  }

  /** The program in its order: two words an instruction, `code | jt << 16 | jf << 24` and `k`. */
  program(): Uint32Array {
    const result = new Uint32Array(2 * this.count);
    for (let at = 0; at < this.count; at++) {
      const from = 2 * (this.count - 1 - at);
      result[2 * at] = this.words[from] as number;
      result[2 * at + 1] = this.words[from + 1] as number;
    }
    return result;
  }
}
