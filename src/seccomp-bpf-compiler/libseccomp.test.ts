import fc from 'fast-check';
import t from 'tap';
import { describeReturn, returnValue } from './actions.ts';
import { architectures } from './architectures.ts';
import { compile } from './compile.ts';
import { interpreter } from './interpret.ts';
import { multiplexed } from './multiplexed.ts';
import type { ArchitectureName, Call, Profile } from './profile.ts';
import { simulate } from './simulate.ts';
import { nameOf, numberOf } from './syscalls.ts';
import { mostCommon } from './test/common.ts';
import { libseccompNumbers, libseccompPrograms } from './test/libseccomp.ts';
import { engineProfiles } from './test/profiles.ts';
import { anyProfile, architectureNames, callsTo, patience, runs, seed, shownCall } from './test/random.ts';

t.setTimeout(patience);
t.comment(`seed ${seed}, ${runs} profiles`);
const native = 'SCMP_ARCH_X86_64';

/**
 * Names that either libseccomp or the kernel's headers have no number for somewhere where the other has one: newer ones,
 * for the most part, and what came to 31-bit s390 after Linux 6.12. The first two are taken for each other by libseccomp
 * (2.6.0) where the machine's own architecture has neither.
 */
const strange = new Set<string>(['sys_debug_setcontext', 'switch_endian']);

t.test('numbers are those of libseccomp', async (t) => {
  for (const name of architectureNames) {
    const hidden = new Set(multiplexed(architectures[name]).map(([call]) => call));
    const others = libseccompNumbers(name).filter(([, ours, theirs]) => ours !== theirs && (ours >= 0 || theirs >= 0));
    t.strictSame(
      others.filter(([, ours, theirs]) => ours >= 0 && theirs >= 0),
      [],
      `${name}: no other numbers`,
    );
    // What is behind socketcall and ipc has a number below 0 there that stands for both ways.
    for (const [call] of others.filter(([call]) => !hidden.has(call))) strange.add(call);
  }
  t.ok(strange.size < 20, `unknown to one of both: ${[...strange].join(' ')}`);
});

/** Rules with conditions about one number. */
interface Conditional {
  readonly values: Set<number>;
  rules: number;
  /** Whether all of them only compare for equality. */
  equal: boolean;
  /** Whether one of them has a mask, which may overlap with another one. */
  masked: boolean;
  /** The arguments that they are about. */
  readonly indexes: Set<number>;
  /** Whether one of them has several conditions, with a "less or equal" among them. */
  lessOrEqual: boolean;
}

/** What the rules with conditions are, for each number of an architecture. */
function conditional(profile: Profile, name: ArchitectureName): Map<number, Conditional> {
  const architecture = architectures[name];
  const result = new Map<number, Conditional>();
  const otherwise = defaultOf(profile);
  for (const { names, action, errnoRet, args = [] } of profile.syscalls ?? []) {
    const value = returnValue(action, errnoRet, '', '');
    if (value === otherwise) continue;
    for (const call of names) {
      const through = multiplexed(architecture).find(([other]) => other === call)?.[1].through;
      for (const nr of [call, through].map((one) => (one === undefined ? -1 : numberOf(architecture, one)))) {
        if (args.length === 0 && nr === numberOf(architecture, call)) continue;
        const entry = result.get(nr) ?? {
          values: new Set(),
          rules: 0,
          equal: true,
          masked: false,
          indexes: new Set(),
          lessOrEqual: false,
        };
        entry.values.add(value);
        entry.rules += new Set(args.map(({ index }) => index)).size < args.length ? args.length : 1;
        entry.equal &&= args.every(({ op }) => op === 'SCMP_CMP_EQ' || op === 'SCMP_CMP_MASKED_EQ');
        entry.masked ||= args.some(({ op }) => op === 'SCMP_CMP_MASKED_EQ');
        for (const { index } of args) entry.indexes.add(index);
        if (nr !== numberOf(architecture, call)) entry.indexes.add(0);
        entry.lessOrEqual ||= args.length > 1 && args.some(({ op }) => op === 'SCMP_CMP_LE');
        result.set(nr, entry);
      }
    }
  }
  return result;
}

const defaultOf = ({ defaultAction, defaultErrnoRet }: Profile): number =>
  returnValue(defaultAction, defaultErrnoRet, '', '');

/** libseccomp takes no errno of 4095, which the kernel does. */
const libraryErrno = (errno: number | undefined): number | undefined => (errno === 4095 ? 4094 : errno);

/** A profile that libseccomp takes: one order of bytes, names that it knows. */
function forLibrary(profile: Profile): Profile {
  const listed = profile.architectures as readonly ArchitectureName[];
  const { little } = architectures[listed[0] as ArchitectureName];
  return {
    ...profile,
    defaultErrnoRet: libraryErrno(profile.defaultErrnoRet),
    architectures: listed.filter((name) => architectures[name].little === little),
    syscalls: (profile.syscalls ?? [])
      .map((rule) => ({
        ...rule,
        names: rule.names.filter((name) => !strange.has(name)),
        errnoRet: libraryErrno(rule.errnoRet),
      }))
      .filter(({ names }) => names.length > 0),
  };
}

/**
 * Whether libseccomp may answer otherwise (README, "Where libseccomp answers otherwise"): rules that contradict each
 * other, several rules with ranges, and on narrow architectures "less or equal" after another condition.
 */
