import fc from 'fast-check';
import t from 'tap';
import { describeReturn } from './actions.ts';
import { architectures } from './architectures.ts';
import { bytesOf, compile } from './compile.ts';
import { disassemble } from './disassemble.ts';
import { SeccompError } from './error.ts';
import { interpret, interpreter, outlook } from './interpret.ts';
import type { ArchitectureName, Call, Condition, Profile } from './profile.ts';
import { refusal, simulate } from './simulate.ts';
import { numberOf } from './syscalls.ts';
import {
  anyProfile,
  architectureNames,
  callsTo,
  nonsense,
  patience,
  runs,
  seed,
  shownCall,
  spoiltProfile,
} from './test/random.ts';
import { withWrittenValues } from './written.ts';

t.setTimeout(patience);
t.comment(`seed ${seed}, ${runs} profiles`);

const x86 = 'SCMP_ARCH_X86_64';
const call = (name: string, args: bigint[] = [], arch: ArchitectureName = x86): Call => ({
  arch: architectures[arch].audit,
  nr: numberOf(architectures[arch], name),
  args,
});
const answer = (profile: Profile, asked: Call, native: ArchitectureName = x86): string => {
  const { little } = architectures[native];
  const { value } = simulate(compile(profile, { native }), asked, little);
  t.equal(interpret(profile, { native }, asked).value, value, 'the profile says the same');
  return describeReturn(value);
};
const deny = { defaultAction: 'SCMP_ACT_ERRNO' } as const;
const allow = { action: 'SCMP_ACT_ALLOW' } as const;
const on = (op: Condition['op'], value: number | bigint, index = 0, valueTwo: number | bigint = 0): Condition => ({
  index,
  op,
  value,
  valueTwo,
});

t.test('random profiles: the filter answers what the profile says', async () => {
  fc.assert(
    fc.property(anyProfile, fc.nat(), (profile, pick) => {
      const listed = profile.architectures as readonly ArchitectureName[];
      const native = listed[0] as ArchitectureName;
      const program = compile(profile, { native });
      if (refusal(program)) throw new Error(refusal(program));
      const decide = interpreter(profile, { native });
      const asked = [listed[pick % listed.length], architectureNames[pick % architectureNames.length]];
      for (const name of asked as ArchitectureName[])
        for (const one of callsTo(profile, name)) {
          const { value } = simulate(program, one, architectures[name].little);
          const expected = decide(one);
          if (value !== expected.value)
            throw new Error(`${shownCall(one)}: ${describeReturn(value)}, but ${describeReturn(expected.value)}`);
        }
    }),
    { seed, numRuns: runs },
  );
});

/** What comes of a profile that may be nonsense: an error of ours has its text. */
function tried<Result>(make: () => Result): Result | string {
  try {
    return make();
  } catch (error) {
    if (error instanceof SeccompError) return `${error.pointer}: ${error.message}`;
    throw error;
  }
}

const asked = ['read', 'socket', 'mount', 'statx'].map((name) => call(name, [1n << 63n, 5n]));

/** Whether a program was made of what may be nonsense; all that looks at it has to agree. */
function isMade(profile: Profile): boolean {
  const program = tried(() => compile(profile, { native: x86 }));
  const decide = tried(() => interpreter(profile, { native: x86 }));
  const seen = tried(() => outlook(profile, { native: x86 }, asked[0] as Call));
  if (typeof program === 'string') {
    const others = program.endsWith('which the kernel does not take') ? [] : [decide, seen];
    for (const other of others) if (other !== program) throw new Error(`${program}, but ${JSON.stringify(other)}`);
    return false;
  }
  if (refusal(program)) throw new Error(refusal(program));
  if (typeof decide === 'string' || typeof seen === 'string')
    throw new Error(`${JSON.stringify([decide, seen])}, but a program`);
  for (const one of asked)
    if (simulate(program, one).value !== decide(one).value) throw new Error(`${shownCall(one)}: not what it says`);
  if (disassemble(program).length !== program.length / 2) throw new Error('a line is missing');
  return true;
}

