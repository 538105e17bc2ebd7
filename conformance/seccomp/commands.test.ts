import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  architectures,
  compile,
  describeReturn,
  numberOf,
  type Profile,
  simulate,
} from '../../src/seccomp-bpf-compiler/index.ts';
import { conformance } from '../lib/conformance.ts';
import type { Sandbox } from '../lib/sandbox.ts';

const scope = { only: 'ocirun' } as const;

const profile = {
  defaultAction: 'SCMP_ACT_ERRNO',
  architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'],
  syscalls: [
    { names: ['read', 'write', 'statx'], action: 'SCMP_ACT_ALLOW' },
    {
      names: ['personality'],
      action: 'SCMP_ACT_ALLOW',
      args: [{ index: 0, op: 'SCMP_CMP_EQ', value: 8 }],
    },
    {
      names: ['clone'],
      action: 'SCMP_ACT_ERRNO',
      errnoRet: 38,
      args: [{ index: 0, op: 'SCMP_CMP_MASKED_EQ', value: 15 }],
    },
    { names: ['socket'], action: 'SCMP_ACT_KILL_PROCESS', args: [{ index: 0, op: 'SCMP_CMP_GE', value: 40 }] },
  ],
};

const bare = (box: Sandbox, text = JSON.stringify(profile)): string => {
  const file = box.path('profile.json');
  writeFileSync(file, text);
  return file;
};

const bundleWith = (box: Sandbox, seccomp: unknown): string => {
  const bundle = box.bundle();
  const file = join(bundle, 'config.json');
  const config = JSON.parse(readFileSync(file, 'utf8')) as { linux: object };
  writeFileSync(file, JSON.stringify({ ...config, linux: { ...config.linux, seccomp } }));
  return bundle;
};

/** What `seccomp explain` writes. */
const told = (box: Sandbox, file: string, ...words: string[]): string =>
  box.must(['seccomp', 'explain', file, ...words]).stdout.replaceAll(file, 'FILE');

conformance(
  'seccomp explain: which rule decides about a call',
  (t, box) => {
    const file = bare(box);
    t.match(
      told(box, file, 'write'),
      /^write, number 1 on SCMP_ARCH_X86_64\n {4}ALLOW {2}rule \/syscalls\/0 \(FILE:1:\d+\)\n$/,
    );
    t.match(told(box, file, 'mount'), /ERRNO\(1\) EPERM {2}default \/defaultAction \(FILE:1:18\)\n$/);
    t.match(told(box, file, 'landlock_create_ruleset'), /ERRNO\(38\) ENOSYS {2}its number is above all/);
    t.match(told(box, file, '1', '--arch', 'arm'), /KILL_THREAD {2}the profile does not name the architecture/);
    t.match(told(box, file, '0x14d'), /^io_pgetevents, number 333 on SCMP_ARCH_X86_64\n {4}ERRNO\(38\) ENOSYS/);
  },
  scope,
);

conformance(
  'seccomp explain: arguments that are given decide, others are told as conditions',
  (t, box) => {
    const file = bare(box);
    t.match(told(box, file, 'personality', '8'), /^personality\(0x8\), .*\n {4}ALLOW {2}rule \/syscalls\/1/);
    t.match(told(box, file, 'personality', '0x9'), /ERRNO\(1\) EPERM {2}default/);
    t.match(
      told(box, file, 'personality'),
      /: depends on its arguments\n {4}ALLOW {11}if arg0 == 0x8: rule \/syscalls\/1 .*\n {4}ERRNO\(1\) EPERM {2}otherwise: default/,
    );
    t.match(told(box, file, 'clone'), /ERRNO\(38\) ENOSYS {2}if arg0 & 0xf == 0x0: rule \/syscalls\/2/);
    t.match(box.must(['seccomp', 'explain', '--', file, 'socket', '-1']).stdout, 'KILL_PROCESS');
  },
  scope,
);

