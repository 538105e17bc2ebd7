import t from 'tap';
import type { Json } from '../../cgroup/json-text.ts';
import type { Resources } from '../../spec/types.ts';
import { resourceControls } from '../cgroup/index.ts';
import { merge, withExact, withoutFiles, withoutZeros, withSwapKept, withSwapOpened } from './merge.ts';
import { previousValue, withoutIdleWeight, withWeight } from './previous.ts';
import { changed, endsIdleness, isWeightOfIdle, overruled, placeInUpdate, withoutEndOfIdleness } from './select.ts';

const base: Json = {
  memory: { limit: 100, swap: 200 },
  cpu: { quota: 5000, period: 10000, shares: 512 },
  devices: [{ allow: false }],
  hugepageLimits: [{ pageSize: '2MB', limit: 1 }],
  blockIO: { throttleReadBpsDevice: [{ major: 8, minor: 0, rate: 1 }] },
  unified: { 'memory.high': '1', 'a/b': 'x' },
  rdma: { mlx: { hcaHandles: 1, hcaObjects: 2 } },
};

const rows: readonly [update: Json, part: string, merged: Json, touched: Record<string, string>][] = [
  [{ memory: { limit: 150 } }, 'memory', { limit: 150, swap: 200 }, { '/memory/limit': '/memory/limit' }],
  [{ memory: {} }, 'memory', { limit: 100, swap: 200 }, {}],
  [{ memory: { limit: null } }, 'memory', { limit: 100, swap: 200 }, {}],
  [{ pids: { limit: 3 } }, 'pids', { limit: 3 }, { '/pids/limit': '/pids/limit' }],
  [{ devices: [{ allow: true }] }, 'devices', [{ allow: true }], { '/devices': '/devices' }],
  [
    {
      hugepageLimits: [
        { pageSize: '1GB', limit: 3 },
        { pageSize: '2MB', limit: 4 },
      ],
    },
    'hugepageLimits',
    [
      { pageSize: '2MB', limit: 4 },
      { pageSize: '1GB', limit: 3 },
    ],
    { '/hugepageLimits/1': '/hugepageLimits/0', '/hugepageLimits/0': '/hugepageLimits/1' },
  ],
  [
    { blockIO: { throttleReadBpsDevice: [{ major: 8, minor: 16, rate: 2 }] } },
    'blockIO',
    {
      throttleReadBpsDevice: [
        { major: 8, minor: 0, rate: 1 },
        { major: 8, minor: 16, rate: 2 },
      ],
    },
    { '/blockIO/throttleReadBpsDevice/1': '/blockIO/throttleReadBpsDevice/0' },
  ],
  [{ unified: { 'a/b': 'y' } }, 'unified', { 'memory.high': '1', 'a/b': 'y' }, { '/unified/a~1b': '/unified/a~1b' }],
  [
    { rdma: { mlx: { hcaObjects: 7 } } },
    'rdma',
    { mlx: { hcaHandles: 1, hcaObjects: 7 } },
    { '/rdma/mlx/hcaObjects': '/rdma/mlx/hcaObjects' },
  ],
];

t.test('an update replaces what it speaks of', async (t) => {
  for (const [update, part, expected, touched] of rows) {
    const merged = merge(base, update);
    t.strictSame((merged.resources as Record<string, Json>)[part], expected, JSON.stringify(update));
    t.strictSame(Object.fromEntries(merged.touched), touched);
    const others = (of: Json): object => ({ ...(of as object), [part]: undefined });
    t.strictSame(others(merged.resources), others(base), 'all else stays');
  }
});

t.test('a container without resources', async (t) => {
  const update = { pids: { limit: 1 }, hugepageLimits: [{ pageSize: '2MB', limit: 1 }] };
  t.strictSame(merge(undefined, update).resources, update);
});

t.test('no limit of memory is none of swap', async (t) => {
  t.strictSame(withSwapOpened({ memory: { limit: -1 } }), { memory: { limit: -1, swap: -1 } });
  for (const update of [{ memory: { limit: -1, swap: 5 } }, { memory: { limit: 5 } }, { pids: { limit: 1 } }, {}])
    t.strictSame(withSwapOpened(update), update);
});

