import t from 'tap';
import { type Json, jsonText } from './json-text.ts';
import { pressure } from './pressure.ts';
import { oomKills, statistics } from './statistics.ts';

type Files = Readonly<Record<string, string>>;

const parsed = (files: Files): Record<string, Record<string, unknown>> =>
  JSON.parse(jsonText(statistics((name) => files[name], Object.keys(files)))) as Record<
    string,
    Record<string, unknown>
  >;

/** As text, where a number is longer than a JavaScript number can be. */
const textOf = (files: Files): string => jsonText(statistics((name) => files[name], Object.keys(files)));

const nothing = { limit: 0, failcnt: 0 };

t.test('a cgroup without any file', async (t) => {
  t.strictSame(parsed({}), {
    cpu: { usage: { kernel: 0, user: 0 }, throttling: {} },
    cpuset: {
      cpu_exclusive: 0,
      mem_hardwall: 0,
      mem_exclusive: 0,
      memory_migrate: 0,
      memory_spread_page: 0,
      memory_spread_slab: 0,
      memory_pressure: 0,
      sched_load_balance: 0,
      sched_relax_domain_level: 0,
    },
    memory: { usage: nothing, swap: nothing, kernel: nothing, kernelTCP: nothing },
    pids: {},
    blkio: {},
    hugetlb: {},
    intel_rdt: {},
    network_interfaces: null,
  });
});

const rows: readonly [name: string, files: Files, part: string, expected: object][] = [
  [
    'microseconds become nanoseconds',
    {
      'cpu.stat':
        'usage_usec 1500\nuser_usec 1000\nsystem_usec 500\nnice_usec 0\nnr_periods 7\nnr_throttled 3\nthrottled_usec 21\nnr_bursts 0\n',
    },
    'cpu',
    {
      usage: { total: 1500000, kernel: 500000, user: 1000000 },
      throttling: { periods: 7, throttledPeriods: 3, throttledTime: 21000 },
    },
  ],
  [
    'the time of a cgroup without the cpu controller',
    { 'cpu.stat': 'usage_usec 9\nuser_usec 9\nsystem_usec 0\n' },
    'cpu',
    { usage: { total: 9000, kernel: 0, user: 9000 }, throttling: {} },
  ],
  [
    'memory and swap',
    {
      'memory.current': '4096\n',
      'memory.max': '8192\n',
      'memory.peak': '6000\n',
      'memory.stat': 'file 100\nanon 300\nzswap 0\n',
      'memory.events': 'low 0\nhigh 1\nmax 5\noom 2\noom_kill 1\noom_group_kill 0\n',
      'memory.swap.current': '10\n',
      'memory.swap.max': '20\n',
    },
    'memory',
    {
      cache: 100,
      usage: { limit: 8192, usage: 4096, max: 6000, failcnt: 5 },
      swap: { limit: 8212, usage: 4106, failcnt: 0 },
      kernel: nothing,
      kernelTCP: nothing,
      raw: { anon: 300, file: 100, zswap: 0 },
    },
  ],
  [
    'a kernel without swap accounting and without memory.peak',
    { 'memory.current': '1\n', 'memory.max': '2\n', 'memory.stat': 'anon 1\n' },
    'memory',
    {
      usage: { limit: 2, usage: 1, failcnt: 0 },
      swap: { limit: 2, usage: 1, failcnt: 0 },
      kernel: nothing,
      kernelTCP: nothing,
      raw: { anon: 1 },
    },
  ],
  ['no limit of processes', { 'pids.current': '3\n', 'pids.max': 'max\n' }, 'pids', { current: 3 }],
  ['a limit of processes', { 'pids.current': '3\n', 'pids.max': '7\n' }, 'pids', { current: 3, limit: 7 }],
  ['processes are counted without the controller', { 'cgroup.procs': '1\n22\n333\n' }, 'pids', { current: 3 }],
  [
    'block I/O by device',
    { 'io.stat': '8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=0 dios=5\n0:44 rbytes=6 cost.usage=9\n259:1 \n8:16\n' },
    'blkio',
    {
      ioServiceBytesRecursive: [
        { major: 8, op: 'Read', value: 1 },
        { major: 8, op: 'Write', value: 2 },
        { major: 8, op: 'Discard' },
        { minor: 44, op: 'Read', value: 6 },
      ],
      ioServicedRecursive: [
        { major: 8, op: 'Read', value: 3 },
        { major: 8, op: 'Write', value: 4 },
        { major: 8, op: 'Discard', value: 5 },
      ],
    },
  ],
  [
    'huge pages by size',
    {
      'hugetlb.2MB.current': '4194304\n',
      'hugetlb.2MB.events': 'max 2\n',
      'hugetlb.2MB.rsvd.current': '8\n',
      'hugetlb.1GB.current': '0\n',
      'hugetlb.1GB.events': 'max 0\n',
    },
    'hugetlb',
    { '1GB': { failcnt: 0 }, '2MB': { usage: 4194304, failcnt: 2 } },
  ],
  [
    'rdma devices',
    { 'rdma.current': 'mlx4_0 hca_handle=1 hca_object=20\n', 'rdma.max': 'mlx4_0 hca_handle=2 hca_object=max\n' },
    'rdma',
    {
      current: [{ device: 'mlx4_0', hca_handles: 1, hca_objects: 20 }],
      limit: [{ device: 'mlx4_0', hca_handles: 2, hca_objects: 2 ** 64 }],
    },
  ],
];

