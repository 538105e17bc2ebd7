import fc from 'fast-check';
import t from 'tap';
import { compile } from './compile.ts';
import { interpreter } from './interpret.ts';
import type { Condition, Profile } from './profile.ts';
import { engineProfiles } from './test/profiles.ts';
import { anyProfile, callsTo, patience, runs, seed, shownCall } from './test/random.ts';

t.setTimeout(patience);
t.comment(`seed ${seed}, ${runs} profiles`);

const x86 = 'SCMP_ARCH_X86_64';
const deny = { defaultAction: 'SCMP_ACT_ERRNO' } as const;
const allow = { action: 'SCMP_ACT_ALLOW' } as const;

/** What is said about rules that have no effect, by pointer. */
function idle(profile: Profile): Record<string, string> {
  const told: Record<string, string> = {};
  compile(profile, { native: x86, warn: (message, pointer) => (told[pointer] = message) });
  return told;
}

t.test('rules that never count are told of', async (t) => {
  const names = ['read', 'write'];
  const kill = { names: ['write'], action: 'SCMP_ACT_KILL' } as const;
  const is = (value: number): { args: Condition[] } => ({ args: [{ index: 0, op: 'SCMP_CMP_EQ', value }] });
  const of = (...syscalls: Profile['syscalls'] & object): Record<string, string> => idle({ ...deny, syscalls });
  const plain = 'the rule about write never counts: that of syscalls/0 does, which has no conditions';
  const same = 'the rule about write never counts: that of syscalls/0 does, which has the same conditions';
  t.strictSame(of({ names, ...allow }, kill), { '/syscalls/1/names/0': plain });
  t.strictSame(of({ names, ...allow }, { ...kill, ...is(1) }), { '/syscalls/1/names/0': plain });
  t.strictSame(of({ names, ...allow }, { ...kill, action: 'SCMP_ACT_ERRNO' }), { '/syscalls/1/names/0': plain });
  t.strictSame(of({ ...kill, ...is(1) }, { names, ...allow }), {
    '/syscalls/0/names/0': plain.replace('syscalls/0', 'syscalls/1'),
  });
  t.strictSame(of({ names, ...allow, ...is(1) }, { ...kill, ...is(1) }), { '/syscalls/1/names/0': same });
  t.strictSame(of({ ...kill, action: 'SCMP_ACT_ERRNO', ...is(1) }, { names, ...allow, ...is(1) }), {
    '/syscalls/0/names/0': same.replace('syscalls/0', 'syscalls/1'),
  });
  t.strictSame(of({ names, ...allow }, { names, ...allow }), {}, 'twice the same is no contradiction');
  t.strictSame(of({ names, ...allow, ...is(1) }, { ...kill, ...is(2) }), {}, 'other conditions');
  t.strictSame(of({ names, ...allow, ...is(1) }, { names, action: 'SCMP_ACT_ERRNO' }), {}, 'what all others get');
  for (const [engine, profile] of Object.entries(engineProfiles()))
    // It lets setns through, and forbids it further down.
    t.strictSame(
      Object.values(idle(profile)).map((text) => /about (\w+)/.exec(text)?.[1]),
      engine === 'podman' ? ['setns'] : [],
      engine,
    );
});

t.test('random profiles: without a rule that never counts the filter is the same', async () => {
  fc.assert(
    fc.property(anyProfile, (profile) => {
      const { syscalls = [] } = profile;
      const known = syscalls.map((rule) => ({ ...rule, names: rule.names.filter((name) => name !== 'no_such_call') }));
      const places = Object.keys(idle({ ...profile, syscalls: known }));
      const rest = known.map((rule, at) => ({
        ...rule,
        names: rule.names.filter((_, which) => !places.includes(`/syscalls/${at}/names/${which}`)),
      }));
      const decide = interpreter({ ...profile, syscalls: known }, {});
      const without = interpreter({ ...profile, syscalls: rest }, {});
      const [name = x86] = profile.architectures ?? [];
      for (const one of callsTo(profile, name))
        if (decide(one).value !== without(one).value) throw new Error(`${places.join(' ')}: ${shownCall(one)}`);
    }),
    { seed, numRuns: runs },
  );
});
