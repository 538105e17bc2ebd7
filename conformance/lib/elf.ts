/** What an ELF file is to claim. */
export interface ElfClaims {
  /** e_machine; 62 is x86-64, 183 is arm64. */
  readonly machine?: number;
  /** e_type: 2 an executable, 1 an object file. */
  readonly type?: number;
  /** The loader that it names. */
  readonly loader?: string;
}

const machines: Readonly<Record<string, number>> = { x64: 62, arm64: 183 };

/** e_machine of this machine, and of another. */
export const ownMachine = machines[process.arch] ?? 0;
export const otherMachine = ownMachine === 183 ? 62 : 183;

const headerSize = 64;
const entrySize = 56;

/** A file of the class ELF64 with nothing in it but what the kernel reads before it begins to execute it. */
export const elf = ({ machine = ownMachine, type = 2, loader = '' }: ElfClaims): Uint8Array => {
  const text = new TextEncoder().encode(`${loader}\0`);
  const bytes = new Uint8Array(headerSize + entrySize + text.length);
  const view = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(16, type, true);
  view.setUint16(18, machine, true);
  view.setUint32(20, 1, true);
  view.setBigUint64(32, BigInt(headerSize), true);
  view.setUint16(52, headerSize, true);
  view.setUint16(54, entrySize, true);
  view.setUint16(56, 1, true);
  const interpreter = 3;
  view.setUint32(headerSize, loader ? interpreter : 0, true);
  view.setBigUint64(headerSize + 8, BigInt(headerSize + entrySize), true);
  view.setBigUint64(headerSize + 32, BigInt(text.length), true);
  bytes.set(text, headerSize + entrySize);
  return bytes;
};
