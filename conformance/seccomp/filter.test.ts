import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { conformance } from '../lib/conformance.ts';
import type { Config, Edit } from '../lib/config.ts';
import { allowing, answers, dockerProfile, filtering, install, privileges } from './profile.ts';

/** Numbers of x86-64; getpid takes any arguments, and the others fail harmlessly where they are allowed. */
const [getpid, getpgrp, getuid, newest, personality, socket] = [39, 111, 102, 1000, 135, 41];
const x32 = 0x40000000;
const [EPERM, ENOSYS] = ['E1', 'E38'];
const isX86 = process.arch === 'x64' ? false : 'the numbers of system calls are those of x86-64';
const has32Bits = existsSync('/proc/sys/abi/vsyscall32') ? false : 'this kernel has no 32-bit system calls';
const scope = { unless: isX86 } as const;
/** runc of trixie says "seccomp flags are not yet supported by runc". */
const own = { ...scope, only: 'ocirun' } as const;
const bothWays = { unless: isX86 || has32Bits } as const;

const user: Edit = (c) => void (c.process.user = { uid: 1000, gid: 1000 });

/** The fields of /proc/self/status in a container. */
function statusOf(text: string): Record<string, string> {
  const lines = Object.values(JSON.parse(text) as Record<string, string[]>)[0] ?? [];
  return Object.fromEntries(lines.map((line) => line.split(/:\s*/, 2) as [string, string]));
}

const reading: Edit = (c) => void (c.process.args = ['/probe', 'text', '/proc/self/status']);
const refusing = allowing({ names: ['getpgrp'], action: 'SCMP_ACT_ERRNO', errnoRet: 7 });

for (const noNewPrivileges of [true, false])
  for (const [who, edit] of [
    ['root', () => undefined],
    ['a user', user],
  ] as const)
    conformance(
      `one filter is on for ${who}, noNewPrivileges ${noNewPrivileges}`,
      (t, box) => {
        const bundle = box.bundle(reading, refusing, privileges(noNewPrivileges), edit);
        const status = statusOf(box.must(['run', '--bundle', bundle, box.id()]).stdout);
        t.equal(status['Seccomp'], '2');
        t.equal(status['Seccomp_filters'] ?? '1', '1');
        t.equal(status['NoNewPrivs'], noNewPrivileges ? '1' : '0');
        t.equal(status['Umask'], '0022');
        t.equal(status['CapEff'], who === 'root' ? '0000000020000420' : '0000000000000000');
        t.strictSame(answers(box, [`64:${getpgrp}`, `64:${getpid}`], refusing, privileges(noNewPrivileges), edit), [
          'E7',
          'ok',
        ]);
      },
      scope,
    );

conformance(
  'a container with capabilities of no use, without noNewPrivileges, gets its filter, too',
  (t, box) => {
    const bare: Edit = (c) => void (c.process.capabilities = { bounding: [], effective: [], permitted: [] });
    t.strictSame(answers(box, [`64:${getpgrp}`], refusing, privileges(false), bare, user), ['E7']);
  },
  scope,
);

conformance(
  'every action does what it says',
  (t, box) => {
    const rule = (name: string, action: string) => ({ names: [name], action: `SCMP_ACT_${action}` });
    const calls = [getpgrp, 107, 104, 108, 110, 124, 121, 39].map((number) => `64:${number}`);
    const found = answers(
      box,
      calls,
      allowing(
        rule('getpgrp', 'ERRNO'),
        rule('geteuid', 'TRAP'),
        rule('getgid', 'KILL_PROCESS'),
        rule('getegid', 'KILL'),
        rule('getppid', 'TRACE'),
        { ...rule('getsid', 'ERRNO'), errnoRet: 200 },
        rule('getpgid', 'LOG'),
      ),
    );
    t.strictSame(found, [EPERM, 'trap 107', 'died 31', 'died 31', ENOSYS, 'E200', 'ok', 'ok']);
  },
  { unless: isX86 },
);