conformance(
  'seccomp explain: a number is what the kernel takes it for, with the arguments of that architecture',
  (t, box) => {
    const both: Profile = { ...(profile as Profile), architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X32'] };
    const file = bare(box, JSON.stringify(both));
    const program = compile(both, { native: 'SCMP_ARCH_X86_64' });
    const wide = 2n ** 32n + 8n;
    for (const name of ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X32'] as const)
      for (const call of ['write', 'personality', 'mount']) {
        const nr = numberOf(architectures[name], call);
        const { value } = simulate(program, { arch: architectures[name].audit, nr, args: [wide] });
        const text = told(box, file, `0x${nr.toString(16)}`, `0x${wide.toString(16)}`);
        t.match(text, `${call}(0x100000008), number ${nr} on ${name}\n    ${describeReturn(value)} `);
        t.equal(told(box, file, call, `${wide}`, '--arch', name), text, 'by its name');
      }
    t.match(told(box, file, '0xffffffff'), /^0xffffffff, number 4294967295 on SCMP_ARCH_X86_64\n {4}ERRNO\(/);
  },
  scope,
);

conformance(
  'seccomp explain: a call that x86 has behind socketcall, too',
  (t, box) => {
    const text = told(box, bare(box), 'socket', '40', '--arch', 'x86');
    t.match(text, /^socket\(0x28\), number 359 on SCMP_ARCH_X86\n {4}KILL_PROCESS {2}rule \/syscalls\/3/);
    t.match(text, /\nsocketcall\(0x1\), number 102 on SCMP_ARCH_X86\n {4}KILL_PROCESS {2}rule \/syscalls\/3/);
  },
  scope,
);

conformance(
  'seccomp explain: the profile of a bundle, with places in its config.json; JSON for programs',
  (t, box) => {
    const bundle = bundleWith(box, profile);
    const { stdout } = box.must(['seccomp', 'explain', '--format', 'json', bundle, 'write']);
    const [call] = JSON.parse(stdout) as [{ answers: [{ location: string }] }];
    t.match(call, {
      ...{ call: 'write', number: 1, architecture: 'SCMP_ARCH_X86_64' },
      answers: [{ result: 'ALLOW', reason: 'rule', pointer: '/linux/seccomp/syscalls/0', conditions: [] }],
    });
    t.ok(call.answers[0].location.startsWith(`${bundle}/config.json:1:`), call.answers[0].location);
  },
  scope,
);

conformance(
  'seccomp compile: instructions and what they cost, bytes, JSON',
  (t, box) => {
    const file = bare(box);
    const text = box.must(['seccomp', 'compile', file]).stdout;
    t.match(text, /^ {3}0 {2}ld {3}arch\n/);
    t.match(text, /\n; (\d+) instructions\n; SCMP_ARCH_X86_64 +\d+ reachable, \d+\.\d executed for a usual call/);
    const { program, statistics } = JSON.parse(box.must(['seccomp', 'compile', '--format', 'json', file]).stdout) as {
      program: [number, number, number, number][];
      statistics: { instructions: number };
    };
    t.equal(statistics.instructions, program.length);
    const bytes = program.flatMap(([code, jt, jf, k]) => [
      code & 0xff,
      code >> 8,
      jt,
      jf,
      ...new Uint8Array(Uint32Array.of(k).buffer),
    ]);
    const raw = box.path('raw');
    t.equal(
      box.call(['seccomp', 'compile', '--format', 'raw', file], { through: ['sh', '-c', 'exec "$@" >"$0"', raw] })
        .status,
      0,
    );
    t.strictSame([...readFileSync(raw)], bytes);
  },
  scope,
);

conformance(
  'seccomp: a value that a number does not hold is compared as it was written',
  (t, box) => {
    const rule = `{"names":["personality"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"op":"SCMP_CMP_EQ","value":18446744073709551613}]}`;
    const file = bare(box, `{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[${rule}]}`);
    t.match(told(box, file, 'personality', '0xfffffffffffffffd'), 'ALLOW');
    t.match(told(box, file, 'personality', '0xffffffffffffffff'), 'ERRNO(1)');
  },
  scope,
);

conformance(
  'seccomp: names that nobody knows are warned of',
  (t, box) => {
    const file = bare(
      box,
      '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["raed"],"action":"SCMP_ACT_KILL"}]}',
    );
    const { status, stderr } = box.call(['seccomp', 'compile', file]);
    t.equal(status, 0);
    t.match(stderr, `${file}:1:57 /syscalls/0/names/0: no architecture has a system call 'raed': it is passed over`);
  },
  scope,
);

conformance(
  'seccomp: a rule that never counts is warned of, with its place, and by validate',
  (t, box) => {
    const rules = [
      { names: ['read', 'mkdir'], action: 'SCMP_ACT_ALLOW' },
      { names: ['mkdir'], action: 'SCMP_ACT_KILL' },
    ];
    const seccomp = { defaultAction: 'SCMP_ACT_ERRNO', syscalls: rules };
    const file = bare(box, JSON.stringify(seccomp));
    const text = 'the rule about mkdir never counts: that of syscalls/0 does, which has no conditions';
    const warning = new RegExp(`FILE:1:\\d+ /syscalls/1/names/0: ${text}`);
    const stderrOf = (...words: string[]): string => box.must(['seccomp', ...words]).stderr.replaceAll(file, 'FILE');
    t.match(stderrOf('compile', file), warning);
    t.match(stderrOf('explain', file, 'mkdir'), warning);
    t.match(stderrOf('explain', file, '83'), warning);
    t.equal(stderrOf('explain', file, 'read'), '', 'the others are not asked about');
    const { stdout, stderr } = box.call(['validate', bundleWith(box, seccomp)]);
    t.match(stdout + stderr, text);
    t.match(stdout + stderr, '/linux/seccomp/syscalls/1/names/0');
  },
  scope,
);

/** A command line that is refused, what is in the file, and what is said. */
type Refused = readonly [string[], string, RegExp];

const refused: readonly Refused[] = [
  [['explain', 'FILE', 'mount'], '{"defaultAction":', /FILE:1:18: not JSON: the file ends/],
  [
    ['explain', 'FILE', 'mount'],
    '{"defaultAction":"NO"}',
    /FILE:1:18 \/defaultAction: there is no seccomp action 'NO'/,
  ],
  [['compile', 'FILE'], '{"defaultAction":"NO"}', /FILE:1:18 \/defaultAction: there is no seccomp action 'NO'/],
  [['compile', 'FILE'], '{"ociVersion":"1.3.0"}', /FILE has no linux\.seccomp: no system call is filtered/],
  [
    ['compile', 'FILE'],
    '{"defaultAction":"SCMP_ACT_ALLOW","archMap":[{}]}',
    /archMap belongs to the profiles of Docker and Podman/,
  ],
  [
    ['compile', 'FILE'],
    '{"syscalls":[{"includes":{"caps":[]}}]}',
    /:1:26 \/syscalls\/0\/includes: includes belongs to/,
  ],
  ...['9.007199254740993e15', '1e19'].map((value): Refused => [
    ['compile', 'FILE'],
    `{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["read"],"action":"SCMP_ACT_KILL","args":[{"index":0,"op":"SCMP_CMP_EQ","value":${value}}]}]}`,
    /:1:\d+ \/syscalls\/0\/args\/0\/value: a value beyond 2\^53-1 has to be written with all its digits/,
  ]),
  [['compile', 'FILE'], '[]', /there is no seccomp action undefined/],
  [['explain', 'FILE', 'mout'], '{}', /no architecture has a system call "mout".*did you mean mount\?/],
  [['explain', 'FILE', 'socketcall'], '{}', /SCMP_ARCH_X86_64 has no system call socketcall/],
  [
    ['explain', '--arch', 'x32', 'FILE', '1'],
    '{}',
    /SCMP_ARCH_X32 has no number 1: its numbers begin at 0x40000000 \(1 is a call of SCMP_ARCH_X86_64\)/,
  ],
  [['explain', 'FILE', 'read', 'x'], '{}', /"x" is not a number/],
  [['explain', 'FILE', 'read', '0x10000000000000000'], '{}', /does not fit into the 64 bits/],
  [['explain', 'FILE', 'read', ...'1234567'], '{}', /a system call has 6 arguments, not 7/],
  [['explain', 'FILE', 'read', '--arch', 'x68'], '{}', /no architecture "x68".*did you mean SCMP_ARCH_X86\?/],
  [['explain', 'FILE'], '{}', /takes a profile and a system call/],
  [['exlpain', 'FILE', 'read'], '{}', /seccomp does not know "exlpain" \(did you mean explain\?\)/],
  [['compile', 'FILE', 'read'], '{}', /takes a profile and nothing else/],
  [['compile', '/nowhere'], '{}', /read \/nowhere: no such file or directory/],
];

conformance(
  'seccomp: what is refused, and why',
  (t, box) => {
    for (const [args, text, message] of refused) {
      const file = bare(box, text);
      const { status, stderr, stdout } = box.call(['seccomp', ...args.map((word) => (word === 'FILE' ? file : word))]);
      t.equal(status, 1, args.join(' '));
      t.equal(stdout, '');
      t.match(stderr.replaceAll(file, 'FILE'), message);
    }
  },
  scope,
);
