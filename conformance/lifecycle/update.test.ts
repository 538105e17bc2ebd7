/**
 * update: what a container may use is changed, all of it or nothing. Here by limits of huge pages, which this machine
 * has; every other one is in cgroup/update.guest.ts.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import type { Test } from 'tap';
import { conformance } from '../lib/conformance.ts';
import { probing, type Edit } from '../lib/config.ts';
import type { Sandbox } from '../lib/sandbox.ts';

const hybrid = existsSync('/sys/fs/cgroup/unified');
const hierarchy = hybrid ? '/sys/fs/cgroup/unified' : '/sys/fs/cgroup';

const has = readFileSync(`${hierarchy}/cgroup.controllers`, 'utf8').trim().split(' ').includes('hugetlb');

const scope = { only: 'ocirun', unless: !has && 'the cgroup2 of this machine has no hugetlb' } as const;

const limited =
  (resources: object): Edit =>
  (config) =>
    void (config.linux['resources'] = { ...(config.linux['resources'] as object | undefined), ...resources });

const pages = (pageSize: string, limit: number) => ({ pageSize, limit });

const ready = (box: Sandbox, ...edits: Edit[]): number =>
  box.startReady(box.id(), box.bundle(probing('sleep'), ...edits));

const read = (box: Sandbox, file: string): string => readFileSync(`${hierarchy}/${box.id()}/${file}`, 'utf8').trim();

const update = (box: Sandbox, resources: object | string) => {
  const text = typeof resources === 'string' ? resources : JSON.stringify(resources);
  return box.call(['update', '--resources', box.file('resources', text), box.id()]);
};

const updated = (t: Test, box: Sandbox, resources: object | string): void => {
  const { status, stderr } = update(box, resources);
  t.equal(status, 0, stderr);
};

conformance(
  'update --resources FILE: the files have the new values, and what is not spoken of its old one',
  (t, box) => {
    ready(box, limited({ hugepageLimits: [pages('2MB', 4 << 20), pages('1GB', 2 ** 30)] }));
    updated(t, box, { hugepageLimits: [pages('2MB', 8 << 20)] });
    t.equal(read(box, 'hugetlb.2MB.max'), String(8 << 20));
    t.equal(read(box, 'hugetlb.2MB.rsvd.max'), String(8 << 20));
    t.equal(read(box, 'hugetlb.1GB.max'), String(2 ** 30));
    t.match(box.state(), { status: 'running' });
  },
  scope,
);

conformance(
  'update --resources -: from standard input, to the last digit',
  (t, box) => {
    ready(box);
    const stdin = box.file('in', ' {"hugepageLimits": [{"pageSize": "2MB", "limit": 9007199254740993}]}\n');
    box.must(['update', '--resources', '-', box.id()], { stdin });
    t.equal(read(box, 'hugetlb.2MB.max'), '9007199254740992', 'in whole pages');
    box.must(['update', '-r', '-', box.id()], { stdin: box.file('in', '{}') });
    t.equal(read(box, 'hugetlb.2MB.max'), '9007199254740992');
  },
  scope,
);

conformance(
  'update: what somebody else has written stays, where the update does not speak of it',
  (t, box) => {
    ready(box, limited({ hugepageLimits: [pages('2MB', 4 << 20), pages('1GB', 2 ** 30)] }));
    writeFileSync(`${hierarchy}/${box.id()}/hugetlb.1GB.max`, '0');
    updated(t, box, { hugepageLimits: [pages('2MB', 8 << 20)] });
    t.equal(read(box, 'hugetlb.1GB.max'), '0');
    writeFileSync(`${hierarchy}/${box.id()}/hugetlb.2MB.max`, '0');
    updated(t, box, { hugepageLimits: [pages('2MB', 8 << 20)] });
    t.equal(read(box, 'hugetlb.2MB.max'), String(8 << 20), 'the value of before is written again');
  },
  scope,
);

conformance(
  'update: a created and a paused container, too',
  (t, box) => {
    box.must(['create', '--bundle', box.bundle(probing('sleep')), box.id()]);
    updated(t, box, { hugepageLimits: [pages('2MB', 2 << 20)] });
    t.equal(read(box, 'hugetlb.2MB.max'), String(2 << 20));
    box.must(['pause', box.id()]);
    updated(t, box, { hugepageLimits: [pages('2MB', 4 << 20)] });
    t.equal(read(box, 'hugetlb.2MB.max'), String(4 << 20));
    t.match(box.state(), { status: 'paused' });
  },
  scope,
);

conformance(
  'update: a value that the kernel refuses brings all others back',
  (t, box) => {
    ready(box, limited({ hugepageLimits: [pages('2MB', 4 << 20)] }));
    const unified = { 'hugetlb.1GB.max': String(2 ** 30), 'hugetlb.1GB.rsvd.max': 'much' };
    const result = update(box, { hugepageLimits: [pages('2MB', 8 << 20)], unified });
    t.equal(result.status, 1);
    t.match(result.stderr, /resources:1:\d+ \/unified\/hugetlb\.1GB\.rsvd\.max: unable to set unified resource/);
    t.match(result.stderr, 'invalid argument');
    t.notMatch(result.stderr, 'while undoing');
    t.equal(read(box, 'hugetlb.2MB.max'), String(4 << 20));
    t.equal(read(box, 'hugetlb.2MB.rsvd.max'), String(4 << 20));
    t.equal(read(box, 'hugetlb.1GB.max'), 'max');
    updated(t, box, { hugepageLimits: [pages('1GB', 0)] });
    t.equal(read(box, 'hugetlb.2MB.max'), String(4 << 20), 'what has failed is not remembered');
  },
  scope,
);

conformance(
  'update: where the new limits cannot be kept, the old ones are back',
  (t, box) => {
    ready(box, limited({ hugepageLimits: [pages('2MB', 4 << 20)] }));
    // Its temporary file cannot be made.
    mkdirSync(`${box.root}/${box.id()}/.resources.json`);
    const { status, stderr } = update(box, { hugepageLimits: [pages('2MB', 8 << 20)] });
    t.equal(status, 1);
    t.match(stderr, 'write resources.json');
    t.equal(read(box, 'hugetlb.2MB.max'), String(4 << 20));
  },
  scope,
);

conformance(
  'update: a limit without its controller is refused, and named by its option',
  (t, box) => {
    ready(box, limited({ hugepageLimits: [pages('2MB', 4 << 20)] }));
    const covered = `${hierarchy}/cgroup.controllers`;
    execFileSync('mount', ['--bind', box.file('controllers', 'hugetlb\n'), covered]);
    box.undo(() => execFileSync('umount', [covered]));
    const { status, stderr } = box.call(['update', '--memory', '1g', '--pids-limit', '5', box.id()]);
    t.equal(status, 1);
    t.match(stderr, /^--(memory|pids-limit): the cgroup2 hierarchy at .* has no controller (memory|pids)/);
    t.notOk(existsSync(`${box.root}/${box.id()}/resources.json`));
  },
  scope,
);

conformance(
  'update: what the container has already counts for the rules',
  (t, box) => {
    ready(box);
    writeFileSync(
      `${box.root}/${box.id()}/resources.json`,
      JSON.stringify({ memory: { limit: 1 << 20, swap: 2 << 20 }, cpu: { burst: 5000 } }),
    );
    const refused = (flags: readonly string[], says: string): void => {
      const { status, stderr } = box.call(['update', ...flags, box.id()]);
      t.equal(status, 1, flags.join(' '));
      t.match(stderr, says);
    };
    refused(['--memory-swap', '512k'], 'memory+swap limit should be >= memory limit');
    refused(['--cpu-quota', '4000'], 'cpu burst 5000 is larger than the quota 4000');
    refused(['--cpu-quota', '4000'], 'the container has linux.resources.cpu.burst already');
  },
  scope,
);

conformance(
  'update: without a limit no controller is enabled',
  (t, box) => {
    const parent = `/${box.name}-parent`;
    mkdirSync(hierarchy + parent);
    box.undo(() => rmdirSync(hierarchy + parent));
    const place: Edit = (config) => void (config.linux.cgroupsPath = `${parent}/${box.id()}`);
    const bundle = box.bundle(probing('sleep'), place, (config) => void (config.linux['resources'] = { devices: [] }));
    box.must(['create', '--bundle', bundle, box.id()]);
    const enabled = (): string => readFileSync(`${hierarchy}${parent}/cgroup.subtree_control`, 'utf8').trim();
    t.equal(enabled(), '');
    updated(t, box, { devices: [{ allow: true, type: 'c', major: 1, minor: 11, access: 'r' }] });
    t.equal(enabled(), '');
    updated(t, box, { hugepageLimits: [pages('2MB', 2 << 20)] });
    t.match(enabled(), 'hugetlb');
  },
  scope,
);

/** Whether a process in the container's cgroup can open the kernel's log, which is a device of no container's. */
const opensLog = (box: Sandbox): boolean => {
  const script = 'echo $$ >"$0/cgroup.procs" || exit 9; : </dev/kmsg';
  const { status } = spawnSync('sh', ['-c', script, `${hierarchy}/${box.id()}`], { stdio: 'ignore' });
  if (status === 9) throw new Error('it cannot enter the cgroup');
  return status === 0;
};

