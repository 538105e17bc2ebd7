import { describeReturn } from './actions.ts';

const names: { readonly [code: number]: string } = {
  0x15: 'jeq',
  0x25: 'jgt',
  0x35: 'jge',
  0x45: 'jset',
};

const hex = (value: number): string => `0x${value.toString(16)}`;

/** A word of struct seccomp_data. */
function dataAt(offset: number, little: boolean): string {
  if (offset === 0) return 'nr';
  if (offset === 4) return 'arch';
  if (offset < 16) return `instruction_pointer+${offset - 8}`;
  const high = ((offset & 4) !== 0) === little;
  return `args[${(offset - 16) >> 3}].${high ? 'high' : 'low'}`;
}

/** One line for each instruction, with the numbers of those that it jumps to. */
export function disassemble(program: Uint32Array, little = true): string[] {
  const lines: string[] = [];
  for (let at = 0; 2 * at < program.length; at++) {
    const word = program[2 * at] as number;
    const k = program[2 * at + 1] as number;
    lines.push(`${String(at).padStart(4)}  ${instruction(word, k, at, little)}`);
  }
  return lines;
}

function instruction(word: number, k: number, at: number, little: boolean): string {
  const code = word & 0xffff;
  if (code === 0x20) return `ld   ${dataAt(k, little)}`;
  if (code === 0x54) return `and  ${hex(k)}`;
  if (code === 0x05) return `ja   ${at + 1 + k}`;
  if (code === 0x06) return `ret  ${describeReturn(k)}`;
  const name = names[code];
  if (name === undefined) return `code ${hex(code)} jt=${(word >>> 16) & 0xff} jf=${word >>> 24} k=${hex(k)}`;
  return `${name.padEnd(4)} ${hex(k)}, ${at + 1 + ((word >>> 16) & 0xff)}, ${at + 1 + (word >>> 24)}`;
}
