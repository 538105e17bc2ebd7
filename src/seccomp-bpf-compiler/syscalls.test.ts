import { readFileSync } from 'node:fs';
import t from 'tap';
import { architectures } from './architectures.ts';
import type { ArchitectureName } from './profile.ts';
import { callsOf, kernelVersion, nameOf, numberOf } from './syscalls.ts';

const names = Object.keys(architectures) as ArchitectureName[];

t.test('all architectures of the specification, and no others', async (t) => {
  const schema = JSON.parse(readFileSync(new URL('../../spec-schemas/config.json', import.meta.url), 'utf8')) as {
    $defs: { SeccompArch: { enum: string[] } };
  };
  t.strictSame([...names].sort(), [...schema.$defs.SeccompArch.enum].sort());
});

t.test('numbers that everybody knows', async (t) => {
  const known: [ArchitectureName, string, number][] = [
    ['SCMP_ARCH_X86_64', 'read', 0],
    ['SCMP_ARCH_X86_64', 'execve', 59],
    ['SCMP_ARCH_X86_64', 'clone3', 435],
    ['SCMP_ARCH_X86', 'socketcall', 102],
    ['SCMP_ARCH_X86', 'clock_gettime64', 403],
    ['SCMP_ARCH_X32', 'execve', 0x40000000 + 520],
    ['SCMP_ARCH_ARM', 'set_tls', 0xf0005],
    ['SCMP_ARCH_ARM', 'sync_file_range2', 341],
    ['SCMP_ARCH_ARM', 'arm_sync_file_range', 341],
    ['SCMP_ARCH_AARCH64', 'openat', 56],
    ['SCMP_ARCH_RISCV64', 'riscv_flush_icache', 259],
    ['SCMP_ARCH_LOONGARCH64', 'statx', 291],
    ['SCMP_ARCH_M68K', 'cacheflush', 123],
    ['SCMP_ARCH_MIPSEL', 'open', 4005],
    ['SCMP_ARCH_MIPS64', 'read', 5000],
    ['SCMP_ARCH_MIPSEL64N32', 'read', 6000],
    ['SCMP_ARCH_PPC64LE', 'swapcontext', 249],
    ['SCMP_ARCH_PPC', 'ipc', 117],
    ['SCMP_ARCH_S390', 'chown', 182],
    ['SCMP_ARCH_S390X', 's390_pci_mmio_read', 353],
    ['SCMP_ARCH_SH', 'socketcall', 102],
    ['SCMP_ARCH_PARISC', 'openat', 275],
    ['SCMP_ARCH_PARISC64', 'openat', 275],
  ];
  for (const [arch, name, number] of known) t.equal(numberOf(architectures[arch], name), number, `${arch} ${name}`);
  t.equal(numberOf(architectures.SCMP_ARCH_X86_64, 'socketcall'), -1);
  t.equal(numberOf(architectures.SCMP_ARCH_X86_64, 'no_such_call'), -1);
  t.equal(numberOf(architectures.SCMP_ARCH_X86_64, 'toString'), -1);
});

t.test('there and back', async (t) => {
  for (const name of names) {
    const calls = callsOf(architectures[name]);
    t.ok(calls.length > 290, `${name}: ${calls.length} calls`);
    const wrong = calls.filter(([call, number]) => {
      const back = nameOf(architectures[name], number);
      return (
        back === undefined ||
        numberOf(architectures[name], back) !== number ||
        numberOf(architectures[name], call) !== number
      );
    });
    t.strictSame(wrong, [], name);
  }
  t.equal(nameOf(architectures.SCMP_ARCH_X86_64, 0), 'read');
  t.equal(nameOf(architectures.SCMP_ARCH_X86_64, 9999), undefined);
  t.equal(nameOf(architectures.SCMP_ARCH_X86_64, -1), undefined);
});

t.test('the kernel of the headers is told', async (t) => {
  t.match(kernelVersion, /^\d+\.\d+/);
});