conformance(
  'KILL_THREAD ends the thread, KILL_PROCESS all of them',
  (t, box) => {
    const rule = (name: string, action: string) => ({ names: [name], action: `SCMP_ACT_${action}` });
    const rules = allowing(rule('getpgrp', 'KILL_THREAD'), rule('geteuid', 'KILL_PROCESS'), rule('getgid', 'KILL'));
    t.strictSame(answers(box, [`thread:${getpgrp}`, 'thread:107', 'thread:104', `thread:${getpid}`], rules), [
      'thread died',
      'died 31',
      'thread died',
      'ok',
    ]);
  },
  scope,
);

const on = (index: number, op: string, value: number | bigint, valueTwo?: number | bigint) => ({
  names: ['getpid'],
  action: 'SCMP_ACT_ERRNO',
  errnoRet: 7,
  args: [{ index, op: `SCMP_CMP_${op}`, value, ...(valueTwo === undefined ? {} : { valueTwo }) }],
});

/** An operator, its operands, and arguments that meet it, and that do not. */
const conditions: readonly [rule: ReturnType<typeof on>, yes: string[], no: string[]][] = [
  [on(0, 'EQ', 5), ['5'], ['4', '0x100000005']],
  [on(1, 'NE', 5), ['0:4', '0:0x100000005'], ['0:5']],
  [on(2, 'LT', 5), ['0:0:4'], ['0:0:5', '0:0:0x100000000']],
  [on(3, 'LE', 5), ['0:0:0:5'], ['0:0:0:6', '0:0:0:0x100000000']],
  [on(4, 'GE', 0x100000000), ['0:0:0:0:0x100000000', '0:0:0:0:0x200000000'], ['0:0:0:0:0xffffffff']],
  [on(5, 'GT', 5), ['0:0:0:0:0:6', '0:0:0:0:0:0x100000000'], ['0:0:0:0:0:5']],
  [on(0, 'MASKED_EQ', 0x100000006, 0x100000002), ['0x100000002', '0x10000000a'], ['2', '0x100000006']],
];

for (const [rule, yes, no] of conditions)
  conformance(
    `the condition ${rule.args[0]?.op} holds where it should`,
    (t, box) => {
      const calls = [...yes, ...no].map((arguments_) => `64:${getpid}:${arguments_}`);
      t.strictSame(answers(box, calls, allowing(rule)), [...yes.map(() => 'E7'), ...no.map(() => 'ok')]);
    },
    scope,
  );

/** A number in JSON that JavaScript's numbers cannot hold. */
const exactly = (value: bigint): number => `exactly ${value}` as unknown as number;
const written = (text: string): string => text.replaceAll(/"exactly (\d+)"/g, '$1');

conformance(
  'values of 64 bits are exact',
  (t, box) => {
    install(box, 'calls');
    const greatest = 2n ** 64n - 1n;
    const calls = [greatest, greatest - 1n, 2n ** 63n + 1n, 2n ** 63n].map((value) => `64:${getpid}:${value}`);
    const bundle = box.bundle(
      (c) => void (c.process.args = ['/calls', ...calls]),
      allowing(on(0, 'EQ', exactly(greatest)), { ...on(0, 'EQ', exactly(2n ** 63n + 1n)), errnoRet: 8 }),
    );
    box.file('bundle/config.json', written(readFileSync(`${bundle}/config.json`, 'utf8')));
    const { stdout } = box.must(['run', '--bundle', bundle, box.id()]);
    t.strictSame(JSON.parse(stdout), ['E7', 'ok', 'E8', 'ok']);
  },
  scope,
);

conformance(
  'all conditions of a rule have to hold; two about one argument stand for themselves',
  (t, box) => {
    const args = (...values: [number, number][]) =>
      values.map(([index, value]) => ({ index, op: 'SCMP_CMP_EQ', value }));
    const rules = allowing(
      { names: ['getpid'], action: 'SCMP_ACT_ERRNO', errnoRet: 7, args: args([0, 1], [1, 2]) },
      { names: ['getpgrp'], action: 'SCMP_ACT_ERRNO', errnoRet: 8, args: args([0, 1], [0, 2]) },
    );
    const calls = ['39:1:2', '39:1:3', '39:0:2', '111:1', '111:2', '111:3'].map((call) => `64:${call}`);
    t.strictSame(answers(box, calls, rules), ['E7', 'ok', 'ok', 'E8', 'E8', 'ok']);
  },
  scope,
);

