import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { arch, endianness, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import t from 'tap';
import { describeReturn } from './actions.ts';
import { architectures } from './architectures.ts';
import { bytesOf, compile } from './compile.ts';
import { interpreter } from './interpret.ts';
import type { ArchitectureName, Call, Profile } from './profile.ts';
import { numberOf } from './syscalls.ts';
import { anyProfile, callsTo, seed, shownCall } from './test/random.ts';

const natives: { readonly [arch: string]: ArchitectureName } = {
  x64: 'SCMP_ARCH_X86_64',
  arm64: 'SCMP_ARCH_AARCH64',
  riscv64: 'SCMP_ARCH_RISCV64',
  ppc64: 'SCMP_ARCH_PPC64LE',
  s390x: 'SCMP_ARCH_S390X',
  loong64: 'SCMP_ARCH_LOONGARCH64',
};
const native = natives[arch()];
if (native === undefined) throw new Error(`no architecture is known for ${arch()}`);

const SIGSYS = 31;
const folder = mkdtempSync(join(tmpdir(), 'ocirun-test-seccomp-'));
t.teardown(() => rmSync(folder, { recursive: true, force: true }));
const asker = join(folder, 'ask-kernel');
const source = fileURLToPath(new URL('./test/ask-kernel.c', import.meta.url));
execFileSync('musl-gcc', ['-static', '-Os', '-Wall', '-Wextra', '-Werror', '-o', asker, source]);

/** What the kernel does about calls under a filter. */
function kernelSays(program: Uint32Array, calls: readonly Call[]): string[] {
  const file = join(folder, 'program');
  writeFileSync(file, bytesOf(program, endianness() === 'LE'));
  const input = calls
    .map(({ nr, args }) => [BigInt(nr), ...args].map((word) => word.toString(16)).join(' '))
    .join('\n');
  return execFileSync(asker, [file], { input, encoding: 'utf8' }).trimEnd().split('\n');
}

/** What that has to be for a call that never fails: without a tracer or a listener, a call does not exist. */
function expected(value: number): string {
  const [action, data] = [(value & 0xffff0000) >>> 0, value & 0xffff];
  if (action === 0x7fff0000 || action === 0x7ffc0000) return 'done';
  if (action === 0x00050000) return data === 0 ? 'done' : `errno ${data}`;
  return action === 0x7ff00000 || action === 0x7fc00000 ? 'errno 38' : `signal ${SIGSYS}`;
}

/** getppid(2) takes no arguments, so whatever it is given is only looked at by the filter. */
const harmless = 'getppid';

t.test('the kernel takes the programs, and gives the verdicts', async (t) => {
  t.comment(`seed ${seed}`);
  const profiles = fc.sample(anyProfile, { seed, numRuns: 40 }).map((profile): Profile => ({
    ...profile,
    syscalls: (profile.syscalls ?? []).map((rule) => ({ ...rule, names: [...rule.names, harmless] })),
  }));
  const wrong: string[] = [];
  for (const profile of profiles) {
    const decide = interpreter(profile, { native });
    const nr = numberOf(architectures[native], harmless);
    const calls = callsTo(profile, native).filter((call) => call.nr === nr);
    const step = Math.ceil(calls.length / 12);
    const some = calls.filter((_, at) => at % step === 0);
    const answers = kernelSays(compile(profile, { native }), some);
    some.forEach((call, at) => {
      const { value } = decide(call);
      if (answers[at] !== expected(value))
        wrong.push(`${shownCall(call)}: ${answers[at]}, but the profile says ${describeReturn(value)}`);
    });
    if (answers.length !== some.length) wrong.push(`${answers.length} answers to ${some.length} calls`);
  }
  t.strictSame(wrong, []);
});

t.test('the longest program', async (t) => {
  const syscalls = Array.from({ length: 780 }, (_, value) => ({
    names: [harmless],
    action: 'SCMP_ACT_ERRNO' as const,
    errnoRet: value,
    args: [{ index: 0, op: 'SCMP_CMP_EQ' as const, value: 4294967296 * value + value }],
  }));
  const program = compile({ defaultAction: 'SCMP_ACT_ALLOW', syscalls }, { native });
  t.ok(program.length / 2 > 3500, `${program.length / 2} instructions`);
  const call = (value: bigint): Call => ({
    arch: architectures[native].audit,
    nr: numberOf(architectures[native], harmless),
    args: [value, 0n, 0n, 0n, 0n, 0n],
  });
  const answers = kernelSays(program, [call((77n << 32n) + 77n), call((779n << 32n) + 779n), call(77n)]);
  t.strictSame(answers, ['errno 77', 'errno 779', 'done']);
});
