import fc from 'fast-check';
import t from 'tap';
import type { Resources } from '../../spec/types.ts';
import { ioWeight } from './block-io.ts';
import { cpuWeight } from './cpu.ts';
import { resourceControls } from './index.ts';

type Written = readonly [file: string, value: string, more?: object];

/** Without what every control has: the pointer and the controller have tests of their own. */
const written = (resources: Resources, exact: Iterable<readonly [string, bigint]> = []): Written[] =>
  resourceControls(resources, new Map(exact)).map(({ pointer: _, controller: __, file, value, ...more }) =>
    Object.keys(more).length > 0 ? [file, value, more] : [file, value],
  );

const optional = { optional: true };
const late = { late: true };
const noSwap = { lacking: 'this machine does not count swap' };

/** What is asked for, and what is written, in this order (runtimes.md §3.6). */
const rows: readonly (readonly [Resources, readonly Written[]])[] = [
  [{}, []],
  [{ memory: {}, cpu: {}, blockIO: {}, hugepageLimits: [], rdma: {}, unified: {} }, []],
  [{ pids: { limit: 10 } }, [['pids.max', '10', late]]],
  [{ pids: { limit: 0 } }, [['pids.max', '1', late]]],
  [{ pids: { limit: -1 } }, [['pids.max', 'max', late]]],
  [{ pids: { limit: -7 } }, [['pids.max', 'max', late]]],
  [{ memory: { limit: 1 << 20 } }, [['memory.max', '1048576']]],
  [{ memory: { limit: 0, swap: 0, reservation: 0 } }, []],
  // prettier-ignore
  [{ memory: { limit: -1 } }, [['memory.swap.max', 'max', optional], ['memory.max', 'max']]],
  // prettier-ignore
  [{ memory: { limit: 100, swap: 300 } }, [['memory.swap.max', '200', noSwap], ['memory.max', '100']]],
  // prettier-ignore
  [{ memory: { limit: 100, swap: 100 } }, [['memory.swap.max', '0', optional], ['memory.max', '100']]],
  // prettier-ignore
  [{ memory: { limit: 100, swap: -1 } }, [['memory.swap.max', 'max', optional], ['memory.max', '100']]],
  [{ memory: { swap: -1 } }, [['memory.swap.max', 'max', optional]]],
  // Refused by a rule; nothing is made of it.
  [{ memory: { limit: 300, swap: 100 } }, [['memory.max', '300']]],
  [{ memory: { swap: 100 } }, []],
  [{ memory: { reservation: 50 } }, [['memory.low', '50']]],
  [{ memory: { reservation: -1 } }, [['memory.low', 'max']]],
  [{ memory: { kernel: 1, kernelTCP: 1, swappiness: 1, disableOOMKiller: true, useHierarchy: true } }, []],
  [
    { memory: { limit: 100, swap: 150, checkBeforeUpdate: true } },
    [
      ['memory.swap.max', '50', noSwap],
      // prettier-ignore
      ['memory.max', '100', { aboveUsage: [{ what: 'memory+swap limit', limit: 150n }, { what: 'memory limit', limit: 100n }] }],
    ],
  ],
  [
    { memory: { limit: -1, checkBeforeUpdate: true } },
    [
      ['memory.swap.max', 'max', optional],
      ['memory.max', 'max'],
    ],
  ],
  [{ memory: { limit: 100, checkBeforeUpdate: false } }, [['memory.max', '100']]],
  [{ cpu: { shares: 0, quota: 0, period: 0, cpus: '', mems: '' } }, []],
  [{ cpu: { shares: 1024 } }, [['cpu.weight', '100']]],
  [{ cpu: { quota: 50_000 } }, [['cpu.max', '50000 100000']]],
  [{ cpu: { quota: 50_000, period: 20_000 } }, [['cpu.max', '50000 20000']]],
  [{ cpu: { period: 20_000 } }, [['cpu.max', 'max 20000']]],
  [{ cpu: { quota: -1 } }, [['cpu.max', 'max 100000']]],
  [{ cpu: { quota: -1, period: 5000 } }, [['cpu.max', 'max 5000']]],
  [{ cpu: { idle: 1 } }, [['cpu.idle', '1']]],
  [{ cpu: { idle: 0 } }, [['cpu.idle', '0', optional]]],
  [{ cpu: { idle: 1, shares: 512 } }, [['cpu.idle', '1']]],
  // prettier-ignore
  [{ cpu: { idle: 0, shares: 512 } }, [['cpu.idle', '0', optional], ['cpu.weight', '59']]],
  [{ cpu: { burst: 5 } }, [['cpu.max.burst', '5', { lacking: 'a burst of CPU time needs Linux 5.14 or newer' }]]],
  [{ cpu: { burst: 0 } }, [['cpu.max.burst', '0', optional]]],
  [
    { cpu: { quota: 9000, burst: 0 } },
    [
      ['cpu.max.burst', '0', { optional: true, again: true }],
      ['cpu.max', '9000 100000'],
    ],
  ],
  [{ cpu: { realtimePeriod: 1, realtimeRuntime: 1 } }, []],
  // prettier-ignore
  [{ cpu: { cpus: '0-3,7', mems: '0' } }, [['cpuset.cpus', '0-3,7'], ['cpuset.mems', '0']]],
  [{ blockIO: { weight: 0, leafWeight: 500 } }, []],
  [{ blockIO: { weightDevice: [{ major: 8, minor: 0, weight: 0, leafWeight: 10 }] } }, []],
  [{ blockIO: { weightDevice: [{ major: 8, minor: 16, weight: 10 }] } }, [['io.bfq.weight', '8:16 10', optional]]],
  [
    {
      blockIO: {
        throttleReadBpsDevice: [{ major: 8, minor: 0, rate: 1 }],
        throttleWriteBpsDevice: [
          { major: 8, minor: 0, rate: 2 },
          { major: 8, minor: 16, rate: 0 },
        ],
        throttleReadIOPSDevice: [{ major: 259, minor: 1, rate: 3 }],
        throttleWriteIOPSDevice: [{ major: 8, minor: 0, rate: 4 }],
      },
    },
    [
      ['io.max', '8:0 rbps=1'],
      ['io.max', '8:0 wbps=2'],
      ['io.max', '8:16 wbps=max'],
      ['io.max', '259:1 riops=3'],
      ['io.max', '8:0 wiops=4'],
    ],
  ],
  [
    { rdma: { mlx5_0: { hcaHandles: 3, hcaObjects: 0 }, mlx4: { hcaObjects: 4_294_967_295 }, none: {} } },
    [
      ['rdma.max', 'mlx5_0 hca_handle=3 hca_object=0'],
      ['rdma.max', 'mlx4 hca_object=4294967295'],
    ],
  ],
  [
    { unified: { 'io.max': '8:0 rbps=1\n8:16 wbps=2\n', 'memory.high': '5', 'cpuset.cpus': '', 'pids.max': '7' } },
    [
      ['io.max', '8:0 rbps=1'],
      ['io.max', '8:16 wbps=2'],
      ['memory.high', '5'],
      ['cpuset.cpus', '\n'],
      ['pids.max', '7', late],
    ],
  ],
  [{ devices: [{ allow: false }], network: { classID: 1 } }, []],
];

