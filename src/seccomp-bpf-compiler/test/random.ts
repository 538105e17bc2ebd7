import fc from 'fast-check';
import { architectures } from '../architectures.ts';
import type { ArchitectureName, Call, Condition, Profile, Rule } from '../profile.ts';
import { callsOf, numberOf } from '../syscalls.ts';

/** OCIRUN_TEST_FULL=1 for all of them; OCIRUN_TEST_SEED to see a run again. */
export const runs = process.env['OCIRUN_TEST_FULL'] === '1' ? 5000 : 250;
export const seed = Number(process.env['OCIRUN_TEST_SEED'] ?? Date.now() % 0x7fffffff);

/** Milliseconds that a test file may take, on a machine that others use, too. */
export const patience = 60_000 + 100 * runs;

export const architectureNames = Object.keys(architectures) as ArchitectureName[];

/** Names that something is special about, on one architecture or another. */
const special = [
  ...['read', 'restart_syscall', 'personality', 'clone', 'clone3', 'openat', 'statx', 'mseal', 'futex_waitv', 'prctl'],
  ...['socket', 'connect', 'sendto', 'accept', 'accept4', 'recv', 'socketcall', 'semop', 'semtimedop', 'shmget', 'ipc'],
  ...['set_tls', 'arm_sync_file_range', 'sync_file_range2', 'rt_sigaction', 'execve', 'ioctl', 'clock_gettime64'],
];

const values = [
  ...[0n, 1n, 2n, 3n, 5n, 40n, 0x7fffffffn, 0x80000000n, 0xfffffffen, 0xffffffffn, 0x100000000n, 0x100000001n],
  ...[0x1ffffffffn, 0x200000003n, 0x7fffffffffffffffn, 0x8000000000000000n, 0xfffffffffffffffen, 0xffffffffffffffffn],
];
const value = fc.oneof(fc.constantFrom(...values), fc.bigInt({ min: 0n, max: 0xffffffffffffffffn }));
const mask = fc.oneof(value, fc.constantFrom(0x7e020000n, 0xffn, 0xff00000000n, 0x100000001n, 0n));
const plainOperators = [
  'SCMP_CMP_NE',
  'SCMP_CMP_LT',
  'SCMP_CMP_LE',
  'SCMP_CMP_EQ',
  'SCMP_CMP_GE',
  'SCMP_CMP_GT',
] as const;
const index = fc.oneof({ weight: 3, arbitrary: fc.constantFrom(0, 1) }, { weight: 1, arbitrary: fc.nat({ max: 5 }) });

export const condition: fc.Arbitrary<Condition> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ index, op: fc.constantFrom(...plainOperators), value }) },
  {
    weight: 1,
    arbitrary: fc.record({ index, op: fc.constant('SCMP_CMP_MASKED_EQ' as const), value: mask, valueTwo: value }),
  },
);

const answer = fc.constantFrom<Pick<Rule, 'action' | 'errnoRet'>>(
  { action: 'SCMP_ACT_ALLOW' },
  { action: 'SCMP_ACT_ERRNO' },
  { action: 'SCMP_ACT_ERRNO', errnoRet: 38 },
  { action: 'SCMP_ACT_ERRNO', errnoRet: 4095 },
  { action: 'SCMP_ACT_KILL' },
  { action: 'SCMP_ACT_KILL_PROCESS' },
  { action: 'SCMP_ACT_KILL_THREAD' },
  { action: 'SCMP_ACT_TRAP' },
  { action: 'SCMP_ACT_TRACE', errnoRet: 7 },
  { action: 'SCMP_ACT_LOG' },
  { action: 'SCMP_ACT_NOTIFY' },
);

const everyName = [...new Set(architectureNames.flatMap((name) => callsOf(architectures[name]).map(([call]) => call)))];
const fewNames = fc.array(fc.constantFrom(...special, 'no_such_call'), { minLength: 1, maxLength: 4 });
const manyNames = fc.subarray(everyName, { minLength: 1, maxLength: 200 });

const plainRule = fc.tuple(fc.oneof(fewNames, manyNames), answer).map(([names, given]): Rule => ({ names, ...given }));
const conditionalRule = fc
  .tuple(fewNames, answer, fc.array(condition, { minLength: 1, maxLength: 3 }))
  .map(([names, given, args]): Rule => ({ names, ...given, args }));

/** Any profile; what it may leave out is left out at times. */
export const anyProfile: fc.Arbitrary<Profile> = fc
  .record({
    given: answer,
    listed: fc.oneof(
      fc.constant(['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'] as ArchitectureName[]),
      fc.subarray(architectureNames, { minLength: 1, maxLength: 4 }),
    ),
    rules: fc.array(fc.oneof({ weight: 1, arbitrary: plainRule }, { weight: 4, arbitrary: conditionalRule }), {
      maxLength: 12,
    }),
  })
  .map(({ given, listed, rules }): Profile => ({
    defaultAction: given.action,
    ...(given.errnoRet === undefined ? {} : { defaultErrnoRet: given.errnoRet }),
    architectures: listed,
    syscalls: rules,
  }));