t.test('integers that no number of JavaScript is', async (t) => {
  const exact = new Map([['/r/a~1b/1', 9007199254740993n]]);
  t.strictSame(withExact({ 'a/b': [1, 2 ** 53, 'x'], c: null, d: true }, exact, '/r'), {
    'a/b': [1, 9007199254740993n, 'x'],
    c: null,
    d: true,
  });
});

t.test('where a part of the whole stands in the update', async (t) => {
  const touched = new Map([
    ['/hugepageLimits/1', '/hugepageLimits/0'],
    ['/rdma/mlx/hcaObjects', '/rdma/mlx/hcaObjects'],
  ]);
  t.equal(placeInUpdate('/linux/resources/hugepageLimits/1/pageSize', touched), '/hugepageLimits/0/pageSize');
  t.equal(placeInUpdate('/linux/resources/hugepageLimits/0', touched), undefined);
  t.equal(placeInUpdate('/linux/resources/rdma/mlx', touched), '/rdma/mlx');
  t.equal(placeInUpdate('/linux/resources/rdma/mlx/hcaHandles', touched), undefined);
});

const writes: readonly [update: Json, files: readonly string[]][] = [
  [{}, []],
  [{ memory: { limit: 150 } }, ['memory.max 150']],
  [{ memory: { limit: 300 } }, ['memory.max 300']],
  [{ memory: { limit: -1 } }, ['memory.swap.max max', 'memory.max max']],
  [{ memory: { limit: 150, swap: 200 } }, ['memory.swap.max 50', 'memory.max 150']],
  [{ memory: { swap: 300 } }, ['memory.swap.max 200']],
  [{ cpu: { period: 20000 } }, ['cpu.max 5000 20000']],
  [{ cpu: { quota: -1 } }, ['cpu.max max 10000']],
  [{ cpu: { idle: 1 } }, ['cpu.idle 1']],
  [{ cpu: { shares: 512 } }, ['cpu.weight 59']],
  [{ unified: { 'memory.high': '2' } }, ['memory.high 2']],
  [{ rdma: { mlx: { hcaObjects: 7 } } }, ['rdma.max mlx hca_handle=1 hca_object=7']],
  [{ hugepageLimits: [{ pageSize: '2MB', limit: 1 }] }, ['hugetlb.2MB.max 1', 'hugetlb.2MB.rsvd.max 1']],
  [{ blockIO: { throttleReadBpsDevice: [{ major: 8, minor: 16, rate: 2 }] } }, ['io.max 8:16 rbps=2']],
];

const controls = (resources: Json) => resourceControls(resources as unknown as Resources);

t.test('an update writes what it speaks of, and what is another value by it', async (t) => {
  const { 'a/b': _, ...unified } = base.unified as Record<string, Json>;
  const whole = { ...base, unified };
  for (const [update, files] of writes) {
    const wanted = withSwapOpened(update);
    const { resources, touched } = merge(withSwapKept(whole, wanted), wanted);
    const written = changed(controls(resources), controls(whole), touched);
    t.strictSame(
      written.map(({ file, value }) => `${file} ${value}`),
      files,
      JSON.stringify(update),
    );
  }
  const idle = { ...whole, cpu: { shares: 512, idle: 1 } };
  const { resources, touched } = merge(idle, { cpu: { idle: 0 } });
  t.strictSame(
    changed(controls(resources), controls(idle), touched).map(({ file }) => file),
    ['cpu.idle', 'cpu.weight'],
    'what an idle cgroup could not have',
  );
});

t.test('a limit of memory alone leaves that of swap', async (t) => {
  const had = { memory: { limit: 100, swap: 200, reservation: 5 }, pids: { limit: 1 } };
  t.strictSame(withSwapKept(had, { memory: { limit: 300 } }), {
    memory: { limit: 100, reservation: 5 },
    pids: { limit: 1 },
  });
  for (const update of [{}, { memory: {} }, { memory: { swap: 300 } }, { memory: { limit: 1, swap: 2 } }])
    t.strictSame(withSwapKept(had, update), had);
  for (const base of [undefined, {}, { memory: { limit: 1 } }])
    t.strictSame(withSwapKept(base, { memory: { limit: 3 } }), base);
});