for (const [resources, expected] of rows)
  t.test(JSON.stringify(resources), async (t) => t.strictSame(written(resources), expected));

t.test('a weight goes to BFQ as it is, else to io.weight', async (t) => {
  t.match(resourceControls({ blockIO: { weight: 500 } }), [
    { file: 'io.bfq.weight', value: '500', instead: { file: 'io.weight', value: '4950' } },
  ]);
  t.same([10, 11, 100, 500, 999, 1000].map(ioWeight), [1, 11, 910, 4950, 9989, 10_000]);
});

t.test('what was written for cgroup v2 counts more than what is converted', async (t) => {
  const controls = written({ unified: { 'memory.max': '5' }, memory: { limit: 3 }, pids: { limit: 1 } });
  t.same(controls.at(-1), ['memory.max', '5']);
});

const shares: readonly (readonly [number, number])[] = [
  [1, 1],
  [2, 1],
  [10, 4],
  [100, 17],
  [256, 35],
  [512, 59],
  [1000, 99],
  [1024, 100],
  [2000, 170],
  [4096, 303],
  [65_536, 3023],
  [262_144, 10_000],
  [1_000_000, 10_000],
];

t.test('shares as weights', async (t) => {
  for (const [before, after] of shares) t.equal(cpuWeight(before), after, `${before}`);
});

t.test('more shares are never less weight, and each is a weight', async () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300_000 }), fc.integer({ min: 1, max: 300_000 }), (one, other) => {
      const [less, more] = [Math.min(one, other), Math.max(one, other)].map(cpuWeight) as [number, number];
      return Number.isInteger(less) && less >= 1 && more <= 10_000 && less <= more;
    }),
  );
});

t.test('more weight is never less, and each is one', async (t) => {
  for (let weight = 10; weight < 1000; weight += 1) t.ok(ioWeight(weight) < ioWeight(weight + 1), `${weight}`);
});

