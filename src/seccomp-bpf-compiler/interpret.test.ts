import fc from 'fast-check';
import t from 'tap';
import { architectures } from './architectures.ts';
import { interpreter, meets, outlook } from './interpret.ts';
import type { ArchitectureName, Profile } from './profile.ts';
import { numberOf } from './syscalls.ts';
import { anyProfile, callsTo, seed, shownCall } from './test/random.ts';

t.comment(`seed ${seed}`);
const native = 'SCMP_ARCH_X86_64';

t.test('random profiles: the first candidate that holds is what decides', async () => {
  fc.assert(
    fc.property(anyProfile, fc.nat(), (profile, pick) => {
      const listed = profile.architectures as readonly ArchitectureName[];
      const own = listed[0] as ArchitectureName;
      const name = listed[pick % listed.length] as ArchitectureName;
      const decide = interpreter(profile, { native: own });
      for (const call of callsTo(profile, name).filter((_, at) => at % 7 === pick % 7)) {
        const expected = decide(call);
        const { candidates, otherwise } = outlook(profile, { native: own }, call);
        const architecture = otherwise.architecture as ArchitectureName;
        const first = candidates.find(({ conditions }) =>
          conditions.every((one) => meets(one, call.args[one.index] ?? 0n, architecture)),
        );
        if ((first ?? otherwise).value !== expected.value || first?.rule !== expected.rule)
          throw new Error(`${shownCall(call)}: rule ${first?.rule}, not ${expected.rule}`);
      }
    }),
    { seed, numRuns: 20 },
  );
});

t.test('what comes behind a rule without conditions is no candidate', async (t) => {
  const profile: Profile = {
    defaultAction: 'SCMP_ACT_ERRNO',
    syscalls: [
      { names: ['read'], action: 'SCMP_ACT_KILL', args: [{ index: 0, op: 'SCMP_CMP_EQ', value: 1 }] },
      { names: ['read'], action: 'SCMP_ACT_ALLOW' },
      { names: ['read'], action: 'SCMP_ACT_LOG' },
    ],
  };
  const { audit } = architectures[native];
  const asked = { arch: audit, nr: numberOf(architectures[native], 'read') };
  t.strictSame(
    outlook(profile, { native }, asked).candidates.map(({ rule }) => rule),
    [1],
  );
  t.equal(outlook(profile, { native }, { arch: 1, nr: 0 }).otherwise.reason, 'unknown architecture');
});