function differs(wide: boolean, found: Conditional | undefined): boolean {
  if (!found) return false;
  const { values, rules, equal, masked, indexes, lessOrEqual } = found;
  if (equal && !masked && indexes.size === 1) return false;
  return values.size > 1 || (rules > 1 && !equal) || (!wide && lessOrEqual);
}

/**
 * Programs of libseccomp 2.6.0 that are wrong by themselves: long ones for the other order of bytes, where it swaps the
 * bytes of some returns twice, and ones that compare the number of the call without having loaded it, because a block
 * of instructions is shared with an architecture where something else was loaded before.
 */
function isBroken(program: Uint32Array, { architectures: listed = [] }: Profile): boolean {
  if (!architectures[listed[0] as ArchitectureName].little && program.length > 2 * 255) return true;
  return listed.some((name) => {
    let at = 1;
    for (;;) {
      const [word, k] = [program[2 * at] as number, program[2 * at + 1] as number];
      if ((word & 0xffff) === 0x05) at += 1 + k;
      else if ((word & 0xffff) !== 0x15) return false;
      else if (k !== architectures[name].audit) at += 1 + (word >>> 24);
      else return startsWrong(program, at + 1 + ((word >>> 16) & 0xff));
    }
  });
}

function startsWrong(program: Uint32Array, at: number): boolean {
  const [word, k] = [program[2 * at] as number, program[2 * at + 1] as number];
  if ((word & 0xffff) === 0x05) return startsWrong(program, at + 1 + k);
  return (word & 0xffff) !== 0x06 && !((word & 0xffff) === 0x20 && k === 0);
}

t.test('random profiles: the verdicts are those of libseccomp', async (t) => {
  const profiles = fc.sample(anyProfile, { seed, numRuns: runs }).map(forLibrary);
  const peers = libseccompPrograms(profiles);
  let [asked, conditioned, doubtful, otherwise, refused, broken] = [0, 0, 0, 0, 0, 0];
  const wrong: string[] = [];
  profiles.forEach((profile, at) => {
    const theirs = peers[at]?.program;
    // EEXIST for rules that contradict each other, and what binary trees cannot be made of: README tells of both.
    if (!theirs) return refused++;
    if (isBroken(theirs, profile)) return broken++;
    const own = (profile.architectures as readonly ArchitectureName[])[0] as ArchitectureName;
    const ours = compile(profile, { native: own });
    const decide = interpreter(profile, { native: own });
    for (const name of profile.architectures as readonly ArchitectureName[]) {
      const rules = conditional(profile, name);
      for (const call of callsTo(profile, name)) {
        const { little, wide } = architectures[name];
        const [mine, other] = [simulate(ours, call, little).value, simulate(theirs, call, little).value];
        // runc's ENOSYS for newer calls is not libseccomp's, who gives them the default.
        const expected = decide(call).reason === 'newer than the profile' ? defaultOf(profile) : mine;
        const found = rules.get(call.nr);
        if (found) conditioned++;
        if (differs(wide, found)) {
          doubtful++;
          if (expected !== other) otherwise++;
          continue;
        }
        asked++;
        if (expected === other) continue;
        wrong.push(
          `profile ${at} ${name} ${shownCall(call)}: ${describeReturn(mine)}, libseccomp ${describeReturn(other)}`,
        );
      }
    }
  });
  t.comment(
    `${asked} calls compared, ${conditioned - doubtful} of them with conditions; of ${doubtful} more where libseccomp may ` +
      `answer otherwise ${otherwise} differ; ` +
      `${refused} profiles refused by libseccomp, ${broken} made wrong`,
  );
  t.strictSame(wrong.slice(0, 20), []);
  t.ok(asked > 1500 * runs, 'most calls were compared');
  t.ok(conditioned - doubtful > 100 * runs, 'those with conditions, too');
  // README tells of all kinds of them; a mistake in the order of rules shows as many more.
  t.ok(otherwise < 0.01 * doubtful, 'even those that may differ hardly ever do');
});

const plain = (name: string): Call => ({
  arch: architectures[native].audit,
  nr: numberOf(architectures[native], name),
  args: [0n, 0n, 0n, 0n, 0n, 0n],
});

for (const [engine, profile] of Object.entries(engineProfiles())) {
  t.test(`${engine}'s default profile`, async (t) => {
    const [peer] = libseccompPrograms([profile]);
    const theirs = peer?.program as Uint32Array;
    const ours = compile(profile, { native });
    const decide = interpreter(profile, { native });
    const wrong: string[] = [];
    for (const name of profile.architectures as readonly ArchitectureName[])
      for (const call of callsTo(profile, name)) {
        const { value, reason } = decide(call);
        const [mine, other] = [simulate(ours, call).value, simulate(theirs, call).value];
        if (mine !== value || (mine !== other && reason !== 'newer than the profile'))
          wrong.push(`${nameOf(architectures[name], call.nr)} ${shownCall(call)}`);
      }
    t.strictSame(wrong, [], 'the same verdicts');
    const steps = (program: Uint32Array): number =>
      mostCommon.reduce((sum, name) => sum + simulate(program, plain(name)).executed, 0) / mostCommon.length;
    t.comment(
      `instructions: ${ours.length / 2}, libseccomp ${theirs.length / 2}; ` +
        `executed for one of the ${mostCommon.length} most common calls: ${steps(ours)}, libseccomp ${steps(theirs)}`,
    );
    t.equal(mostCommon.length, 20);
    t.ok(ours.length <= theirs.length, 'no longer than libseccomp');
    t.ok(steps(ours) <= 0.5 * steps(theirs), 'half of the steps');
  });
}
