import t from 'tap';
import { compile } from './compile.ts';
import type { ArchitectureName, Profile } from './profile.ts';
import { meanSteps, statistics } from './statistics.ts';

t.test('what a program costs on each of its architectures', async (t) => {
  const names: ArchitectureName[] = ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'];
  const profile: Profile = {
    defaultAction: 'SCMP_ACT_ERRNO',
    architectures: names,
    syscalls: [{ names: ['read'], action: 'SCMP_ACT_ALLOW' }],
  };
  const program = compile(profile);
  const found = statistics(program, names);
  t.equal(found.instructions, program.length / 2);
  t.strictSame(
    found.architectures.map(({ name }) => name),
    names,
  );
  const [own, x86, x32] = found.architectures as [
    (typeof found.architectures)[0],
    (typeof found.architectures)[0],
    (typeof found.architectures)[0],
  ];
  t.equal(own.instructions, x32.instructions, 'x86-64 and x32 arrive with the same AUDIT_ARCH');
  t.ok(x86.instructions > 3 && x86.instructions < found.instructions, 'no instructions for others are reached');
  t.ok(own.executed.some(({ call }) => call === 'read'));
  t.notOk(
    x86.executed.some(({ call }) => call === 'newfstatat'),
    'only calls that are there',
  );
  // ld arch, jeq, ld nr, up to two comparisons of numbers for x86-64 and one for x32, ret.
  t.ok(meanSteps(own) >= 5 && meanSteps(own) <= 7, `${meanSteps(own)} steps`);
});

t.test('every instruction of a filter for one architecture is reached', async (t) => {
  const profile: Profile = {
    defaultAction: 'SCMP_ACT_ALLOW',
    syscalls: [
      { names: ['read', 'mount'], action: 'SCMP_ACT_KILL' },
      { names: ['clone'], action: 'SCMP_ACT_TRAP', args: [{ index: 0, op: 'SCMP_CMP_GE', value: 1 }] },
    ],
  };
  const program = compile(profile, { native: 'SCMP_ARCH_AARCH64' });
  const [cost] = statistics(program, ['SCMP_ARCH_AARCH64']).architectures;
  // Other architectures share the return of KILL.
  t.equal(cost?.instructions, program.length / 2);
});
