import t from 'tap';
import type { Resources } from '../../spec/types.ts';
import { resourceControls } from '../cgroup/index.ts';
import { asSystemdKeepsIt, dependsOnVersion, resourceProperties, wholePercent } from './properties.ts';

const infinity = 0xffff_ffff_ffff_ffffn;

const controls = (resources: Resources) => resourceControls(resources);

/** [name, value] of what such resources come to. */
const said = (resources: Resources, version = 252, moment: 'start' | 'update' = 'start') =>
  resourceProperties(controls(resources), { version, bfq: false }, moment).map(([name, { value }]) => [name, value]);

t.test('fields of linux.resources', async (t) => {
  const table: [Resources, [string, unknown][]][] = [
    [{}, []],
    [{ memory: { limit: 64 << 20 } }, [['MemoryMax', 67108864n]]],
    [
      { memory: { limit: -1 } },
      [
        ['MemorySwapMax', infinity],
        ['MemoryMax', infinity],
      ],
    ],
    [
      { memory: { limit: 1000, swap: 1500, reservation: 500 } },
      [
        ['MemorySwapMax', 500n],
        ['MemoryMax', 1000n],
        ['MemoryLow', 500n],
      ],
    ],
    [{ cpu: { shares: 1024 } }, [['CPUWeight', 100n]]],
    [{ cpu: { idle: 1 } }, [['CPUWeight', 0n]]],
    [{ cpu: { idle: 1, shares: 2000 } }, [['CPUWeight', 0n]]],
    [{ cpu: { idle: 0, shares: 2000 } }, [['CPUWeight', 170n]]],
    [
      { cpu: { quota: 50000 } },
      [
        ['CPUQuotaPerSecUSec', 500000n],
        ['CPUQuotaPeriodUSec', 100000n],
      ],
    ],
    [
      { cpu: { quota: 1000, period: 300000 } },
      [
        ['CPUQuotaPerSecUSec', 10000n],
        ['CPUQuotaPeriodUSec', 300000n],
      ],
    ],
    [
      { cpu: { quota: -1, period: 50000 } },
      [
        ['CPUQuotaPerSecUSec', infinity],
        ['CPUQuotaPeriodUSec', 50000n],
      ],
    ],
    [
      { cpu: { period: 50000 } },
      [
        ['CPUQuotaPerSecUSec', infinity],
        ['CPUQuotaPeriodUSec', 50000n],
      ],
    ],
    [
      { cpu: { cpus: '0-1', mems: '0' } },
      [
        ['AllowedCPUs', Uint8Array.of(3)],
        ['AllowedMemoryNodes', Uint8Array.of(1)],
      ],
    ],
    [{ pids: { limit: 0 } }, [['TasksMax', 1n]]],
    [{ pids: { limit: -1 } }, [['TasksMax', infinity]]],
    [{ pids: { limit: 7 } }, [['TasksMax', 7n]]],
    // 10 … 1000 of blkio is 1 … 10000 of systemd.
    [{ blockIO: { weight: 1000 } }, [['IOWeight', 10000n]]],
    [{ blockIO: { weightDevice: [{ major: 8, minor: 0, weight: 100 }] } }, []],
    [{ blockIO: { throttleReadBpsDevice: [{ major: 8, minor: 0, rate: 100 }] } }, []],
    [{ hugepageLimits: [{ pageSize: '2MB', limit: 0 }] }, []],
  ];
  for (const [resources, properties] of table) t.strictSame(said(resources), properties, JSON.stringify(resources));
});

t.test('files of cgroup v2', async (t) => {
  const table: [Record<string, string>, [string, unknown][]][] = [
    [
      { 'memory.min': '1024', 'memory.low': '1K' },
      [
        ['MemoryMin', 1024n],
        ['MemoryLow', 1024n],
      ],
    ],
    [{ 'memory.high': ' 2g\n' }, [['MemoryHigh', 2147483648n]]],
    [{ 'memory.max': 'max' }, [['MemoryMax', infinity]]],
    [{ 'memory.max': 'nonsense' }, []],
    [{ 'memory.swap.max': '99999999999999999999' }, [['MemorySwapMax', infinity]]],
    [{ 'cpu.weight': '77' }, [['CPUWeight', 77n]]],
    [{ 'cpu.weight': '77', 'cpu.idle': '1' }, [['CPUWeight', 0n]]],
    [{ 'cpu.idle': '0' }, [['CPUWeight', infinity]]],
    [{ 'cpu.idle': '0', 'cpu.weight': '77' }, [['CPUWeight', 77n]]],
    [{ 'cpu.idle': '2' }, []],
    [
      { 'cpu.max': '50000' },
      [
        ['CPUQuotaPerSecUSec', 500000n],
        ['CPUQuotaPeriodUSec', 100000n],
      ],
    ],
    [
      { 'cpu.max': 'max 7000' },
      [
        ['CPUQuotaPerSecUSec', infinity],
        ['CPUQuotaPeriodUSec', 7000n],
      ],
    ],
    [{ 'cpu.max': '1 2 3' }, []],
    [{ 'cpuset.cpus': '1,9' }, [['AllowedCPUs', Uint8Array.of(2, 2)]]],
    [
      { 'cpuset.cpus': '\n', 'cpuset.mems': '' },
      [
        ['AllowedCPUs', Uint8Array.of()],
        ['AllowedMemoryNodes', Uint8Array.of()],
      ],
    ],
    [{ 'cpuset.cpus': 'nonsense' }, []],
    [{ 'pids.max': '10' }, [['TasksMax', 10n]]],
    [
      { 'io.weight': 'default 33\n8:0 20\n8:16 default' },
      [
        ['IOWeight', 33n],
        ['IODeviceWeight', [['/dev/block/8:0', 20n]]],
      ],
    ],
    [{ 'io.weight': '44' }, [['IOWeight', 44n]]],
    [{ 'io.max': '8:0 rbps=1', 'cpu.max.burst': '0', 'hugetlb.2MB.max': '0', constructor: 'x' }, []],
  ];
  for (const [unified, properties] of table) t.strictSame(said({ unified }), properties, JSON.stringify(unified));
});

