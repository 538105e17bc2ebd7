/** The few eBPF instructions that a device program is made of (Documentation/bpf/standardization/instruction-set.rst). */

/** Operation codes; comparisons are those of 32 bits (JMP32, Linux 5.1), without a sign. */
export const codes = {
  /** destination = *(u32 *)(source + offset) */
  load: 0x61,
  /** destination = immediate */
  set: 0xb4,
  /** if (destination == immediate) jump */
  ifEqual: 0x16,
  /** if (destination & immediate) jump */
  ifAnyBit: 0x46,
  /** if (destination != immediate) jump */
  ifNot: 0x56,
  /** if (destination < immediate) jump */
  ifBelow: 0xa6,
  /** if (destination <= immediate) jump */
  ifAtMost: 0xb6,
  /** jump */
  jump: 0x05,
  /** return r0 */
  exit: 0x95,
} as const;

/** Where the last instruction of a program is, for whatever jumps there before that is known. */
export const end = -1;

export interface Instruction {
  readonly code: keyof typeof codes;
  readonly destination: number;
  readonly source: number;
  /** How many instructions a jump leaves out, or `end`; the byte of a load. */
  readonly offset: number;
  readonly immediate: number;
}

export const instruction = (
  code: keyof typeof codes,
  destination = 0,
  immediate = 0,
  offset = 0,
  source = 0,
): Instruction => ({ code, destination, source, offset, immediate });

/** struct bpf_insn */
const size = 8;

/** The most that a jump leaves out, as signed 16 bits. */
const farthest = 0x7fff;

/** The program as the kernel takes it; undefined where a jump would be too far. */
export function encoded(program: readonly Instruction[]): Uint8Array | undefined {
  const bytes = new Uint8Array(program.length * size);
  const view = new DataView(bytes.buffer);
  for (const [index, { code, destination, source, offset, immediate }] of program.entries()) {
    const jump = offset === end ? program.length - 2 - index : offset;
    if (jump > farthest) return undefined;
    view.setUint8(index * size, codes[code]);
    view.setUint8(index * size + 1, (source << 4) | destination);
    view.setInt16(index * size + 2, jump, true);
    view.setUint32(index * size + 4, immediate, true);
  }
  return bytes;
}
