import t from 'tap';
import type { OcirunError } from '../errors/error.ts';
import { commands, optionsOf } from './table.ts';
import { parseBytes, updateFlags } from './update-flags.ts';

const sizes: readonly [text: string, bytes: bigint | undefined][] = [
  ['0', 0n],
  ['-1', -1n],
  ['4096', 4096n],
  ['4096b', 4096n],
  ['1k', 1024n],
  ['1K', 1024n],
  ['1kb', 1024n],
  ['1KiB', 1024n],
  ['1Ki', 1024n],
  ['512m', 512n << 20n],
  ['1.5g', 3n << 29n],
  ['1.1k', 1126n],
  ['2 GB', 2n << 30n],
  ['1t', 1n << 40n],
  ['1P', 1n << 50n],
  ['9007199254740993', 9007199254740993n],
  ['8388608t', 1n << 63n],
  ['', undefined],
  ['-2', undefined],
  ['m', undefined],
  ['1.m', undefined],
  ['.5m', undefined],
  ['1e3', undefined],
  ['1mm', undefined],
  ['1i', undefined],
  ['1 m ', undefined],
  ['0x10', undefined],
];

t.test('sizes', async (t) => {
  for (const [text, bytes] of sizes) t.equal(parseBytes(text), bytes, JSON.stringify(text));
});

const rows: readonly [options: Record<string, string>, update: object][] = [
  [{}, {}],
  [{ memory: '' }, {}],
  [
    { memory: '1m', 'memory-swap': '-1', 'memory-reservation': '512k' },
    { memory: { limit: 1048576, swap: -1, reservation: 524288 } },
  ],
  [
    { 'cpu-period': '10000', 'cpu-quota': '-1', 'cpu-burst': '7', 'cpu-share': '512', 'cpu-idle': '1' },
    { cpu: { period: 10000, quota: -1, burst: 7, shares: 512, idle: 1 } },
  ],
  [{ 'cpuset-cpus': '0-1', 'cpuset-mems': '0' }, { cpu: { cpus: '0-1', mems: '0' } }],
  [{ 'cpu-rt-period': '3', 'cpu-rt-runtime': '2' }, { cpu: { realtimePeriod: 3, realtimeRuntime: 2 } }],
  [{ 'pids-limit': '0' }, { pids: { limit: 0 } }],
  [
    { 'blkio-weight': '10', 'pids-limit': '-1' },
    { blockIO: { weight: 10 }, pids: { limit: -1 } },
  ],
  [{ memory: '9007199254740993' }, { memory: { limit: 9007199254740993n } }],
];

t.test('options become resources', async (t) => {
  for (const [options, update] of rows) t.strictSame(updateFlags(options).update, update, JSON.stringify(options));
  t.strictSame(
    [...updateFlags({ memory: '1m', 'cpuset-cpus': '0' }).flags],
    [
      ['/cpu/cpus', '--cpuset-cpus'],
      ['/memory/limit', '--memory'],
    ],
  );
});

t.test('every option of the command is known', async (t) => {
  const names = optionsOf(commands.update.options).map(({ name }) => name);
  for (const name of names.filter((each) => each !== 'resources')) {
    let said: unknown;
    try {
      said = updateFlags({ [name]: '1' });
    } catch (error) {
      said = (error as OcirunError).code;
    }
    const known =
      said === 'E_NOT_SUPPORTED_YET' ||
      (typeof said === 'object' && JSON.stringify(said) !== JSON.stringify(updateFlags({})));
    t.ok(known, name);
  }
});

t.test('what is no value is refused with the option', async (t) => {
  for (const [flag, text] of [
    ['cpu-period', '-1'],
    ['cpu-quota', '1.5'],
    ['cpu-share', 'x'],
    ['memory', '1x'],
    ['pids-limit', '1k'],
    ['blkio-weight', '0x10'],
  ] as const)
    t.throws(() => updateFlags({ [flag]: text }), { code: 'E_USAGE', message: `invalid value for ${flag}: "${text}"` });
});

t.test('what is obsolete is ignored, and what is not there yet refused', async (t) => {
  t.strictSame(updateFlags({ 'kernel-memory': '1', 'kernel-memory-tcp': '1' }).ignored, [
    'kernel-memory',
    'kernel-memory-tcp',
  ]);
  for (const flag of ['l3-cache-schema', 'mem-bw-schema'])
    t.throws(() => updateFlags({ [flag]: 'x' }), { code: 'E_NOT_SUPPORTED_YET' });
});
