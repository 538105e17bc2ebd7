/** update: every option changes what it says in the control files, and in systemd's unit; what fails changes nothing. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import t, { type Test } from 'tap';
import { conformance } from '../lib/conformance.ts';
import { flavour } from '../lib/runtime.ts';
import { Sandbox } from '../lib/sandbox.ts';
import { pause, until } from '../lib/wait.ts';
import { disk } from './cases.ts';
import { bySystemd, create, limits, resources, shown, working, type Limited } from './limited.ts';

const MiB = 1 << 20;
const ocirun = { only: 'ocirun' } as const;

/** Whether systemd is asked: what it keeps is a promise of ocirun. */
const asked = bySystemd && flavour === 'ocirun';

type Values = Readonly<Record<string, string>>;

interface Row {
  readonly flags: readonly string[];
  readonly files: Values;
  /** Properties of the unit. */
  readonly unit?: Values;
  readonly only?: 'ocirun';
}

/** One after the other, of one container. */
const rows: readonly Row[] = [
  { flags: ['--memory', '64m'], files: { 'memory.max': `${64 * MiB}` }, unit: { MemoryMax: `${64 * MiB}` } },
  {
    flags: ['--memory-reservation', '32m'],
    files: { 'memory.low': `${32 * MiB}`, 'memory.max': `${64 * MiB}` },
    unit: { MemoryLow: `${32 * MiB}` },
  },
  {
    flags: ['--memory-swap', '96m'],
    files: { 'memory.swap.max': `${32 * MiB}`, 'memory.max': `${64 * MiB}` },
    unit: { MemorySwapMax: `${32 * MiB}` },
    // runc 1.1 does not look at the limit that the container has.
    only: 'ocirun',
  },
  {
    flags: ['--memory', '80m', '--memory-swap', '80m'],
    files: { 'memory.max': `${80 * MiB}`, 'memory.swap.max': '0' },
    unit: { MemoryMax: `${80 * MiB}`, MemorySwapMax: '0' },
  },
  {
    flags: ['--memory', '90m'],
    files: { 'memory.max': `${90 * MiB}`, 'memory.swap.max': '0' },
    unit: { MemoryMax: `${90 * MiB}`, MemorySwapMax: '0' },
  },
  {
    flags: ['--memory', '-1'],
    files: { 'memory.max': 'max', 'memory.swap.max': 'max', 'memory.low': `${32 * MiB}` },
    unit: { MemoryMax: 'infinity', MemorySwapMax: 'infinity' },
  },
  {
    flags: ['--cpu-quota', '30000', '--cpu-period', '50000'],
    files: { 'cpu.max': '30000 50000' },
    unit: { CPUQuotaPerSecUSec: '600ms', CPUQuotaPeriodUSec: '50ms' },
  },
  {
    flags: ['--cpu-period', '60000'],
    files: { 'cpu.max': '30000 60000' },
    unit: { CPUQuotaPerSecUSec: '500ms', CPUQuotaPeriodUSec: '60ms' },
  },
  { flags: ['--cpu-burst', '10000'], files: { 'cpu.max.burst': '10000', 'cpu.max': '30000 60000' }, only: 'ocirun' },
  { flags: ['--cpu-burst', '0'], files: { 'cpu.max.burst': '0' }, only: 'ocirun' },
  // systemd has no period without a quota.
  {
    flags: ['--cpu-quota', '-1'],
    files: bySystemd ? {} : { 'cpu.max': 'max 60000' },
    unit: { CPUQuotaPerSecUSec: 'infinity' },
  },
  { flags: ['--cpu-share', '262144'], files: { 'cpu.weight': '10000' }, unit: { CPUWeight: '10000' } },
  { flags: ['--cpuset-cpus', '1'], files: { 'cpuset.cpus': '1' }, unit: { AllowedCPUs: '1' } },
  { flags: ['--cpuset-mems', '0'], files: { 'cpuset.mems': '0' }, unit: { AllowedMemoryNodes: '0' } },
  { flags: ['--pids-limit', '20'], files: { 'pids.max': '20' }, unit: { TasksMax: '20' } },
  { flags: ['--pids-limit', '-1'], files: { 'pids.max': 'max' }, unit: { TasksMax: 'infinity' } },
  { flags: ['--cpu-idle', '1'], files: { 'cpu.idle': '1' }, unit: { CPUWeight: 'idle' }, only: 'ocirun' },
  {
    flags: ['--cpu-idle', '0'],
    files: { 'cpu.idle': '0', 'cpu.weight': '10000' },
    unit: { CPUWeight: '10000' },
    only: 'ocirun',
  },
];

const found = (limited: Limited, files: Values): Values =>
  Object.fromEntries(Object.keys(files).map((file) => [file, limited.read(file)]));

const reload = (): void => void execFileSync('systemctl', ['daemon-reload']);

const box = new Sandbox();
const one = create(box, [], 'rows');

/** What systemd is to know in the end: the last row that speaks of a property. */
const known: Record<string, string> = {};

function judge(t: Test, { flags, files, unit = {} }: Row): void {
  box.must(['update', ...flags, one.id]);
  t.strictSame(found(one, files), files);
  Object.assign(known, unit);
  if (asked) t.match(shown([one.unit], Object.keys(unit)).get(one.unit), unit, 'systemd knows it');
}

for (const row of rows)
  conformance(`${limits}: update ${row.flags.join(' ')}`, (t) => judge(t, row), row.only ? { only: row.only } : {});

const settled: Values = {
  'memory.low': `${32 * MiB}`,
  'memory.max': 'max',
  'cpuset.cpus': '1',
  'pids.max': 'max',
};