t.test('each controller', async (t) => {
  for (const [name, files, part, expected] of rows) t.strictSame(parsed(files)[part], expected, name);
});

t.test('numbers of 64 bits are written to the last digit', async (t) => {
  const text = textOf({
    'cpu.stat': 'usage_usec 9007199254740993\n',
    'memory.current': '9223372036854771713\n',
    'memory.max': 'max\n',
    'memory.swap.current': '1\n',
    'memory.swap.max': '4096\n',
  });
  t.match(text, '"total":9007199254740993000');
  t.match(text, '"usage":{"limit":18446744073709551615,"usage":9223372036854771713,');
  t.match(text, '"swap":{"limit":18446744073709551615,"usage":9223372036854771714,', 'a sum with no limit has none');
});

t.test('pressure', async (t) => {
  const full =
    'some avg10=1.50 avg60=0.25 avg300=0.00 total=9007199254740993\nfull avg10=0.10 avg60=0.00 avg300=0.00 total=7\n';
  const some = { avg10: 1.5, avg60: 0.25, avg300: 0, total: 9007199254740993n };
  const none = { avg10: 0, avg60: 0, avg300: 0, total: 0n };
  t.strictSame(pressure(full), { some, full: { ...none, avg10: 0.1, total: 7n } });
  t.strictSame(pressure(full.slice(0, full.indexOf('full'))), { some, full: none }, 'cpu.pressure had no full once');
  t.equal(pressure(undefined), undefined);
  t.equal(pressure(''), undefined);
  for (const part of ['cpu', 'memory'])
    t.match(textOf({ [`${part}.pressure`]: full }), `"psi":{"some":{"avg10":1.5,"avg60":0.25,"avg300":0,`, part);
  t.match(parsed({ 'io.pressure': full })['blkio'], { psi: { some: { avg10: 1.5 } } });
});

t.test('processes that the OOM killer has killed', async (t) => {
  t.equal(oomKills('low 0\noom 3\noom_kill 2\noom_group_kill 1\n'), 2n);
  t.equal(oomKills(undefined), 0n);
});

const texts: readonly [value: Json, text: string][] = [
  [2n ** 64n - 1n, '18446744073709551615'],
  [{ a: undefined, 'b"': null, c: [1, 'é\n', 2n], d: {} }, '{"b\\"":null,"c":[1,"é\\n",2],"d":{}}'],
  [[undefined, []], '[null,[]]'],
];

t.test('documents as text', async (t) => {
  for (const [value, text] of texts) t.equal(jsonText(value), text);
});
