import { existsSync, writeFileSync } from 'node:fs';
import type { Edit } from '../lib/config.ts';
import { conformance } from '../lib/conformance.ts';
import { isStandalone } from '../lib/runtime.ts';
import type { Sandbox } from '../lib/sandbox.ts';
import {
  type ArchitectureName,
  type Call,
  type Profile,
  architectures,
  callNames,
  describeReturn,
  interpreter,
  numberOf,
} from '../../src/seccomp-bpf-compiler/index.ts';
import { callsTo, shownCall } from '../../src/seccomp-bpf-compiler/test/random.ts';
import { dockerProfile, filtering, install } from './profile.ts';

const isX86 = process.arch === 'x64' ? false : 'the calls are those of x86-64';
const has32Bits = existsSync('/proc/sys/abi/vsyscall32') ? false : 'this kernel has no 32-bit system calls';
const scope = { unless: isX86 || has32Bits } as const;
const own = { ...scope, only: 'ocirun' } as const;

const native: ArchitectureName = 'SCMP_ARCH_X86_64';
/** How many bits the calls have that arrive with an AUDIT_ARCH: x32 comes as 64-bit programs do. */
const ways: readonly (readonly [ArchitectureName, 64 | 32])[] = [
  ['SCMP_ARCH_X86_64', 64],
  ['SCMP_ARCH_X32', 64],
  ['SCMP_ARCH_X86', 32],
];

/** uretprobe and uprobe, and what newer kernels say of them without asking a filter (seccomp_uprobe_exception). */
const unfiltered = new Map([
  [335, 'signal 4'],
  [336, 'errno 6'],
]);

/** What every-call says of calls in a container with a profile (every_call.c). */
function verdicts(box: Sandbox, profile: Profile, calls: readonly (readonly [number, Call])[]): string[] {
  install(box, 'every-call');
  const stdin = box.path('calls');
  const lines = calls.map(([way, { nr, args }]) => [String(way), ...[nr, ...args].map((word) => word.toString(16))]);
  writeFileSync(stdin, lines.map((words) => `${words.join(' ')}\n`).join(''));
  const running: Edit = (config) => void (config.process.args = ['/every-call']);
  const bundle = box.bundle(running, filtering(profile as Parameters<typeof filtering>[0]));
  return box.must(['run', '--bundle', bundle, box.id()], { stdin }).stdout.trimEnd().split('\n');
}

/** What every-call says where a filter returns this. */
function expected(value: number): string {
  const [, action = '', data] = /^(\w+)(?:\((\d+)\))?/.exec(describeReturn(value)) ?? [];
  if (action === 'ERRNO') return data === '0' ? 'returned 0' : `errno ${data}`;
  return action === 'TRAP' ? 'trap' : action.startsWith('KILL') ? 'signal 31' : 'allowed';
}

/** A call as its number and what of its arguments a program of that many bits can give. */
const asMade = (way: number, { arch, nr, args }: Call): Call => ({
  arch,
  nr,
  args: way === 64 ? args : [...args.slice(0, 5).map((arg) => arg & 0xffffffffn), 0n],
});

conformance(
  "under Docker's profile the kernel does with every call what the profile says: x86-64, x32, int 0x80",
  (t, box) => {
    const profile = dockerProfile() as Profile;
    const decide = interpreter(profile, { native });
    const calls = ways.flatMap(([name, way]) =>
      callsTo(profile, name).map((call) => [way, asMade(way, call)] as const),
    );
    const found = verdicts(box, profile, calls);
    t.equal(found.length, calls.length);
    const wrong = calls.flatMap(([way, call], at) => {
      if (way === 64 && found[at] === unfiltered.get(call.nr)) return [];
      const right = expected(decide(call).value);
      return found[at] === right ? [] : `${way} bits, ${shownCall(call)}: ${found[at]}, not ${right}`;
    });
    t.strictSame(wrong.slice(0, 20), []);
    t.comment(`${calls.length} calls, ${found.filter((each) => each === 'allowed').length} of them allowed`);
    t.ok(found.filter((each) => each === 'allowed').length > 900);
    t.ok(found.filter((each) => each === 'errno 1').length > 150);
  },
  scope,
);

/** Names of the calls of an architecture. */
const namesOf = (name: ArchitectureName): string[] =>
  callNames.filter((call) => numberOf(architectures[name], call) >= 0);

conformance(
  "under Docker's profile the kernel does what `seccomp explain` says",
  (t, box) => {
    const profile = dockerProfile() as Profile;
    const file = box.path('profile.json');
    writeFileSync(file, JSON.stringify(profile));
    // Each of them is a run of the program: a part of the calls, and all that depend on arguments.
    const each = isStandalone ? 12 : 60;
    const asked = ways.flatMap(([name, way]) =>
      namesOf(name)
        .filter((call, at) => at % each === 0 || ['clone', 'personality', 'socket'].includes(call))
        .map((call) => ({ name, way, call, args: [0x28n, 0n, 0n, 0n, 0n, 0n] })),
    );
    const made = asked.map(({ name, way, call, args }) => {
      const architecture = architectures[name];
      return [way, { arch: architecture.audit, nr: numberOf(architecture, call), args }] as const;
    });
    const found = verdicts(box, profile, made);
    asked.forEach(({ name, call, args }, at) => {
      const words = ['seccomp', 'explain', '--format', 'json', '--arch', name, file, call, ...args.map(String)];
      const [{ answers }] = JSON.parse(box.must(words).stdout) as [{ answers: [{ result: string }] }];
      const [{ result }] = answers;
      const told = /^ERRNO\((\d+)\)/.exec(result)?.[1];
      t.equal(found[at], told === undefined ? result.replace('ALLOW', 'allowed') : `errno ${told}`, `${name} ${call}`);
    });
  },
  own,
);

conformance(
  'calls that end the process, and calls of an architecture that the profile does not name',
  (t, box) => {
    const { audit } = architectures[native];
    const profile: Profile = {
      defaultAction: 'SCMP_ACT_ALLOW',
      syscalls: [
        { names: ['getppid'], action: 'SCMP_ACT_KILL_PROCESS', args: [{ index: 5, op: 'SCMP_CMP_EQ', value: 7 }] },
        { names: ['getpgrp'], action: 'SCMP_ACT_TRAP' },
        { names: ['getuid'], action: 'SCMP_ACT_ERRNO', errnoRet: 0 },
      ],
    };
    const call = (name: string, last = 0n): [number, Call] => [
      64,
      { arch: audit, nr: numberOf(architectures[native], name), args: [0n, 0n, 0n, 0n, 0n, last] },
    ];
    const foreign: [number, Call] = [32, { ...call('read')[1], nr: 20 }];
    const calls = [call('getpid'), call('getppid'), call('getppid', 7n), call('getpgrp'), foreign, call('getuid')];
    t.strictSame(verdicts(box, profile, calls), ['allowed', 'allowed', 'signal 31', 'trap', 'signal 31', 'returned 0']);
  },
  scope,
);
