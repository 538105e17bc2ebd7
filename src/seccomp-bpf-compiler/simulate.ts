import type { Call } from './profile.ts';

/** What a filter answered. */
export interface Verdict {
  /** SECCOMP_RET_… with its data. */
  readonly value: number;
  /** Instructions that were executed. */
  readonly executed: number;
}

/** Bytes of struct seccomp_data. */
export const dataSize = 64;

/** What struct seccomp_data holds at an offset, as the machine has it in memory. */
function wordAt({ arch, nr, args }: Call, offset: number, little: boolean): number {
  if (offset === 0) return nr >>> 0;
  if (offset === 4) return arch >>> 0;
  if (offset < 16) return 0;
  const arg = args[(offset - 16) >> 3] ?? 0n;
  const high = ((offset & 4) !== 0) === little;
  return Number((high ? arg >> 32n : arg) & 0xffffffffn);
}

const alu: { readonly [op: number]: (a: number, k: number) => number } = {
  0x00: (a, k) => a + k,
  0x10: (a, k) => a - k,
  0x20: (a, k) => Math.imul(a, k),
  0x30: (a, k) => Math.floor((a >>> 0) / k),
  0x40: (a, k) => a | k,
  0x50: (a, k) => a & k,
  0x60: (a, k) => a << k,
  0x70: (a, k) => (a >>> 0) >>> k,
  0x80: (a) => -a,
  0x90: (a, k) => (a >>> 0) % k,
  0xa0: (a, k) => a ^ k,
};

const jumps: { readonly [op: number]: (a: number, k: number) => boolean } = {
  0x10: (a, k) => a === k,
  0x20: (a, k) => a > k,
  0x30: (a, k) => a >= k,
  0x40: (a, k) => (a & k) !== 0,
};

/** Runs a program of classic BPF as the kernel does: A, X, M[], and only what seccomp_check_filter lets through. */
export function simulate(program: Uint32Array, call: Call, little = true): Verdict {
  const memory = new Uint32Array(16);
  let [a, x, executed] = [0, 0, 0];
  for (let at = 0; ; at++) {
    if (2 * at >= program.length) throw new Error(`the program runs past its end, to instruction ${at}`);
    const word = program[2 * at] as number;
    const k = program[2 * at + 1] as number;
    const code = word & 0xffff;
    const operand = code & 0x08 ? x : k;
    executed++;
    if (code === 0x06) return { value: k, executed };
    if (code === 0x16) return { value: a, executed };
    if (code === 0x20) a = wordAt(call, k, little);
    else if (code === 0x80) a = dataSize;
    else if (code === 0x00) a = k;
    else if (code === 0x01) x = k;
    else if (code === 0x60) a = memory[k] as number;
    else if (code === 0x61) x = memory[k] as number;
    else if (code === 0x02) memory[k] = a;
    else if (code === 0x03) memory[k] = x;
    else if (code === 0x07) x = a;
    else if (code === 0x87) a = x;
    else if ((code & 7) === 4) a = (alu[code & 0xf0] as (typeof alu)[0])(a, operand) >>> 0;
    else if (code === 0x05) at += k;
    else at += (jumps[code & 0xf0] as (typeof jumps)[0])(a, operand) ? (word >>> 16) & 0xff : word >>> 24;
  }
}

const known = new Set([
  ...[0x00, 0x01, 0x02, 0x03, 0x05, 0x06, 0x07, 0x15, 0x16, 0x1d, 0x20, 0x25, 0x2d, 0x35, 0x3d, 0x45, 0x4d, 0x60, 0x61],
  ...[0x80, 0x81, 0x87, 0x84, ...[0, 1, 2, 3, 4, 5, 6, 7, 9, 10].flatMap((op) => [(op << 4) | 4, (op << 4) | 12])],
]);

/** Why the kernel would refuse a program (bpf_check_classic, seccomp_check_filter); undefined if it takes it. */
export function refusal(program: Uint32Array): string | undefined {
  const count = program.length / 2;
  if (count === 0 || count > 4096) return `${count} instructions`;
  for (let at = 0; at < count; at++) {
    const word = program[2 * at] as number;
    const k = program[2 * at + 1] as number;
    const code = word & 0xffff;
    if (!known.has(code)) return `instruction ${at} has code 0x${code.toString(16)}`;
    if (code === 0x20 && (k % 4 !== 0 || k >= dataSize)) return `instruction ${at} loads from ${k}`;
    const furthest = code === 0x05 ? k : (code & 7) === 5 ? Math.max((word >>> 16) & 0xff, word >>> 24) : 0;
    if (at + furthest + 1 > count - 1 && (code & 7) === 5) return `instruction ${at} jumps past the end`;
  }
  return ((program[2 * count - 2] as number) & 7) === 6 ? undefined : 'the last instruction returns nothing';
}