t.test('the file counts more than the field', async (t) => {
  t.strictSame(said({ pids: { limit: 5 }, unified: { 'pids.max': '6' } }), [['TasksMax', 6n]]);
});

t.test('by version', async (t) => {
  const cpu = { shares: 2000, idle: 1, quota: 50000, cpus: '0' };
  const versions: [number, string[]][] = [
    [241, ['CPUQuotaPerSecUSec']],
    [242, ['CPUQuotaPerSecUSec', 'CPUQuotaPeriodUSec']],
    [244, ['CPUQuotaPerSecUSec', 'CPUQuotaPeriodUSec', 'AllowedCPUs']],
    [252, ['CPUWeight', 'CPUQuotaPerSecUSec', 'CPUQuotaPeriodUSec', 'AllowedCPUs']],
  ];
  for (const [version, names] of versions)
    t.strictSame(
      said({ cpu }, version).map(([name]) => name),
      names,
    );
  t.strictSame(said({ unified: { 'cpu.idle': '1', 'cpu.weight': '9' } }, 251), [['CPUWeight', 9n]]);
  const unified = { 'memory.oom.group': '1', 'memory.zswap.max': '5' };
  t.strictSame(said({ unified }, 252), []);
  t.strictSame(said({ unified }, 253), [
    ['OOMPolicy', 'kill'],
    ['MemoryZSwapMax', 5n],
  ]);
  t.strictSame(said({ unified }, 253, 'update'), [['MemoryZSwapMax', 5n]], 'only while the unit is being made');
  t.strictSame(said({ unified: { 'memory.oom.group': '0' } }, 253), [['OOMPolicy', 'continue']]);
  t.strictSame(said({ unified: { 'memory.oom.group': '2' } }, 253), []);
});

t.test('whether the version matters', async (t) => {
  t.notOk(dependsOnVersion(controls({ memory: { limit: 1 }, pids: { limit: 1 }, cpu: { shares: 9 } })));
  for (const resources of [{ cpu: { quota: 5 } }, { cpu: { cpus: '0' } }, { unified: { 'memory.oom.group': '1' } }])
    t.ok(dependsOnVersion(controls(resources)));
});

t.test('a quota of whole percents, and never less', async (t) => {
  const table: [string, string][] = [
    ['50000 100000', '50000 100000'],
    ['33333 100000', '34000 100000'],
    ['1000 300000', '3000 300000'],
    ['5000', '5000'],
    ['5001', '6000 100000'],
    ['max 100000', 'max 100000'],
    ['nonsense', 'nonsense'],
    // What systemd makes of its percents is the same, or a little more.
    ['1500 3333', '1533 3333'],
  ];
  for (const [asked, kept] of table) t.equal(wholePercent(asked), kept, asked);
  const [first, second] = asSystemdKeepsIt(controls({ cpu: { quota: 33333, shares: 1024 } }));
  t.strictSame([first?.value, second?.value], ['100', '34000 100000']);
});

t.test('where there is BFQ', async (t) => {
  const weights: [number, bigint][] = [
    [10, 10n],
    [100, 100n],
    [101, 111n],
    [1000, 10000n],
  ];
  for (const [weight, property] of weights) {
    const made = resourceProperties(controls({ blockIO: { weight } }), { version: 252, bfq: true }, 'start');
    t.strictSame(made, [['IOWeight', { signature: 't', value: property }]]);
  }
  const made = resourceProperties(
    controls({ unified: { 'io.bfq.weight': 'x' } }),
    { version: 252, bfq: true },
    'start',
  );
  t.strictSame(made, []);
  const weightDevice = [
    { major: 254, minor: 0, weight: 300 },
    { major: 8, minor: 0, weight: 50 },
  ];
  const value = [
    ['/dev/block/254:0', 2300n],
    ['/dev/block/8:0', 50n],
  ];
  const single = resourceProperties(controls({ blockIO: { weightDevice } }), { version: 252, bfq: true }, 'start');
  t.strictSame(single, [['IODeviceWeight', { signature: 'a(st)', value }]]);
});