conformance(
  'names that no kernel has are passed over',
  (t, box) => {
    const rule = { names: ['no_such_call', 'getpgrp'], action: 'SCMP_ACT_ERRNO', errnoRet: 7 };
    t.strictSame(answers(box, [`64:${getpgrp}`], allowing(rule)), ['E7']);
  },
  scope,
);

conformance(
  'a filter is for the architectures that it names',
  (t, box) => {
    const rule = { names: ['getpgrp'], action: 'SCMP_ACT_ERRNO', errnoRet: 7 };
    const calls = [`64:${getpgrp}`, '32:65', '32:20'];
    const profile = { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [rule] };
    const both = ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'];
    t.strictSame(answers(box, calls, filtering({ ...profile, architectures: both })), ['E7', 'E7', 'ok']);
    t.strictSame(answers(box, calls, filtering(profile)), ['E7', 'died 31', 'died 31'], 'the native one alone');
  },
  bothWays,
);

conformance(
  'calls that are newer than the profile do not exist, others get the default',
  (t, box) => {
    const profile = { ...dockerProfile(), defaultErrnoRet: 9 };
    // acct and the last but one of x86-64 before a hole
    const calls = [`64:${newest}`, '64:163', `64:${x32 + newest}`, '32:1000', '32:51'];
    t.strictSame(answers(box, calls, filtering(profile)), [ENOSYS, 'E9', ENOSYS, ENOSYS, 'E9']);
  },
  bothWays,
);

conformance(
  'a profile that allows by default says nothing of newer calls',
  (t, box) => t.strictSame(answers(box, [`64:${newest}`], refusing), [ENOSYS]),
  scope,
);

for (const noNewPrivileges of [true, false])
  conformance(
    `under Docker’s profile a user’s container works, noNewPrivileges ${noNewPrivileges}`,
    (t, box) => {
      const edits = [filtering(dockerProfile()), privileges(noNewPrivileges), user];
      const calls = [
        `64:${personality}:0xffffffff`,
        `64:${personality}:7`,
        `64:${socket}:40:1:0`,
        `64:${socket}:1:1:0`,
        '64:165',
      ];
      t.strictSame(answers(box, calls, ...edits), ['ok', EPERM, EPERM, 'ok', EPERM]);
      const bundle = box.bundle(...edits, (c: Config) => void (c.process.args = ['/probe', 'exit', '3']));
      t.equal(box.call(['run', '--bundle', bundle, box.id('b')]).status, 3);
    },
    scope,
  );

conformance(
  'under Docker’s profile a program is found on PATH, created and started',
  (t, box) => {
    const bundle = box.bundle(filtering(dockerProfile()), privileges(false), user, (c) => {
      c.process.args = ['probe', 'write', 'here'];
      c.process.env = ['PATH=/nowhere:/'];
      c.process.cwd = '/work';
    });
    box.must(['create', '--bundle', bundle, box.id()]);
    const number = box.calls;
    box.must(['start', box.id()]);
    t.ok(box.reaches('stopped'));
    t.equal(box.output(number), 'here');
  },
  scope,
);

/** What init could call once the filter is on, and profiles of some years ago do not know. */
const late = ['close_range', 'openat2', 'faccessat2', 'clone3', 'statx'];

/** What came after these: a profile without them does not know those. */
const later =
  'cachestat epoll_pwait2 fchmodat2 futex_requeue futex_wait futex_waitv futex_wake landlock_add_rule ' +
  'landlock_create_ruleset landlock_restrict_self map_shadow_stack memfd_secret pidfd_open process_mrelease';