t.test(
  'random nonsense: nothing but SeccompError is thrown, by all alike, and no filter that the kernel refuses is made',
  async (t) => {
    let made = 0;
    fc.assert(
      fc.property(fc.oneof({ weight: 1, arbitrary: nonsense }, { weight: 4, arbitrary: spoiltProfile }), (profile) => {
        const written = tried(() => withWrittenValues(profile as Profile, new Map(), ''));
        if (typeof written === 'string' && typeof profile !== 'string') return;
        if (isMade(profile as Profile)) made++;
      }),
      { seed, numRuns: 8 * runs },
    );
    t.comment(`${made} of ${8 * runs} were made into programs`);
    t.ok(made > 2 * runs);
  },
);

t.test('what is absent may be null; a hole is nothing that belongs there', async (t) => {
  const nulls = { ...deny, defaultErrnoRet: null, architectures: null, syscalls: null } as unknown as Profile;
  t.ok(isMade(nulls));
  const rule = { names: ['read'], action: 'SCMP_ACT_ALLOW', errnoRet: null, args: null };
  t.ok(isMade({ ...deny, syscalls: [rule] } as unknown as Profile));
  const hole = (last: unknown): unknown[] => Object.assign(new Array<unknown>(2), { 1: last });
  const holes = [
    { ...deny, architectures: hole(x86) },
    { ...deny, syscalls: hole(rule) },
    { ...deny, syscalls: [{ ...rule, names: hole('read') }] },
    { ...deny, syscalls: [{ ...rule, args: hole(on('SCMP_CMP_EQ', 1)) }] },
  ];
  for (const each of holes) t.notOk(isMade(each as Profile), JSON.stringify(each));
});

t.test('the same profile makes the same program', async () => {
  fc.assert(
    fc.property(anyProfile, (profile) => {
      const [one, other] = [compile(profile), compile(structuredClone(profile))];
      if (one.length !== other.length || one.some((word, at) => word !== other[at])) throw new Error('they differ');
    }),
    { seed, numRuns: 50 },
  );
});

t.test('actions and their errno', async (t) => {
  const returns = (defaultAction: Profile['defaultAction'], defaultErrnoRet?: number): string =>
    answer({ defaultAction, defaultErrnoRet, syscalls: [] }, call('read'));
  t.equal(returns('SCMP_ACT_ERRNO'), 'ERRNO(1)');
  t.equal(returns('SCMP_ACT_ERRNO', 0), 'ERRNO(0)');
  t.equal(returns('SCMP_ACT_TRACE'), 'TRACE(1)');
  t.equal(returns('SCMP_ACT_TRACE', 65535), 'TRACE(65535)');
  t.equal(returns('SCMP_ACT_KILL'), 'KILL_THREAD');
  t.equal(returns('SCMP_ACT_KILL_PROCESS'), 'KILL_PROCESS');
  t.equal(returns('SCMP_ACT_TRAP'), 'TRAP');
  t.equal(returns('SCMP_ACT_LOG'), 'LOG');
  t.equal(returns('SCMP_ACT_NOTIFY'), 'NOTIFY');
});

