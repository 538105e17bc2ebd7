/** For tests: runs a device program as the kernel would, as far as its verifier lets such a program come. */

/** What a process wants: bits as in struct bpf_cgroup_dev_ctx. */
export interface Wanted {
  /** 1 block, 2 character device */
  readonly type: number;
  readonly major: number;
  readonly minor: number;
  /** Bits: 1 mknod, 2 read, 4 write. */
  readonly access: number;
}

/** JMP32 with an immediate, by the operation in the upper half of the code. */
const comparisons: Readonly<Record<number, (value: number, immediate: number) => boolean>> = {
  0x10: (value, immediate) => value === immediate,
  0x20: (value, immediate) => value > immediate,
  0x30: (value, immediate) => value >= immediate,
  0x40: (value, immediate) => (value & immediate) !== 0,
  0x50: (value, immediate) => value !== immediate,
  0xa0: (value, immediate) => value < immediate,
  0xb0: (value, immediate) => value <= immediate,
};

/** The answer of a program; throws where the verifier would refuse it. */
export function simulate(program: Uint8Array, { type, major, minor, access }: Wanted): number {
  const view = new DataView(program.buffer, program.byteOffset, program.length);
  const context = [((access << 16) | type) >>> 0, major, minor];
  const registers: (number | undefined)[] = [];
  const read = (register: number): number => {
    const value = registers[register];
    if (value === undefined) throw new Error(`r${register} has nothing in it`);
    return value;
  };
  for (let at = 0; ; at += 1) {
    if (at * 8 >= program.length) throw new Error('runs off its end');
    const [code, pair] = [view.getUint8(at * 8), view.getUint8(at * 8 + 1)];
    const [destination, source] = [pair & 15, pair >> 4];
    const [offset, immediate] = [view.getInt16(at * 8 + 2, true), view.getUint32(at * 8 + 4, true)];
    if (offset < 0) throw new Error(`goes back at ${at}`);
    if (code === 0x95) return read(0);
    if (code === 0x61) {
      if (source !== 1 || context[offset / 4] === undefined) throw new Error(`loads what is not there at ${at}`);
      registers[destination] = context[offset / 4];
    } else if (code === 0xb4) registers[destination] = immediate;
    else if (code === 0x05) at += offset;
    else {
      const comparison = (code & 15) === 0x06 ? comparisons[code & 0xf0] : undefined;
      if (!comparison) throw new Error(`unknown instruction ${code} at ${at}`);
      if (comparison(read(destination), immediate)) at += offset;
    }
  }
}

/** Instructions that nothing leads to: the verifier refuses a program that has some (check_cfg). */
export function unreachable(program: Uint8Array): number[] {
  const view = new DataView(program.buffer, program.byteOffset, program.length);
  const count = program.length / 8;
  const reached = new Set([0]);
  for (let at = 0; at < count; at += 1) {
    if (!reached.has(at)) continue;
    const code = view.getUint8(at * 8);
    if (code === 0x95) continue;
    if (code !== 0x05) reached.add(at + 1);
    if ((code & 15) === 0x06 || code === 0x05) reached.add(at + 1 + view.getInt16(at * 8 + 2, true));
  }
  return [...Array(count).keys()].filter((at) => !reached.has(at)).concat([...reached].filter((at) => at >= count));
}