const deny = { allow: false, access: 'rwm' };
const allow = { allow: true, type: 'c', major: 1, minor: 11, access: 'r' };

conformance(
  'update: rules for devices take the place of the old ones',
  (t, box) => {
    ready(box, limited({ devices: [deny] }));
    t.notOk(opensLog(box));
    updated(t, box, { devices: [deny, allow] });
    t.ok(opensLog(box));
    updated(t, box, { hugepageLimits: [pages('2MB', 0)] });
    t.ok(opensLog(box), 'those of the last update stay');
    updated(t, box, { devices: [deny] });
    t.notOk(opensLog(box));
  },
  { only: 'ocirun' },
);

conformance(
  'update: rules for devices are back where the new ones cannot be kept',
  (t, box) => {
    ready(box, limited({ devices: [deny] }));
    mkdirSync(`${box.root}/${box.id()}/.resources.json`);
    t.match(update(box, { devices: [deny, allow] }), { status: 1, stderr: /write resources\.json/ });
    t.notOk(opensLog(box));
  },
  { only: 'ocirun' },
);

conformance('update refuses a container that has stopped, and none', (t, box) => {
  box.must(['run', '--keep', '--bundle', box.bundle(probing('exit', '0')), box.id()]);
  const { status, stderr } = box.call(['update', '--pids-limit', '5', box.id()]);
  t.equal(status, 1);
  t.match(stderr, 'container not running');
  t.match(box.call(['update', '--pids-limit', '5', box.id('none')]).stderr, 'container does not exist');
});

