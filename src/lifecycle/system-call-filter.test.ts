import t from 'tap';
import type { Log } from '../log.ts';
import type { Seccomp } from '../spec/types.ts';
import type { Native } from '../sys/native.ts';

globalThis.ocirunNative = { auditArchitecture: () => 0xc000003e } as unknown as Native;

const { filterVerdict, systemCallFilter } = await import('./system-call-filter.ts');
const { simulate } = await import('../seccomp-bpf-compiler/index.ts');

const told: unknown[] = [];
const log = (debugging: boolean): Log =>
  ({ debugging, debug: (...message: unknown[]) => told.push(message) }) as unknown as Log;

const filterOf = (seccomp: Seccomp, exact = new Map<string, bigint>(), debugging = false) =>
  systemCallFilter(seccomp, '/bundle', exact, log(debugging));

const getpid = (value: number, op = 'SCMP_CMP_EQ' as const): Seccomp => ({
  defaultAction: 'SCMP_ACT_ALLOW',
  syscalls: [{ names: ['getpid'], action: 'SCMP_ACT_ERRNO', errnoRet: 7, args: [{ index: 0, op, value }] }],
});

t.test('values that a number cannot hold are those of the document', async (t) => {
  const exact = new Map([['/linux/seccomp/syscalls/0/args/0/value', 2n ** 64n - 1n]]);
  const { program } = filterOf(getpid(18446744073709552000), exact);
  const answer = (value: bigint): number =>
    simulate(program, { arch: 0xc000003e, nr: 39, args: [value, 0n, 0n, 0n, 0n, 0n] }).value;
  t.equal(answer(2n ** 64n - 1n), 0x50007);
  t.equal(answer(2n ** 64n - 2n), 0x7fff0000);
});

t.test('values that were not written as digits are refused', async (t) => {
  const pointer = '/linux/seccomp/syscalls/0/args/0/value';
  for (const value of [9.007199254740993e15, 1e19]) {
    t.throws(() => filterOf(getpid(value)), { code: 'E_CONFIG_RULE', message: /all its digits/, details: { pointer } });
    t.match(filterVerdict(getpid(value), new Map()).errors, [{ code: 'E_CONFIG_RULE', details: { pointer } }]);
    t.same(filterVerdict(getpid(value), new Map([[pointer, 3n]])).errors, []);
  }
});

t.test('names that nobody knows are told of to who debugs, and by validate', async (t) => {
  const profile: Seccomp = {
    defaultAction: 'SCMP_ACT_ALLOW',
    syscalls: [{ names: ['getpid', 'no_such_call'], action: 'SCMP_ACT_KILL' }],
  };
  filterOf(profile);
  t.same(told, []);
  filterOf(profile, new Map(), true);
  const pointer = '/linux/seccomp/syscalls/0/names/1';
  t.match(told, [[/no_such_call/, { pointer }]]);
  const { errors, warnings } = filterVerdict(profile, new Map());
  t.same(errors, []);
  t.match(warnings, [{ code: 'E_CONFIG_NO_EFFECT', message: /no_such_call/, details: { pointer } }]);
});

/** More conditions than 4096 instructions can hold. */
const endless: Seccomp = {
  defaultAction: 'SCMP_ACT_ALLOW',
  syscalls: Array.from({ length: 3000 }, (_, value) => ({
    names: ['getpid'],
    action: 'SCMP_ACT_ERRNO',
    errnoRet: value,
    args: [{ index: 0, op: 'SCMP_CMP_EQ', value }],
  })),
};

t.test('what cannot be made is refused, at create and by validate', async (t) => {
  t.throws(() => filterOf(endless), {
    code: 'E_CONFIG_RULE',
    message: /4096 instructions/,
    details: { pointer: '/linux/seccomp' },
  });
  t.match(filterVerdict(endless, new Map()).errors, [
    { code: 'E_CONFIG_RULE', details: { pointer: '/linux/seccomp' } },
  ]);
});

t.test('validate says what is wanted instead, and not what the schema says of the place', async (t) => {
  const profile: Seccomp = {
    defaultAction: 'SCMP_ACT_ALLOW',
    syscalls: [
      { names: ['getpid', 'no_such_call'], action: 'SCMP_ACT_KILL' },
      { names: ['getpid'], action: 'SCMP_ACT_TRAP' },
    ],
  };
  const wanted = (seccomp: Seccomp) => {
    const { errors, warnings } = filterVerdict(seccomp, new Map());
    return [...errors, ...warnings].map(({ details }) => details.expected);
  };
  const call = 'a system call that the rule decides about';
  t.strictSame(wanted(profile), [call, call]);
  t.strictSame(wanted(endless), ['fewer rules and conditions']);
  t.strictSame(wanted(getpid(1e19)), ['the digits of an integer from 0 to 2^64-1']);
});

t.test('the agent is where listenerPath says, a relative one in the bundle', async (t) => {
  const asking = (listenerPath: string): Seccomp => ({
    defaultAction: 'SCMP_ACT_ALLOW',
    listenerPath,
    listenerMetadata: 'text',
    syscalls: [{ names: ['mkdir'], action: 'SCMP_ACT_NOTIFY' }],
  });
  t.same(filterOf(asking('/a')).agent, { path: '/a', metadata: 'text' });
  t.same(filterOf(asking('a/b')).agent?.path, '/bundle/a/b');
  t.same(filterOf(asking('@a')).agent?.path, '@a');
  t.equal(filterOf(getpid(1)).agent, undefined);
});
