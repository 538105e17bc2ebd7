/** `linux.seccomp` of an OCI config (config-linux.md "Seccomp"), as far as a filter is made of it. */
export interface Profile {
  readonly defaultAction: Action;
  readonly defaultErrnoRet?: number | undefined;
  readonly architectures?: readonly ArchitectureName[] | undefined;
  readonly syscalls?: readonly Rule[] | undefined;
}

/** What becomes of some system calls if all conditions hold. */
export interface Rule {
  readonly names: readonly string[];
  readonly action: Action;
  readonly errnoRet?: number | undefined;
  readonly args?: readonly Condition[] | undefined;
}

/** A condition on an argument. A value that a number cannot hold exactly has to be a bigint. */
export interface Condition {
  readonly index: number;
  readonly op: Operator;
  readonly value: number | bigint;
  readonly valueTwo?: number | bigint | undefined;
}

export type Action =
  | 'SCMP_ACT_KILL'
  | 'SCMP_ACT_KILL_PROCESS'
  | 'SCMP_ACT_KILL_THREAD'
  | 'SCMP_ACT_TRAP'
  | 'SCMP_ACT_ERRNO'
  | 'SCMP_ACT_TRACE'
  | 'SCMP_ACT_ALLOW'
  | 'SCMP_ACT_LOG'
  | 'SCMP_ACT_NOTIFY';

export type Operator =
  'SCMP_CMP_NE' | 'SCMP_CMP_LT' | 'SCMP_CMP_LE' | 'SCMP_CMP_EQ' | 'SCMP_CMP_GE' | 'SCMP_CMP_GT' | 'SCMP_CMP_MASKED_EQ';

export type ArchitectureName =
  | 'SCMP_ARCH_X86'
  | 'SCMP_ARCH_X86_64'
  | 'SCMP_ARCH_X32'
  | 'SCMP_ARCH_ARM'
  | 'SCMP_ARCH_AARCH64'
  | 'SCMP_ARCH_LOONGARCH64'
  | 'SCMP_ARCH_M68K'
  | 'SCMP_ARCH_MIPS'
  | 'SCMP_ARCH_MIPS64'
  | 'SCMP_ARCH_MIPS64N32'
  | 'SCMP_ARCH_MIPSEL'
  | 'SCMP_ARCH_MIPSEL64'
  | 'SCMP_ARCH_MIPSEL64N32'
  | 'SCMP_ARCH_PPC'
  | 'SCMP_ARCH_PPC64'
  | 'SCMP_ARCH_PPC64LE'
  | 'SCMP_ARCH_S390'
  | 'SCMP_ARCH_S390X'
  | 'SCMP_ARCH_SH'
  | 'SCMP_ARCH_SHEB'
  | 'SCMP_ARCH_PARISC'
  | 'SCMP_ARCH_PARISC64'
  | 'SCMP_ARCH_RISCV64';

/** What a filter is made for. */
export interface Options {
  /** The kernel's own architecture, which is always part of the filter. Absent: only those that the profile names. */
  readonly native?: ArchitectureName | undefined;
  /** Gets a line about whatever in the profile has no effect. */
  readonly warn?: ((message: string, pointer: string) => void) | undefined;
}

/** What a filter is asked (struct seccomp_data of seccomp(2)); the instruction pointer is never looked at. */
export interface Call {
  /** The AUDIT_ARCH_… of the calling convention. */
  readonly arch: number;
  readonly nr: number;
  /** Six values of 64 bits. */
  readonly args: readonly bigint[];
}