conformance(
  `${limits}: all that was updated is still there when systemd reads its units again`,
  (t) => {
    if (asked) reload();
    t.strictSame(found(one, settled), settled);
    if (asked) t.match(shown([one.unit], Object.keys(known)).get(one.unit), known);
  },
  ocirun,
);

void t.test(`${limits}: nothing is left of a container that was updated`, (t) => {
  t.strictSame(box.close(), []);
  t.end();
});

const update = (box: Sandbox, limited: Limited, wanted: object) =>
  box.call(['update', '-r', box.file('resources', JSON.stringify(wanted)), limited.id]);

const { major, minor } = disk;

conformance(
  `${limits}: update --resources of block devices, huge pages, RDMA and files by their names`,
  (t, box) => {
    const throttleReadBpsDevice = [{ major, minor, rate: MiB }];
    const limited = create(box, [resources({ blockIO: { throttleReadBpsDevice } })]);
    const wanted = {
      blockIO: { weight: 500, throttleWriteIOPSDevice: [{ major, minor, rate: 100 }] },
      hugepageLimits: [{ pageSize: '2MB', limit: 4 * MiB }],
      rdma: { rxe0: { hcaHandles: 3 } },
      unified: {
        'memory.high': `${50 * MiB}`,
        'memory.min': `${MiB}`,
        'memory.oom.group': '1',
        'memory.zswap.max': `${8 * MiB}`,
      },
    };
    t.match(update(box, limited, wanted), { status: 0, stderr: '' });
    const io = `${major}:${minor} rbps=${MiB} wbps=max riops=max wiops=100`;
    const files = {
      'io.max': io,
      'io.weight': 'default 4950',
      'hugetlb.2MB.max': `${4 * MiB}`,
      'hugetlb.2MB.rsvd.max': `${4 * MiB}`,
      ...wanted.unified,
    };
    // Scopes have an OOMPolicy since systemd 253; older ones write a 0 whenever they are told of memory.
    const { 'memory.oom.group': _, ...kept } = files;
    const expected = asked ? kept : files;
    t.strictSame(found(limited, expected), expected);
    t.match(limited.read('rdma.max'), 'rxe0 hca_handle=3 hca_object=max');
    if (!asked) return;
    reload();
    t.strictSame(found(limited, kept), kept, 'systemd keeps it');
    const unit = { MemoryHigh: `${50 * MiB}`, MemoryMin: `${MiB}`, IOWeight: '4950' };
    t.match(shown([limited.unit], Object.keys(unit)).get(limited.unit), unit);
  },
  ocirun,
);

conformance(`${limits}: an option counts more than a file that was named before`, (t, box) => {
  const limited = create(box, [resources({ unified: { 'cpu.max': '20000 50000' } })]);
  t.equal(limited.read('cpu.max'), '20000 50000');
  box.must(['update', '--cpu-quota', '30000', limited.id]);
  t.equal(limited.read('cpu.max'), '30000 100000');
  if (asked) reload();
  t.equal(limited.read('cpu.max'), '30000 100000');
});

conformance(
  `${limits}: update --blkio-weight, and the weight of a device, where there is BFQ`,
  (t, box) => {
    const scheduler = `/sys/block/${disk.path.slice('/dev/'.length)}/queue/scheduler`;
    execFileSync('modprobe', ['bfq']);
    writeFileSync(scheduler, 'bfq');
    box.undo(() => {
      writeFileSync(scheduler, 'none');
      execFileSync('modprobe', ['-r', 'bfq']);
    });
    const limited = create(box, []);
    box.must(['update', '--blkio-weight', '500', limited.id]);
    t.match(limited.read('io.bfq.weight'), /^default 500$/m);
    t.match(update(box, limited, { blockIO: { weightDevice: [{ major, minor, weight: 300 }] } }), { status: 0 });
    t.match(limited.read('io.bfq.weight'), /^default 500$/m);
    t.match(limited.read('io.bfq.weight'), new RegExp(`^${major}:${minor} 300$`, 'm'));
    if (asked) {
      reload();
      t.match(limited.read('io.bfq.weight'), new RegExp(`^default 500\n${major}:${minor} 300$`), 'systemd keeps it');
    }
    box.must(['delete', '--force', limited.id]);
  },
  ocirun,
);

conformance(
  `${limits}: a limit that is lowered below what is in use swaps or kills, as the kernel does`,
  (t, box) => {
    const limited = create(box, [resources({ memory: { limit: 64 * MiB, swap: 128 * MiB } }), working('eat', '24')]);
    box.must(['start', limited.id]);
    t.ok(until(() => limited.output().includes('ready')));
    box.must(['update', '--memory', '16m', limited.id]);
    t.ok(Number(limited.read('memory.current')) <= 16 * MiB);
    t.ok(Number(limited.read('memory.swap.current')) > 4 * MiB);
    t.equal(limited.read('memory.swap.max'), `${64 * MiB}`, 'what it may swap is what it was');
  },
  ocirun,
);

conformance(`${limits}: a quota that is given later throttles`, (t, box) => {
  const limited = create(box, [working('spin', '600000')]);
  box.must(['start', limited.id]);
  box.must(['update', '--cpu-quota', '10000', '--cpu-period', '100000', limited.id]);
  t.ok(until(() => limited.count('cpu.stat', 'nr_throttled') > 5));
  box.must(['update', '--cpu-quota', '-1', limited.id]);
  pause(200);
  const times = limited.count('cpu.stat', 'nr_throttled');
  pause(500);
  t.equal(limited.count('cpu.stat', 'nr_throttled'), times, 'and no more without it');
});