const word = fc.constantFrom('SCMP_ACT_ALLOW', 'SCMP_ACT_ERRNO', 'SCMP_CMP_EQ', 'SCMP_ARCH_X86_64', 'read', '', 'x');
const scalar = fc.oneof(word, fc.integer(), fc.double(), fc.bigInt(), fc.constantFrom(null, undefined, true, false));

/** What JSON can have, and a little more, with the names that profiles have. */
export const nonsense: fc.Arbitrary<unknown> = fc.letrec((tie) => {
  const any = tie('any');
  const keys = ['defaultAction', 'defaultErrnoRet', 'architectures', 'syscalls', 'names', 'action', 'errnoRet', 'args'];
  const fields = Object.fromEntries([...keys, 'index', 'op', 'value', 'valueTwo'].map((key) => [key, any]));
  return {
    any: fc.oneof({ maxDepth: 5 }, scalar, tie('object')),
    object: fc.oneof(fc.array(any, { maxLength: 3 }), fc.record(fields, { requiredKeys: [] })),
  };
}).any;

/** A copy of a value with one of its parts, counted from the outside, replaced. */
function spoilt(value: unknown, which: number, by: unknown): unknown {
  let left = which;
  const copy = (part: unknown): unknown => {
    if (left-- === 0) return by;
    if (Array.isArray(part)) return part.map(copy);
    if (typeof part !== 'object' || part === null) return part;
    return Object.fromEntries(Object.entries(part).map(([key, field]) => [key, copy(field)]));
  };
  return copy(value);
}

/** Profiles with something in a place or two that does not belong there; now and then it does after all. */
export const spoiltProfile: fc.Arbitrary<unknown> = fc
  .tuple(anyProfile, fc.array(fc.tuple(fc.nat({ max: 120 }), nonsense), { maxLength: 2 }))
  .map(([profile, changes]) => changes.reduce<unknown>((result, [which, by]) => spoilt(result, which, by), profile));

/** Values at which a condition changes its mind. */
function edges({ value: given, valueTwo = 0 }: Condition): bigint[] {
  const [one, two] = [BigInt(given), BigInt(valueTwo)];
  const around = [one, two, one - 1n, one + 1n, one ^ (1n << 32n), one & 0xffffffffn, one | two, one & two, 0n];
  return [...new Set(around.map((edge) => BigInt.asUintN(64, edge)))];
}

/** Six arguments each: all combinations of edges for one condition, for several a few of them. */
function argumentsFor(conditions: readonly Condition[]): bigint[][] {
  let lists: bigint[][] = [[0n, 0n, 0n, 0n, 0n, 0n]];
  for (const one of conditions.slice(0, 3)) {
    lists = lists.flatMap((list) => edges(one).map((edge) => list.with(one.index, edge)));
  }
  const step = Math.ceil(lists.length / 60);
  return [...lists.filter((_, at) => at % step === 0), Array.from({ length: 6 }, () => 0xffffffffffffffffn)];
}

const selectors = [0n, 1n, 2n, 3n, 5n, 11n, 18n, 23n];

/** Calls of one architecture that a filter may be asked: all numbers, and for those with conditions edges of arguments. */
export function callsTo(profile: Profile, name: ArchitectureName): Call[] {
  const architecture = architectures[name];
  const args = [0n, 0n, 0n, 0n, 0n, 0n];
  const numbers = Array.from({ length: 601 }, (_, number) => architecture.base + number);
  const further = [0, 0x3fffffff, 0x40000000, 0x40000208, 0x7fffffff, 0x80000000, 0xf0005, 0xf0007, 0xffffffff];
  const calls = [...numbers, ...further].map((nr): Call => ({ arch: architecture.audit, nr, args }));
  for (const { names, args: conditions = [] } of profile.syscalls ?? [])
    for (const list of conditions.length === 0 ? [] : argumentsFor(conditions))
      for (const call of names) {
        const numbersOfIt = [
          numberOf(architecture, call),
          numberOf(architecture, 'socketcall'),
          numberOf(architecture, 'ipc'),
        ];
        calls.push(...numbersOfIt.filter((nr) => nr >= 0).map((nr) => ({ arch: architecture.audit, nr, args: list })));
        for (const through of numbersOfIt.slice(1).filter((nr) => nr >= 0))
          calls.push(
            ...selectors.map((selector) => ({ arch: architecture.audit, nr: through, args: list.with(0, selector) })),
          );
      }
  return calls;
}

export const shownCall = ({ arch, nr, args }: Call): string =>
  `arch=0x${arch.toString(16)} nr=${nr} args=${args.map((arg) => `0x${arg.toString(16)}`).join(',')}`;
