/** linux.resources.devices: who may use which devices (config-linux.md "Allowed Device list"). */
import fc from 'fast-check';
import { existsSync, mkdirSync, readFileSync, rmdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { DeviceCgroup, behind } from '../../src/plan/device-filter/version1.ts';
import type { Wanted } from '../../src/plan/device-filter/simulator.ts';
import type { DeviceRule } from '../../src/spec/types.ts';
import { userNamespace } from '../lib/config.ts';
import { conformance } from '../lib/conformance.ts';
import { questions, ruleList } from '../lib/device-rules.ts';
import { answers, answersIn, nodes, ruled, rules } from '../lib/devices.ts';
import { flavour, isStandalone, repository } from '../lib/runtime.ts';
import type { Result } from '../lib/runtime.ts';
import type { Sandbox } from '../lib/sandbox.ts';
import { until } from '../lib/wait.ts';

const everyDefault = ['c:1:3:rw', 'c:1:5:rw', 'c:1:7:rw', 'c:1:8:rw', 'c:1:9:rw', 'c:5:0:rw'];

conformance('devices: without rules, or with all denied, the default ones may be used and any node made', (t, box) => {
  const asked = [
    ...everyDefault,
    'c:5:2:rw',
    'c:136:9:rw',
    'c:10:200:rw',
    'c:1:11:m',
    'b:8:0:m',
    'c:1:11:r',
    'b:8:0:w',
  ];
  const expected = '11111111111' + '00';
  for (const list of [undefined, [], rules('deny a rwm'), rules('allow a rwm', 'deny a rwm')])
    t.equal(answers(box, list as never, asked), expected, JSON.stringify(list));
});

conformance('devices: what is denied cannot be opened, and what is allowed can', (t, box) => {
  const asked = ['c:1:3:rw', 'c:1:5:r', 'c:10:235:r', 'c:10:235:rw', 'c:10:235:w'];
  t.equal(answers(box, rules('deny a rwm', 'allow c 10:235 r'), asked, 'open'), '11100');
  t.equal(answers(box, rules('deny a rwm', 'allow c 10:235 rw'), asked, 'open'), '11111');
  t.equal(answers(box, rules('deny a rwm'), asked, 'open'), '11000');
});

/** Rules, questions, and what they are answered. */
const rows: readonly (readonly [string, readonly string[], readonly string[], string])[] = [
  ['reading is not writing', ['deny a rwm', 'allow c 7:7 r'], ['c:7:7:r', 'c:7:7:w', 'c:7:7:rw', 'c:7:7:x'], '1001'],
  ['rules for one device are one', ['deny a rwm', 'allow c 7:7 r', 'allow c 7:7 w'], ['c:7:7:rw', 'c:7:7:r'], '11'],
  ['every minor number', ['deny a rwm', 'allow c 7:* rw'], ['c:7:0:rw', 'c:7:99:rw', 'c:8:0:r', 'b:7:0:r'], '1100'],
  ['every major number', ['deny a rwm', 'allow b *:7 rw'], ['b:1:7:rw', 'b:99:7:rw', 'b:7:1:r', 'c:7:7:r'], '1100'],
  ['every device of a type', ['deny a rwm', 'allow b *:* r'], ['b:1:7:r', 'b:1:7:w', 'c:7:7:r'], '100'],
  [
    'a range',
    ['deny a rwm', ...[3, 4, 5, 6].map((n) => `allow c 7:${n} rw`)],
    ['c:7:2:r', 'c:7:3:r', 'c:7:6:rw', 'c:7:7:r'],
    '0110',
  ],
  ['a later rule takes away', ['deny a rwm', 'allow c 7:7 rw', 'deny c 7:7 w'], ['c:7:7:r', 'c:7:7:w'], '10'],
  [
    'a later rule gives back',
    ['deny a rwm', 'allow c 7:7 rw', 'deny c 7:7 rw', 'allow c 7:7 w'],
    ['c:7:7:r', 'c:7:7:w'],
    '01',
  ],
  ['a rule for all forgets what was before', ['allow c 7:7 rw', 'deny a rwm'], ['c:7:7:r'], '0'],
  ['all allowed', ['allow a rwm'], ['c:7:7:rw', 'b:1:1:rw', 'b:1:1:m'], '111'],
  [
    'all but one allowed',
    ['allow a rwm', 'deny c 7:7 rwm'],
    ['c:7:7:r', 'c:7:7:w', 'c:7:7:m', 'c:7:8:rw', 'b:7:7:rw'],
    '00011',
  ],
  ['nodes that cannot be made', ['allow a rwm', 'deny c 7:7 m'], ['c:7:7:m', 'c:7:7:rw', 'c:7:8:m'], '011'],
  ['large numbers', ['deny a rwm', 'allow b 4095:1048575 rw'], ['b:4095:1048575:rw', 'b:4095:1048574:r'], '10'],
];

for (const [title, list, asked, expected] of rows)
  conformance(`devices: ${title}`, (t, box) => t.equal(answers(box, rules(...list), asked), expected));

conformance(
  'devices: who wants what is denied together with what is not gets nothing',
  (t, box) => t.equal(answers(box, rules('allow a rwm', 'deny c 7:7 w'), ['c:7:7:r', 'c:7:7:rw']), '10'),
  // Where everything else is allowed, its programs look for exceptions that have all of the access.
  { unless: flavour === 'runc' && existsSync('/sys/fs/cgroup/cgroup.procs') && 'runc lets them write there' },
);

conformance('devices: a part of what a wider rule is about cannot be taken away', (t, box) => {
  const refused = (...texts: string[]): string => {
    const { status, stderr } = box.call(['create', '--bundle', box.bundle(ruled(rules(...texts))), box.id()]);
    t.equal(status, 1);
    t.strictSame(box.ids(), []);
    return stderr;
  };
  const stderr = refused('deny a rwm', 'allow c 7:* rw', 'deny c 7:7 w');
  t.match(stderr, 'cannot punch hole in existing wildcard rule');
  if (flavour === 'ocirun')
    t.match(stderr, /config\.json:\d+:\d+ \/linux\/resources\/devices\/2: device rule "deny c 7:7 w"/);
  t.match(refused('allow a rwm', 'deny c 1:* r'), 'cannot punch hole', 'that of a default device');
});

conformance('devices: the nodes of the container are made, however few devices it may use', (t, box) => {
  const device = { type: 'b', path: '/dev/mine', major: 7, minor: 200, fileMode: 0o600 };
  const { paths } = box.report([
    (c) => void (c.process.args = ['/probe', 'report', '/dev/mine', '/dev/null']),
    ruled(rules('deny a rwm')),
    (c) => void (c.linux['devices'] = [device]),
  ]);
  t.match(paths['/dev/mine'], { kind: 'b', major: 7, minor: 200 });
  t.match(paths['/dev/null'], { kind: 'c', major: 1, minor: 3 });
});

conformance('devices: in a user namespace, too, only what is allowed may be used', (t, box) => {
  box.give(100_000);
  const asked = ['c:1:3:rw', 'c:1:11:r', 'c:1:5:r'];
  t.equal(answers(box, rules('deny a rwm'), asked, 'access', userNamespace()), '101');
});

conformance(
  'devices: where no node may be made, the step that makes one says so',
  (t, box) => {
    const list = rules('allow a rwm', 'deny b 7:200 m');
    const device = { type: 'b', path: '/dev/mine', major: 7, minor: 200 };
    const bundle = box.bundle(ruled(list), (c) => void (c.linux['devices'] = [device]));
    const { status, stderr } = box.call(['run', '--bundle', bundle, box.id()]);
    t.equal(status, 1);
    t.match(stderr.toLowerCase(), 'operation not permitted');
    t.match(stderr, '/linux/devices/0');
  },
  // runc makes them before it has the rules.
  { only: 'ocirun' },
);

interface Addon {
  open(path: string, flags: number, mode: number): number;
  close(fd: number): void;
  loadDeviceProgram(program: Uint8Array): number;
  attachDeviceProgram(cgroup: number, program: number, flags: number, replaced: number): void;
  devicePrograms(cgroup: number): number[];
}

const addon = (): Addon => createRequire(import.meta.url)(join(repository, 'build/ocirun.node')) as Addon;
const hybrid = '/sys/fs/cgroup/unified';
const mount = existsSync(`${hybrid}/cgroup.procs`) ? hybrid : '/sys/fs/cgroup';
const multi = 2;

/** return 0 */
const denyingAll = Uint8Array.of(0xb4, 0, 0, 0, 0, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0);

/** A cgroup of the test's with so many programs that deny everything, and a look at their number. */
function cgroupWith(box: Sandbox, count: number): { path: string; programs: () => number } {
  const path = `/${box.name}-before`;
  mkdirSync(mount + path);
  box.undo(() => existsSync(mount + path) && rmdirSync(mount + path));
  const native = addon();
  const cgroup = native.open(mount + path, 0o200000, 0);
  box.undo(() => native.close(cgroup));
  for (let index = 0; index < count; index += 1) {
    const program = native.loadDeviceProgram(denyingAll);
    native.attachDeviceProgram(cgroup, program, multi, -1);
    native.close(program);
  }
  return { path, programs: () => native.devicePrograms(cgroup).length };
}

for (const count of [0, 1, 3])
  conformance(
    `devices: in a cgroup that was there with ${count} programs, the container's is the only one`,
    (t, box) => {
      const { path, programs } = cgroupWith(box, count);
      t.equal(programs(), count);
      const asked = ['c:1:3:rw', 'c:1:11:r'];
      nodes(box, asked);
      const bundle = box.bundle(ruled(rules('deny a rwm')), (c) => {
        c.linux.cgroupsPath = path;
        c.process.args = ['/probe', 'access', ...asked];
      });
      box.must(['create', '--bundle', bundle, box.id()]);
      const call = box.calls;
      t.equal(programs(), 1);
      box.must(['start', box.id()]);
      t.ok(until(() => box.output(call).includes('}')));
      t.equal(answersIn(box.output(call), asked), '10');
    },
    { only: 'ocirun' },
  );

conformance(
  'devices: update replaces them, and at no time is allowed what neither the old nor the new rules allow',
  (t, box) => {
    nodes(box, ['c:1:11:r']);
    const insisting = (c: { process: { args: string[] } }) => void (c.process.args = ['/probe', 'insist', 'c:1:11:r']);
    const bundle = box.bundle(ruled(rules('deny a rwm')), insisting);
    box.must(['create', '--bundle', bundle, box.id()]);
    const call = box.calls;
    box.must(['start', box.id()]);
    t.ok(until(() => box.output(call).includes('ready')));
    const update = (...texts: string[]): void => {
      const file = box.file('resources.json', JSON.stringify({ devices: rules(...texts) }));
      box.must(['update', '--resources', file, box.id()]);
    };
    for (let round = 0; round < 10; round += 1) update('deny a rwm', `allow c 1:${20 + round} rw`);
    box.must(['kill', box.id(), 'TERM']);
    t.ok(until(() => box.output(call).includes(' of ')));
    t.match(box.output(call), /^ready\n0 of \d{3,}\n$/);
  },
  { only: 'ocirun' },
);

conformance(
  'devices: what update allows may be used at once',
  (t, box) => {
    nodes(box, ['c:1:11:r']);
    const bundle = box.bundle(
      ruled(rules('deny a rwm')),
      (c) => void (c.process.args = ['/probe', 'insist', 'c:1:11:r']),
    );
    box.must(['create', '--bundle', bundle, box.id()]);
    const call = box.calls;
    const file = box.file('resources.json', JSON.stringify({ devices: rules('deny a rwm', 'allow c 1:11 r') }));
    box.must(['update', '--resources', file, box.id()]);
    box.must(['start', box.id()]);
    t.ok(until(() => box.output(call).includes('ready')));
    box.must(['kill', box.id(), 'TERM']);
    t.ok(until(() => box.output(call).includes(' of ')));
    const [, allowed, asked] = /(\d+) of (\d+)/.exec(box.output(call)) ?? [];
    t.equal(allowed, asked);
  },
  { only: 'ocirun' },
);

/** The commands of bpf(2) in what strace has written. */
const commands = (log: string): string[] =>
  [...readFileSync(log, 'utf8').matchAll(/bpf\(BPF_(?:PROG_)?(\w+),/g)].map(([, command = '']) => command);

const traced = (log: string): string[] => ['strace', '-f', '-qq', '-o', log, '-e', 'trace=bpf'];

conformance(
  'devices: a new cgroup takes two calls; in one that was there, the new program comes before the old ones go',
  (t, box) => {
    const log = box.path('strace');
    const run = (path?: string): void => {
      const bundle = box.bundle(ruled(rules('deny a rwm')), (c) => {
        if (path) c.linux.cgroupsPath = path;
        c.process.args = ['/probe', 'exit', '0'];
      });
      box.must(['run', '--bundle', bundle, box.id()], { through: traced(log) });
    };
    run();
    t.strictSame(commands(log), ['LOAD', 'ATTACH']);
    t.match(readFileSync(log, 'utf8'), 'insn_cnt=20,');
    run(cgroupWith(box, 1).path);
    t.strictSame(commands(log), ['LOAD', 'QUERY', 'GET_FD_BY_ID', 'ATTACH']);
    t.match(readFileSync(log, 'utf8'), 'BPF_F_ALLOW_MULTI|BPF_F_REPLACE');
    run(cgroupWith(box, 2).path);
    t.strictSame(commands(log), ['LOAD', 'QUERY', 'GET_FD_BY_ID', 'GET_FD_BY_ID', 'ATTACH', 'DETACH', 'DETACH']);
  },
  { only: 'ocirun' },
);

conformance(
  'devices: where bpf(2) is refused, that is said, and nothing is left',
  (t, box) => {
    const path = `/${box.name}-refused`;
    const bundle = box.bundle(ruled(rules('deny a rwm')), (c) => void (c.linux.cgroupsPath = path));
    for (const [error, which, words] of [
      ['EPERM', '1', 'load the device program of cgroup .*: operation not permitted .*seccomp'],
      ['ENOSYS', '1', 'load the device program .*: function not implemented .*CONFIG_BPF_SYSCALL'],
      ['EINVAL', '2', 'attach the device program to cgroup .*: invalid argument .*CONFIG_CGROUP_BPF'],
    ] as const) {
      const log = box.path('strace');
      const through = [...traced(log), '-e', `inject=bpf:error=${error}:when=${which}`];
      const attempt = (): Result => box.call(['create', '--bundle', bundle, box.id()], { through });
      let { status, stderr } = attempt();
      // The kernel may give up for a signal, and is asked again: then the calls have other numbers.
      for (let left = 10; left > 0 && readFileSync(log, 'utf8').includes('EAGAIN'); left -= 1)
        ({ status, stderr } = attempt());
      t.equal(status, 1);
      t.match(stderr, new RegExp(`config.json:\\d+:\\d+ /linux/resources/devices: ${words}`));
      t.strictSame(box.ids(), []);
      t.notOk(existsSync(mount + path));
    }
  },
  { only: 'ocirun' },
);

/** The rules in a device controller of version 1; undefined where a rule is refused. */
function version1(list: readonly DeviceRule[]): DeviceCgroup | undefined {
  const cgroup = new DeviceCgroup();
  for (const each of [...list, ...behind]) cgroup.write(each);
  return cgroup.hole ? undefined : cgroup;
}

const letters = (access: number): string => ['m', 'r', 'w'].filter((_, bit) => access & (1 << bit)).join('') || 'x';

/**
 * Whether the kernel can be asked that: mknod(2) asks for nothing else besides, numbers have 12 and 20 bits, and 0:0 is
 * no device to it (devcgroup_inode_permission).
 */
const canBeAsked = ({ major, minor, access }: Wanted): boolean =>
  (access === 1 || (access & 1) === 0) && major < 4096 && minor < 2 ** 20 && major + minor > 0;

const textOf = ({ type, major, minor, access }: Wanted): string =>
  `${type === 1 ? 'b' : 'c'}:${major}:${minor}:${letters(access)}`;

/** How many lists the kernel is asked about, and how much of each. */
const lists = isStandalone ? 200 : 20;
const most = 120;

conformance(
  'devices: random lists of rules mean to the kernel what they mean to cgroup v1',
  (test, box) => {
    const seed = Number(process.env['OCIRUN_TEST_SEED'] ?? Date.now() % 2 ** 31);
    test.comment(`${lists} lists, seed ${seed}`);
    const drawn = fc.sample(ruleList, { numRuns: lists * 2, seed });
    let [asked, tried] = [0, 0];
    for (const list of drawn) {
      const cgroup = version1(list);
      if (!cgroup || tried === lists) continue;
      tried += 1;
      const wanted = fc.sample(fc.constantFrom(...questions(list).filter(canBeAsked)), { numRuns: most, seed });
      const texts = new Map(wanted.map((each) => [textOf(each), Number(cgroup.permits(each))]));
      asked += texts.size;
      const found = answers(box, list, [...texts.keys()]);
      const expected = [...texts.values()].join('');
      if (found !== expected) test.equal(found, expected, `${JSON.stringify(list)}\n${[...texts.keys()].join(' ')}`);
    }
    test.equal(tried, lists);
    test.ok(asked > lists * 50, `${asked} answers`);
  },
  { only: 'ocirun' },
);