const overruling: readonly [base: Json, update: Json, files: readonly string[], left: readonly string[]][] = [
  [{ unified: { 'cpu.max': '5 6', 'memory.high': '1' } }, { cpu: { quota: 7 } }, ['cpu.max 7 100000'], ['memory.high']],
  [{ cpu: { period: 50 }, unified: { 'cpu.max': '5 6' } }, { cpu: { quota: 7 } }, ['cpu.max 7 50'], []],
  [{ unified: { 'cpu.weight': '5' } }, { cpu: { shares: 1024 } }, ['cpu.weight 100'], []],
  [{ unified: { 'cpu.weight': '5' } }, { cpu: { idle: 1 } }, ['cpu.idle 1'], ['cpu.weight']],
  [
    { unified: { 'memory.max': '5', 'memory.swap.max': '6' } },
    { memory: { limit: 7 } },
    ['memory.max 7'],
    ['memory.swap.max'],
  ],
  [{ unified: { 'io.weight': '5' } }, { blockIO: { weight: 10 } }, ['io.bfq.weight 10'], []],
  [
    { unified: { 'pids.max': '5' } },
    { unified: { 'pids.max': '6' }, pids: { limit: 7 } },
    ['pids.max 7', 'pids.max 6'],
    ['pids.max'],
  ],
  [
    { unified: { 'io.max': '8:0 rbps=1\n8:16 rbps=2' } },
    { blockIO: { throttleReadBpsDevice: [{ major: 8, minor: 0, rate: 3 }] } },
    ['io.max 8:0 rbps=3'],
    ['io.max'],
  ],
];

t.test('a field counts more than what was said of its file before', async (t) => {
  for (const [base, update, files, left] of overruling) {
    const { resources, touched } = merge(withSwapKept(base, update), update);
    const after = withoutFiles(resources, overruled(controls(resources), touched)) as {
      readonly unified: Readonly<Record<string, Json>>;
    };
    const written = changed(controls(after), controls(base), touched).map(({ file, value }) => `${file} ${value}`);
    t.strictSame(written, files, JSON.stringify([base, update]));
    t.strictSame(Object.keys(after.unified), left);
  }
  t.strictSame(withoutFiles({ pids: { limit: 1 } }, ['pids.max']), { pids: { limit: 1 } });
});

const idleness: readonly [base: Json, update: Json, files: readonly string[]][] = [
  [{ unified: { 'cpu.weight': '42' } }, { cpu: { idle: 1 } }, ['cpu.idle 1']],
  [{ cpu: { idle: 1 }, unified: { 'cpu.weight': '42' } }, { cpu: { idle: 0 } }, ['cpu.idle 0', 'cpu.weight 42']],
  [{ cpu: { idle: 1 } }, { cpu: { idle: 0 } }, ['cpu.idle 0']],
  [{ unified: { 'cpu.idle': '1' } }, { unified: { 'cpu.idle': '0' } }, ['cpu.idle 0']],
  [{}, { cpu: { idle: 0 } }, ['cpu.idle 0']],
  [{ cpu: { idle: 1 } }, { pids: { limit: 1 } }, ['pids.max 1']],
  // Refused by the kernel.
  [{ cpu: { idle: 1 } }, { unified: { 'cpu.weight': '5' } }, ['cpu.weight 5']],
];

t.test('a cgroup that was idle gets its weight back', async (t) => {
  for (const [base, update, files] of idleness) {
    const { resources, touched } = merge(base, update);
    const written = changed(controls(resources), controls(base), touched);
    t.strictSame(
      written.map(({ file, value }) => `${file} ${value}`),
      files,
      JSON.stringify([base, update]),
    );
  }
});

t.test('what stays idle has no weight', async (t) => {
  const refuses = (base: Json, update: Json, shares: readonly [number, number]): boolean => {
    const { resources, touched } = merge(base, update);
    return isWeightOfIdle(controls(resources), shares, touched);
  };
  const idle = { cpu: { idle: 1, shares: 512 } };
  t.ok(refuses(idle, { cpu: { shares: 2000 } }, [512, 2000]));
  t.ok(refuses({ unified: { 'cpu.idle': '1\n' } }, { cpu: { shares: 2000 } }, [0, 2000]));
  t.notOk(refuses(idle, { cpu: { shares: 512 } }, [512, 512]), 'the same again');
  t.notOk(refuses(idle, { cpu: { shares: 2000, idle: 0 } }, [512, 2000]));
  t.notOk(refuses(idle, { cpu: { shares: 2000, idle: 1 } }, [512, 2000]), 'for later, as at first');
  t.notOk(refuses({ cpu: { shares: 512 } }, { cpu: { shares: 2000 } }, [512, 2000]));
  t.notOk(refuses(idle, { pids: { limit: 1 } }, [512, 512]));
});