const sizes: readonly (readonly [string, string])[] = [
  ['64KB', '64KB'],
  ['512KB', '512KB'],
  ['1024KB', '1MB'],
  ['2MB', '2MB'],
  ['1024MB', '1GB'],
  ['1048576KB', '1GB'],
  ['16GB', '16GB'],
  ['2048GB', '2048GB'],
];

for (const [given, name] of sizes)
  t.test(`huge pages of ${given} are the kernel's ${name}`, async (t) => {
    t.same(written({ hugepageLimits: [{ pageSize: given, limit: 0 }] }), [
      [`hugetlb.${name}.max`, '0', { lacking: `this machine has no huge pages of ${given}` }],
      [`hugetlb.${name}.rsvd.max`, '0', optional],
    ]);
  });

/** Every integer of 64 bits, by pointer, with the place in the value where it is to be found. */
const integers: Readonly<Record<string, (value: number) => Resources>> = {
  '/memory/limit': (limit) => ({ memory: { limit } }),
  '/memory/reservation': (reservation) => ({ memory: { reservation } }),
  '/cpu/quota': (quota) => ({ cpu: { quota } }),
  '/cpu/burst': (burst) => ({ cpu: { burst } }),
  '/cpu/period': (period) => ({ cpu: { period } }),
  '/pids/limit': (limit) => ({ pids: { limit } }),
  '/hugepageLimits/0/limit': (limit) => ({ hugepageLimits: [{ pageSize: '2MB', limit }] }),
  '/blockIO/throttleReadBpsDevice/0/rate': (rate) => ({
    blockIO: { throttleReadBpsDevice: [{ major: 8, minor: 0, rate }] },
  }),
  '/blockIO/throttleWriteIOPSDevice/0/rate': (rate) => ({
    blockIO: { throttleWriteIOPSDevice: [{ major: 8, minor: 0, rate }] },
  }),
};

for (const [pointer, resources] of Object.entries(integers))
  t.test(`${pointer} is written to the last digit`, async (t) => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 1n, max: 2n ** 63n - 1n }),
        fc.constantFrom('', '/linux/resources'),
        (exact, root) => {
          const unsafe = !Number.isSafeInteger(Number(exact));
          const map = new Map<string, bigint>(unsafe ? [[`${root}${pointer}`, exact]] : []);
          const [first] = resourceControls(resources(Number(exact)), map, root);
          return first?.value.split(/[ =]/).includes(`${exact}`) ?? false;
        },
      ),
    );
    t.pass('for all of them');
  });

t.test('swap is the difference of exact numbers', async (t) => {
  const exact: [string, bigint][] = [
    ['/linux/resources/memory/limit', 9_007_199_254_740_993n],
    ['/linux/resources/memory/swap', 9_223_372_036_854_775_807n],
  ];
  const memory = { limit: 9_007_199_254_740_992, swap: 9_223_372_036_854_775_807 };
  t.same(
    written({ memory }, exact).map(([file, value]) => [file, value]),
    [
      ['memory.swap.max', '9214364837600034814'],
      ['memory.max', '9007199254740993'],
    ],
  );
});

t.test('each knows its controller and its place in the document', async (t) => {
  const resources: Resources = {
    pids: { limit: 1 },
    memory: { limit: -1, reservation: 5 },
    blockIO: { weight: 10, weightDevice: [{ major: 8, minor: 0, weight: 10 }] },
    cpu: { idle: 0, shares: 2, burst: 0, quota: 1000, cpus: '0', mems: '0' },
    hugepageLimits: [{ pageSize: '2MB', limit: 0 }],
    rdma: { 'a/b~': { hcaHandles: 1 } },
    unified: { 'misc.max': 'x 1', 'cgroup.max.depth': '3' },
  };
  t.strictSame(
    resourceControls(resources, new Map(), '/r').map(({ pointer, controller }) => [controller, pointer]),
    [
      ['pids', '/r/pids/limit'],
      ['memory', '/r/memory/limit'],
      ['memory', '/r/memory/limit'],
      ['memory', '/r/memory/reservation'],
      ['io', '/r/blockIO/weight'],
      ['io', '/r/blockIO/weightDevice/0'],
      ['cpu', '/r/cpu/idle'],
      ['cpu', '/r/cpu/shares'],
      ['cpu', '/r/cpu/burst'],
      ['cpu', '/r/cpu/quota'],
      ['cpuset', '/r/cpu/cpus'],
      ['cpuset', '/r/cpu/mems'],
      ['hugetlb', '/r/hugepageLimits/0'],
      ['hugetlb', '/r/hugepageLimits/0'],
      ['rdma', '/r/rdma/a~1b~0'],
      ['misc', '/r/unified/misc.max'],
      ['cgroup', '/r/unified/cgroup.max.depth'],
    ],
  );
});
