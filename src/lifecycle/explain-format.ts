import type { Code } from '../errors/catalogue.ts';
import type { Facts, Look } from './facts.ts';

/** What is wrong with the contents of a file that the kernel was to execute. */
export interface Misfit {
  readonly code: Code;
  /** What has to be said of it, behind its name. */
  readonly says: string;
  readonly hint: string;
}

/** e_machine of elf(5), by the names that images have. */
const machines: Readonly<Record<number, string>> = {
  2: 'sparc',
  3: 'x86 (32 bit)',
  4: 'm68k',
  8: 'mips',
  20: 'ppc',
  21: 'ppc64',
  22: 's390x',
  40: 'arm (32 bit)',
  42: 'sh',
  43: 'sparc64',
  62: 'x86-64',
  183: 'arm64',
  243: 'riscv64',
  247: 'BPF',
  258: 'loongarch64',
};

const machineName = (machine: number): string => machines[machine] ?? `machine ${machine}`;

/** Machines whose kernels may execute the programs of another as they are: their own, the other. */
const compatible: readonly (readonly [number, number])[] = [
  [62, 3],
  [183, 40],
  [21, 20],
];

const runsAsItIs = (kernel: number, machine: number): boolean =>
  kernel === machine || compatible.some(([own, other]) => own === kernel && other === machine);

const littleEndian = 1;

/** The architecture of a program that this machine cannot execute by itself. */
function foreign({ elf }: Look, kernel: Facts['kernel']): string | undefined {
  if (!elf || !kernel || runsAsItIs(kernel.machine, elf.machine)) return undefined;
  const name = machineName(elf.machine);
  return elf.machine === 21 && elf.order === littleEndian ? 'ppc64le' : name;
}

const madeFor = (name: string, kernel: Facts['kernel']): string =>
  `is made for ${name}, and this machine is ${machineName(kernel?.machine ?? 0)}`;

/** For another machine there is an emulator, which the kernel does not find in the container (ENOENT). */
export function emulatorMissing(look: Look, kernel: Facts['kernel']): Misfit | undefined {
  const name = foreign(look, kernel);
  return name === undefined
    ? undefined
    : {
        code: 'E_EXEC_ARCHITECTURE',
        says: `${madeFor(name, kernel)}: the emulator that binfmt_misc names for it does not exist in the container`,
        hint: 'take the image for this architecture, or register the emulator with the flag F',
      };
}

const elfTypes: Readonly<Record<number, string>> = {
  1: 'is an object file that has not been linked',
  4: 'is the memory dump of a process',
};

function elfMisfit(look: Look, kernel: Facts['kernel']): Misfit | undefined {
  const { elf } = look;
  if (!elf) return undefined;
  const image = 'take the image for this architecture, or install an emulator (qemu-user, binfmt_misc)';
  const name = foreign(look, kernel);
  if (name !== undefined) return { code: 'E_EXEC_ARCHITECTURE', says: madeFor(name, kernel), hint: image };
  if (kernel && elf.machine !== kernel.machine)
    return {
      code: 'E_EXEC_ARCHITECTURE',
      says: `is made for ${machineName(elf.machine)}, which this kernel does not execute on ${machineName(kernel.machine)}`,
      hint: image,
    };
  const type = elfTypes[elf.type];
  const hint = 'build or copy it again';
  if (type !== undefined) return { code: 'E_EXEC_FORMAT', says: type, hint };
  if (elf.machine === 62 && elf.bits === 1)
    return { code: 'E_EXEC_ARCHITECTURE', says: 'is made for x32, which this kernel does not execute', hint: image };
  return { code: 'E_EXEC_FORMAT', says: 'is an ELF file that is damaged or cut off', hint };
}