t.test('one that is not idle keeps its weight', async (t) => {
  const left = (update: Json): string[] | undefined => {
    const base = { cpu: { shares: 512 }, unified: { 'memory.high': '1' } };
    const { resources, touched } = merge(base, update);
    const wanted = changed(controls(resources), controls(base), touched);
    if (!endsIdleness(wanted)) return undefined;
    return withoutEndOfIdleness(wanted, touched).map(({ file, value }) => `${file} ${value}`);
  };
  t.strictSame(left({ cpu: { idle: 0 } }), []);
  t.strictSame(left({ unified: { 'cpu.idle': '0\n' }, pids: { limit: 1 } }), ['pids.max 1']);
  t.strictSame(left({ cpu: { idle: 0, shares: 1024 } }), ['cpu.weight 100'], 'the weight that the update says');
  t.equal(left({ cpu: { idle: 1 } }), undefined);
  t.equal(left({ pids: { limit: 1 } }), undefined);
});

t.test('what is taken back: idleness before the weight, which changes with it', async (t) => {
  const order = (resources: Json): string[] =>
    withWeight(controls(resources))
      .map(({ file }) => file)
      .reverse();
  t.strictSame(order({ pids: { limit: 1 }, cpu: { idle: 1, quota: 5 } }), [
    'cpu.idle',
    'cpu.max',
    'pids.max',
    'cpu.weight',
  ]);
  t.strictSame(order({ cpu: { idle: 0, shares: 5 } }), ['cpu.idle', 'cpu.weight']);
  t.strictSame(order({ cpu: { quota: 5, shares: 5 } }), ['cpu.max', 'cpu.weight']);
  const had = (cpu: Json) => controls({ cpu }).map((control) => ({ control, written: '' }));
  const [awake, asleep] = [had({ idle: 0, shares: 5 }), had({ idle: 1 })];
  t.strictSame(withoutIdleWeight(awake), awake);
  t.strictSame(withoutIdleWeight([...awake.slice(1), ...asleep]), asleep);
});

const previous: readonly [text: string, written: string, expected: string | undefined][] = [
  ['max\n', '100', 'max'],
  ['4096\n', 'max', '4096'],
  ['max 100000\n', '5000 10000', 'max 100000'],
  ['\n', '0-1', '\n'],
  ['', '0-1', '\n'],
  ['0-3\n', '0', '0-3'],
  ['', '8:0 rbps=1', '8:0 rbps=max'],
  ['8:16 rbps=5 wbps=max riops=max wiops=max\n', '8:0 rbps=1', '8:0 rbps=max'],
  ['8:0 rbps=5 wbps=max riops=max wiops=max\n', '8:0 rbps=1', '8:0 rbps=5 wbps=max riops=max wiops=max'],
  ['default 100\n', '50', 'default 100'],
  ['default 100\n8:0 70\n', '50', 'default 100'],
  ['default 100\n8:0 70\n', '8:0 80', '8:0 70'],
  ['default 100\n', '8:0 80', '8:0 default'],
  ['mlx hca_handle=2 hca_object=max\n', 'mlx hca_handle=5', 'mlx hca_handle=2 hca_object=max'],
  ['', 'mlx hca_handle=5', 'mlx hca_handle=max'],
  ['a 1\nb 2\n', 'x', undefined],
];

t.test('what brings a file back', async (t) => {
  for (const [text, written, expected] of previous)
    t.equal(previousValue(text, written), expected, `${text} ${written}`);
});

t.test('a 0 that asks for nothing leaves what there is', async (t) => {
  const filled = {
    memory: { limit: 0, swap: 0n, reservation: 5, swappiness: 0 },
    cpu: { shares: 0, quota: 0, period: 0, cpus: '', mems: '0', burst: 0, idle: 0 },
    blockIO: { weight: 0 },
    pids: { limit: 0 },
  };
  t.strictSame(withoutZeros(filled), {
    memory: { reservation: 5, swappiness: 0 },
    cpu: { mems: '0', burst: 0, idle: 0 },
    blockIO: {},
    pids: { limit: 0 },
  });
});