t.test('what is refused, and where it is', async (t) => {
  const refused = (profile: unknown, pointer: string, message: RegExp): void => {
    t.throws(() => compile(profile as Profile, { native: x86 }), { name: 'SeccompError', pointer, message }, pointer);
  };
  const rule = (more: object): object => ({ ...deny, syscalls: [{ names: ['read'], ...allow, ...more }] });
  refused(null, '', /a profile is an object/);
  refused({ defaultAction: 'SCMP_ACT_NO' }, '/defaultAction', /no seccomp action 'SCMP_ACT_NO'/);
  refused({ defaultAction: 'SCMP_ACT_ALLOW', defaultErrnoRet: 1 }, '/defaultErrnoRet', /ALLOW cannot return an errno/);
  refused({ ...deny, defaultErrnoRet: 4096 }, '/defaultErrnoRet', /errno 4096, only 0 to 4095/);
  refused({ ...deny, architectures: ['SCMP_ARCH_VAX'] }, '/architectures/0', /no architecture 'SCMP_ARCH_VAX'/);
  for (const errnoRet of [5, 0, NaN, ''])
    refused(rule({ errnoRet }), '/syscalls/0/errnoRet', /ALLOW cannot return an errno/);
  refused({ ...deny, defaultErrnoRet: NaN }, '/defaultErrnoRet', /errno NaN, only 0 to 4095/);
  refused(rule({ args: [on('SCMP_CMP_EQ', 0, 6)] }), '/syscalls/0/args/0/index', /no argument 6/);
  refused(rule({ args: [on('SCMP_CMP_XX' as 'SCMP_CMP_EQ', 0)] }), '/syscalls/0/args/0/op', /no operator/);
  refused(rule({ args: [on('SCMP_CMP_EQ', -1)] }), '/syscalls/0/args/0/value', /-1 is not a value/);
  refused(rule({ args: [on('SCMP_CMP_EQ', 2 ** 64)] }), '/syscalls/0/args/0/value', /is not a value/);
  refused(rule({ args: [on('SCMP_CMP_EQ', 1n << 64n)] }), '/syscalls/0/args/0/value', /is not a value/);
  t.throws(() => compile({ ...deny }), { name: 'SeccompError', message: /names no architecture/ });
});

t.test('names that nobody knows are told of', async (t) => {
  const told: string[] = [];
  compile(
    { ...deny, syscalls: [{ names: ['read', 'raed'], ...allow }] },
    { native: x86, warn: (message, pointer) => told.push(`${pointer}: ${message}`) },
  );
  t.strictSame(told, [`/syscalls/0/names/1: no architecture has a system call 'raed': it is passed over`]);
});

t.test('which rule wins', async (t) => {
  const rules = (...syscalls: Profile['syscalls'] & object): Profile => ({ ...deny, syscalls });
  const names = ['read'];
  const five = { names, action: 'SCMP_ACT_ERRNO', errnoRet: 5 } as const;
  const six = { names, action: 'SCMP_ACT_ERRNO', errnoRet: 6 } as const;
  const is = (value: number): Condition[] => [on('SCMP_CMP_EQ', value)];
  t.equal(answer(rules(five, six), call('read')), 'ERRNO(5)', 'the first without conditions');
  t.equal(answer(rules({ ...six, args: is(0) }, five), call('read')), 'ERRNO(5)', 'one without conditions');
  t.equal(
    answer(rules({ names, ...deny, action: 'SCMP_ACT_ERRNO' }, five), call('read')),
    'ERRNO(5)',
    'default is none',
  );
  const ranges = rules({ ...five, args: [on('SCMP_CMP_GE', 3)] }, { ...six, args: is(7) });
  t.equal(answer(ranges, call('read', [7n])), 'ERRNO(6)', 'a value before a range');
  t.equal(answer(ranges, call('read', [8n])), 'ERRNO(5)');
  t.equal(answer(ranges, call('read', [2n])), 'ERRNO(1)');
  const both = rules({ ...five, args: [...is(1), on('SCMP_CMP_EQ', 2, 1)] });
  t.equal(answer(both, call('read', [1n, 2n])), 'ERRNO(5)', 'all conditions hold');
  t.equal(answer(both, call('read', [1n, 3n])), 'ERRNO(1)', 'one does not');
  const either = rules({ ...five, args: [...is(1), ...is(2)] });
  t.equal(answer(either, call('read', [1n])), 'ERRNO(5)', 'two about one argument are alternatives');
  t.equal(answer(either, call('read', [2n])), 'ERRNO(5)');
  const nothing = rules({ ...five, args: [on('SCMP_CMP_MASKED_EQ', 0, 0, 9)] }, { ...six, args: is(0) });
  t.equal(answer(nothing, call('read')), 'ERRNO(5)', 'a mask of nothing is no condition');
});