/** How files begin that nobody can execute: bytes in hexadecimal, what they are, what to do. */
const beginnings: readonly (readonly [string, string, string])[] = [
  ['efbbbf2321', 'begins with a byte order mark, and not with "#!"', 'save the script as UTF-8 without one'],
  ['fffe2300', 'is a script in UTF-16', 'save it as UTF-8'],
  ['feff0023', 'is a script in UTF-16', 'save it as UTF-8'],
  ['4d5a', 'is a program for Windows', 'build it for Linux'],
  ['cffaedfe', 'is a program for macOS', 'build it for Linux (GOOS=linux)'],
  ['cafebabe', 'is a program for macOS or a class of Java', 'build it for Linux, or start it with java'],
  ['0061736d', 'is a WebAssembly module', 'it needs a runtime for WebAssembly'],
  ['504b0304', 'is a ZIP or JAR archive', 'start a JAR with java -jar'],
  ['1f8b', 'is compressed', 'unpack it'],
  ['0a2321', 'has an empty line before "#!"', 'make "#!" its first two bytes'],
  ['0d0a2321', 'has an empty line before "#!"', 'make "#!" its first two bytes'],
  ['202321', 'has a blank before "#!"', 'make "#!" its first two bytes'],
];

/** Letters, blanks and line ends as far as the bytes go. */
const isText = (begins: string, size: number): boolean =>
  (begins.slice(0, Math.min(size, 8) * 2).match(/../g) ?? []).every((byte) =>
    /^(0[9ad]|[2-7][0-9a-f]|[89a-f].)$/.test(byte),
  );

/** Why the kernel knows no way to execute what is in the file (ENOEXEC). */
export function misfit(look: Look, kernel: Facts['kernel']): Misfit | undefined {
  const { line, begins, size = 0, read } = look;
  const because = (says: string, hint: string): Misfit => ({ code: 'E_EXEC_FORMAT', says, hint });
  const script = 'begin the script with its interpreter, as in #!/bin/sh';
  if (read !== undefined)
    return because(`is in no format that the kernel knows (it cannot be read: ${read})`, 'look at its contents');
  if (begins === undefined) return undefined;
  if (size === 0) return because('is empty', 'copy it again: writing it may have failed for want of room');
  if (line && !line.whole)
    return because('has a first line of more than 255 bytes', 'the kernel reads no more: shorten it');
  if (line) return because('has a first line that names no interpreter behind "#!"', script);
  const known = beginnings.find(([bytes]) => begins.startsWith(bytes));
  const elf = elfMisfit(look, kernel);
  if (elf) return elf;
  if (known) return because(known[1], known[2]);
  if (isText(begins, size)) return because('is a text that does not begin with "#!"', script);
  return because('is neither an ELF program nor a script', 'look at its contents: file(1) names many formats');
}

/** Loaders: the end of the path, what has it, and for which machine. */
const loaders: readonly (readonly [RegExp, string])[] = [
  [/\/ld-linux-x86-64\.so\.2$/, 'glibc for x86-64'],
  [/\/ld-linux-x32\.so\.2$/, 'glibc for x32'],
  [/\/ld-linux\.so\.2$/, 'glibc for x86 (32 bit)'],
  [/\/ld-linux-aarch64\.so\.1$/, 'glibc for arm64'],
  [/\/ld-linux-armhf\.so\.3$/, 'glibc for arm (32 bit)'],
  [/\/ld-linux-riscv64-lp64d?\.so\.1$/, 'glibc for riscv64'],
  [/\/ld64\.so\.2$/, 'glibc for ppc64le'],
  [/\/ld64\.so\.1$/, 'glibc for s390x or ppc64'],
  [/\/ld(64)?-uClibc/, 'uClibc'],
  [/^\/nix\/store\//, 'package of Nix that it was built with'],
  [/^\/system\/bin\/linker/, 'Android'],
];

/** What the image lacks that has the loader. */
export function libraryOf(loader: string): string | undefined {
  const musl = /\/ld-musl-([^/]+)\.so\.1$/.exec(loader)?.[1];
  return musl === undefined ? loaders.find(([path]) => path.test(loader))?.[1] : `musl for ${musl}`;
}
