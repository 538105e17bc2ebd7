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
import { SeccompError } from './error.ts';
import { interpreter } from './interpret.ts';
import type { ArchitectureName, Call, Profile } from './profile.ts';
import { numberOf } from './syscalls.ts';
import { anyProfile, callsTo, patience, seed, shownCall, spoiltProfile } from './test/random.ts';

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

t.setTimeout(patience);

const SIGSYS = 31;
const folder = mkdtempSync(join(tmpdir(), 'ocirun-test-seccomp-'));
t.teardown(() => rmSync(folder, { recursive: true, force: true }));
const asker = join(folder, 'ask-kernel');
const source = fileURLToPath(new URL('./test/ask-kernel.c', import.meta.url));
execFileSync('musl-gcc', ['-static', '-Os', '-Wall', '-Wextra', '-Werror', '-o', asker, source]);

/** A filter, and what it is asked. */
interface Asked {
  readonly program: Uint32Array;
  readonly calls: readonly Call[];
}

/** What the kernel does about calls under filters. */
function kernelSays(asked: readonly Asked[]): string[][] {
  const files = asked.map(({ program }, which) => {
    const file = join(folder, `program.${which}`);
    writeFileSync(file, bytesOf(program, endianness() === 'LE'));
    return file;
  });
  const lines = asked.flatMap(({ calls }, which) =>
    calls.map(({ nr, args }) => [which, ...[nr, ...args].map((word) => word.toString(16))].join(' ')),
  );
  const answers = execFileSync(asker, files, { input: lines.join('\n'), encoding: 'utf8' })
    .trimEnd()
    .split('\n');
  if (answers.length !== lines.length) throw new Error(`${answers.length} answers to ${lines.length} calls`);
  return asked.map(({ calls }) => answers.splice(0, calls.length));
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
  const nr = numberOf(architectures[native], harmless);
  const asked = profiles.map((profile): Asked => {
    const calls = callsTo(profile, native).filter((call) => call.nr === nr);
    const step = Math.ceil(calls.length / 12);
    return { program: compile(profile, { native }), calls: calls.filter((_, at) => at % step === 0) };
  });
  const answers = kernelSays(asked);
  const wrong = profiles.flatMap((profile, which) => {
    const decide = interpreter(profile, { native });
    return (asked[which] as Asked).calls.flatMap((call, at) => {
      const { value } = decide(call);
      const found = answers[which]?.[at];
      return found === expected(value)
        ? []
        : `${shownCall(call)}: ${found}, but the profile says ${describeReturn(value)}`;
    });
  });
  t.strictSame(wrong, []);
});

t.test('profiles with nonsense: what is made into a filter at all is one that the kernel takes', async (t) => {
  const programs: Uint32Array[] = [];
  for (const profile of fc.sample(spoiltProfile, { seed, numRuns: 1000 })) {
    if (programs.length === 200) break;
    try {
      programs.push(compile(profile as Profile, { native }));
    } catch (error) {
      if (!(error instanceof SeccompError)) throw error;
    }
  }
  t.equal(programs.length, 200);
  const call = { arch: 0, nr: numberOf(architectures[native], harmless), args: [0n, 0n, 0n, 0n, 0n, 0n] };
  const answers = kernelSays(programs.map((program) => ({ program, calls: [call] }))).flat();
  t.strictSame(
    answers.filter((answer) => answer.startsWith('refused')),
    [],
  );
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
  const calls = [call((77n << 32n) + 77n), call((779n << 32n) + 779n), call(77n)];
  t.strictSame(kernelSays([{ program, calls }]), [['errno 77', 'errno 779', 'done']]);
});