conformance('update refuses what is no value', (t, box) => {
  ready(box);
  const rows = [
    ['cpu-period', '-1'],
    ['cpu-share', 'x'],
    ['cpu-quota', '1.5'],
    ['memory', '5x'],
    ['memory-swap', '-2'],
    ['memory-reservation', 'm'],
  ];
  for (const [flag = '', value = ''] of rows) {
    const { status, stderr } = box.call(['update', `--${flag}=${value}`, box.id()]);
    t.equal(status, 1, flag);
    t.match(stderr, `invalid value for ${flag}`);
  }
});

conformance(
  'update: obsolete options are accepted, and told',
  (t, box) => {
    ready(box);
    for (const flag of ['kernel-memory', 'kernel-memory-tcp']) {
      const { status, stderr } = box.call(['update', `--${flag}`, '5', box.id()]);
      t.equal(status, 0);
      t.match(stderr, `Setting --${flag} is ignored and will be removed`);
    }
  },
  // The runc of the tests has them as limits.
  { only: 'ocirun' },
);

conformance(
  'update: every fault of a file is told with its place',
  (t, box) => {
    ready(box);
    const { status, stderr } = update(box, '{\n  "memory": {"limit": "5"},\n  "cpu": {"cpus": 5, "idle": 2}\n}');
    t.equal(status, 1);
    t.match(stderr, /resources:2:23 \/memory\/limit: must be an integer, not "5"\n/);
    t.match(stderr, /resources:3:19 \/cpu\/cpus: must be a string, not 5\n/);
    t.match(stderr, /resources:3:30 \/cpu\/idle: invalid cpu idle: 2: expected 0 or 1\n/);
    t.match(update(box, '{"memory": {"limit": 5}').stderr, /resources:1:\d+: not JSON/);
    t.match(update(box, '{}, "devices": []').stderr, /resources:1:3: not JSON/);
    t.match(update(box, '').stderr, 'there is nothing in it');
    t.match(box.call(['update', '-r', '/nonexistent', box.id()]).stderr, 'read resources /nonexistent: no such file');
    t.notOk(readdirSync(`${box.root}/${box.id()}`).includes('resources.json'));
  },
  { only: 'ocirun' },
);

conformance(
  'update: Intel RDT is refused by the option',
  (t, box) => {
    ready(box);
    for (const flag of ['--l3-cache-schema', '--mem-bw-schema']) {
      const { status, stderr } = box.call(['update', flag, 'L3:0=f', '--pids-limit', '5', box.id()]);
      t.equal(status, 1);
      t.match(stderr, `${flag}: Intel RDT is not supported yet`);
    }
  },
  { only: 'ocirun' },
);

conformance(
  'update: CPU shares of what stays idle are refused: the kernel has no weight for it',
  (t, box) => {
    ready(box);
    // As it is after `update --cpu-idle 1`, where cgroup2 has the controller.
    writeFileSync(`${box.root}/${box.id()}/resources.json`, '{"cpu":{"idle":1}}');
    const { status, stderr } = box.call(['update', '--cpu-share', '2000', box.id()]);
    t.equal(status, 1);
    t.match(stderr, /--cpu-share: the container is idle \(cpu\.idle is 1\), and has no CPU shares while it is/);
    t.match(readFileSync(`${box.root}/${box.id()}/resources.json`, 'utf8'), '{"cpu":{"idle":1}}');
  },
  { only: 'ocirun' },
);