for (const [what, gone] of [
  ['does not know', [...late, ...later.split(' ')]],
  ['forbids', late],
] as const)
  conformance(
    `a profile of some years ago, which ${what} newer calls, is no hindrance`,
    (t, box) => {
      const profile = dockerProfile();
      const left = (names: string[]): string[] => names.filter((name) => !gone.includes(name));
      profile.syscalls = (profile.syscalls ?? [])
        .map((rule) => ({ ...rule, names: left(rule.names) }))
        .filter(({ names }) => names.length > 0);
      const found = openSync('/dev/null', 'r');
      const bundle = box.bundle(filtering(profile), privileges(false), user, (c) => {
        c.process.args = ['probe', 'fds'];
        c.process.env = ['PATH=/nowhere:/'];
        c.process.cwd = '/tmp';
      });
      const { stdout } = box.must(['run', '--bundle', bundle, box.id()], { extra: [found] });
      closeSync(found);
      const open = Object.keys((JSON.parse(stdout) as { fds: object }).fds);
      t.strictSame(open.sort(), ['0', '1', '2'], 'no descriptor but the standard streams');
    },
    { ...scope, only: 'ocirun' },
  );

conformance(
  'the filter is told of where it cannot be what was asked for',
  (t, box) => {
    const refused = (edit: Edit): string => box.call(['create', '--bundle', box.bundle(edit), box.id()]).stderr;
    const flag = { defaultAction: 'SCMP_ACT_ALLOW', flags: ['SECCOMP_FILTER_FLAG_NEVER'] };
    t.match(refused(filtering(flag)), 'SECCOMP_FILTER_FLAG_NEVER');
    t.match(refused(filtering({ defaultAction: 'SCMP_ACT_NEVER' })), 'SCMP_ACT_NEVER');
    t.match(
      refused(filtering({ defaultAction: 'SCMP_ACT_ALLOW', architectures: ['SCMP_ARCH_NEVER'] })),
      'SCMP_ARCH_NEVER',
    );
    t.strictSame(box.ids(), []);
  },
  own,
);

conformance(
  'a profile that forbids what init still calls is to blame for that',
  (t, box) => {
    const told = (action: string): string => {
      const bundle = box.bundle(allowing({ names: ['capset'], action }), privileges(false));
      const { status, stderr } = box.call(['create', '--bundle', bundle, box.id()]);
      return status === 1 ? stderr : `status ${status}`;
    };
    t.match(told('SCMP_ACT_ERRNO'), /set capabilities: operation not permitted \(linux\.seccomp is in force for init/);
    t.match(
      told('SCMP_ACT_KILL_PROCESS'),
      /config\.json:\d+:\d+ \/linux\/seccomp: init ended by signal 31 .*\(linux\.seccomp kills/,
    );
    t.strictSame(box.ids(), []);
    const last = box.bundle(
      allowing({ names: ['capset', 'prctl', 'sendmsg', 'openat2', 'umask'], action: 'SCMP_ACT_KILL_PROCESS' }),
      privileges(true),
      (c) => void (c.process.args = ['/probe', 'exit', '4']),
    );
    t.equal(box.call(['run', '--bundle', last, box.id()]).status, 4, 'with noNewPrivileges it comes last');
  },
  own,
);

conformance(
  'the greatest errno is one',
  (t, box) => {
    const rule = { names: ['getpgrp'], action: 'SCMP_ACT_ERRNO', errnoRet: 4095 };
    t.strictSame(answers(box, [`64:${getpgrp}`], allowing(rule)), ['E4095']);
  },
  own,
);

for (const flags of [[], ['TSYNC'], ['LOG'], ['SPEC_ALLOW'], ['TSYNC', 'LOG', 'SPEC_ALLOW']])
  conformance(
    `flags of seccomp(2) are given: ${flags.join(' ') || 'none'}`,
    (t, box) => {
      const names = flags.map((flag) => `SECCOMP_FILTER_FLAG_${flag}`);
      const rule = { names: ['getpgrp'], action: 'SCMP_ACT_ERRNO', errnoRet: 7 };
      const profile = { defaultAction: 'SCMP_ACT_ALLOW', flags: names, syscalls: [rule] };
      t.strictSame(answers(box, [`64:${getpgrp}`, `64:${getuid}`], filtering(profile)), ['E7', 'ok']);
    },
    own,
  );
