import type { packedNumbers } from './tables.ts';
import type { ArchitectureName } from './profile.ts';

/** What a filter has to know of an architecture. */
export interface Architecture {
  /** AUDIT_ARCH_… of linux/audit.h: `arch` of struct seccomp_data. */
  readonly audit: number;
  readonly table: keyof typeof packedNumbers;
  /** Least number of the architecture: where several of them share an AUDIT_ARCH, or a processor its numbers. */
  readonly base: number;
  /** Arguments have 64 bits; where not, only their lower halves are compared, as libseccomp does it. */
  readonly wide: boolean;
  readonly little: boolean;
}

const arch = (
  audit: number,
  table: keyof typeof packedNumbers,
  wide: boolean,
  little: boolean,
  base = 0,
): Architecture => ({ audit, table, base, wide, little });

/** x32 calls have this bit in their number; they come with the AUDIT_ARCH of x86-64. */
export const x32Bit = 0x40000000;

/** All that the specification names. */
export const architectures: { readonly [name in ArchitectureName]: Architecture } = {
  SCMP_ARCH_X86: arch(0x40000003, 'x86', false, true),
  SCMP_ARCH_X86_64: arch(0xc000003e, 'x86_64', true, true),
  SCMP_ARCH_X32: arch(0xc000003e, 'x32', false, true, x32Bit),
  SCMP_ARCH_ARM: arch(0x40000028, 'arm', false, true),
  SCMP_ARCH_AARCH64: arch(0xc00000b7, 'aarch64', true, true),
  SCMP_ARCH_LOONGARCH64: arch(0xc0000102, 'loongarch64', true, true),
  SCMP_ARCH_M68K: arch(0x00000004, 'm68k', false, false),
  SCMP_ARCH_MIPS: arch(0x00000008, 'mips', false, false, 4000),
  SCMP_ARCH_MIPS64: arch(0x80000008, 'mips64', true, false, 5000),
  SCMP_ARCH_MIPS64N32: arch(0xa0000008, 'mips64n32', false, false, 6000),
  SCMP_ARCH_MIPSEL: arch(0x40000008, 'mips', false, true, 4000),
  SCMP_ARCH_MIPSEL64: arch(0xc0000008, 'mips64', true, true, 5000),
  SCMP_ARCH_MIPSEL64N32: arch(0xe0000008, 'mips64n32', false, true, 6000),
  SCMP_ARCH_PPC: arch(0x00000014, 'ppc', false, false),
  SCMP_ARCH_PPC64: arch(0x80000015, 'ppc64', true, false),
  SCMP_ARCH_PPC64LE: arch(0xc0000015, 'ppc64', true, true),
  SCMP_ARCH_S390: arch(0x00000016, 's390', false, false),
  SCMP_ARCH_S390X: arch(0x80000016, 's390x', true, false),
  SCMP_ARCH_SH: arch(0x4000002a, 'sh', false, true),
  SCMP_ARCH_SHEB: arch(0x0000002a, 'sh', false, false),
  SCMP_ARCH_PARISC: arch(0x0000000f, 'parisc', false, false),
  SCMP_ARCH_PARISC64: arch(0x8000000f, 'parisc64', true, false),
  SCMP_ARCH_RISCV64: arch(0xc00000f3, 'riscv64', true, true),
};

/** Unknown system calls arrive as number 0, setup(2), on s390 (runc's patchbpf/enosys_linux.go). */
export const unknownIsZero = (name: ArchitectureName): boolean =>
  name === 'SCMP_ARCH_S390' || name === 'SCMP_ARCH_S390X';