t.test('calls newer than the profile do not exist', async (t) => {
  const profile: Profile = { ...deny, architectures: [x86], syscalls: [{ names: ['read', 'statx'], ...allow }] };
  const at = (nr: number, arch: ArchitectureName = x86): Call => ({ arch: architectures[arch].audit, nr, args: [] });
  t.equal(answer(profile, call('mount')), 'ERRNO(1)');
  t.equal(answer(profile, at(333)), 'ERRNO(38)');
  t.equal(answer(profile, at(0x40000000)), 'KILL_THREAD', 'x32 is not in the filter');
  t.equal(answer(profile, at(0xffffffff)), 'ERRNO(1)', 'a tracer skips the call');
  t.equal(answer(profile, call('read', [], 'SCMP_ARCH_X86')), 'KILL_THREAD', 'nor is x86');
  const first: Profile = { ...deny, syscalls: [{ names: ['read'], ...allow }] };
  t.equal(answer(first, at(0)), 'ALLOW', 'the highest is number 0');
  t.equal(answer(first, call('write')), 'ERRNO(38)');
  t.equal(answer({ ...first, syscalls: [] }, call('write')), 'ERRNO(1)', 'nothing is named');
  t.equal(answer({ ...profile, architectures: [] }, at(333)), 'ERRNO(38)', 'the native architecture is not listed');
  const x32 = { ...profile, architectures: ['SCMP_ARCH_X32'] } as const;
  t.equal(answer(x32, call('read', [], 'SCMP_ARCH_X32')), 'ALLOW');
  t.equal(answer(x32, at(0x40000000 + 333)), 'ERRNO(38)');
  t.equal(answer({ ...profile, defaultAction: 'SCMP_ACT_LOG' }, at(333)), 'LOG', 'the default lets them through');
  const s390: Profile = { ...deny, syscalls: [{ names: ['read'], ...allow }] };
  t.equal(answer(s390, at(0, 'SCMP_ARCH_S390X'), 'SCMP_ARCH_S390X'), 'ERRNO(38)', 'setup(2) of s390');
  const arm: Profile = { ...deny, syscalls: [{ names: ['read', 'set_tls'], ...allow }] };
  t.equal(answer(arm, call('set_tls', [], 'SCMP_ARCH_ARM'), 'SCMP_ARCH_ARM'), 'ALLOW', 'a call of its own of ARM');
  t.equal(answer(arm, call('write', [], 'SCMP_ARCH_ARM'), 'SCMP_ARCH_ARM'), 'ERRNO(38)', 'not newer than that');
});

t.test('more instructions than the kernel takes', async (t) => {
  const args = (value: number): Condition[] => [on('SCMP_CMP_EQ', 4294967296 * value)];
  const syscalls = Array.from({ length: 3000 }, (_, value) => ({ names: ['read'], ...allow, args: args(value) }));
  t.throws(() => compile({ ...deny, syscalls }, { native: x86 }), {
    name: 'SeccompError',
    message: /4096 instructions/,
  });
  const program = compile({ ...deny, syscalls: syscalls.slice(0, 1000) }, { native: x86 });
  t.equal(refusal(program), undefined);
  for (const value of [0n, 700n, 999n]) t.equal(simulate(program, call('read', [value << 32n])).value, 0x7fff0000);
  t.equal(simulate(program, call('read', [1000n << 32n])).value, 0x50001);
});

t.test('bytes for both kinds of machines', async (t) => {
  const program = Uint32Array.of(0x03020015, 0x40000003);
  t.strictSame([...bytesOf(program)], [0x15, 0, 2, 3, 3, 0, 0, 0x40]);
  t.strictSame([...bytesOf(program, false)], [0, 0x15, 2, 3, 0x40, 0, 0, 3]);
});
