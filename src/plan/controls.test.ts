import t from 'tap';
import type { Spec } from '../spec/types.ts';
import { cgroupControls } from './controls.ts';

const specWith = (...hugepageLimits: { pageSize: string; limit: number }[]): Spec => ({
  ociVersion: '1.3.0',
  linux: { resources: { hugepageLimits } },
});

const written = (spec: Spec, exact: Iterable<readonly [string, bigint]> = []): [string, string][] | undefined =>
  cgroupControls(spec, new Map(exact))?.map(({ file, value }) => [file, value]);

t.test('without limits nothing is written', async (t) => {
  t.equal(cgroupControls({ ociVersion: '1.3.0' }, new Map()), undefined);
  t.equal(cgroupControls(specWith(), new Map()), undefined);
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

for (const [written, file] of sizes)
  t.test(`huge pages of ${written} are the kernel's ${file}`, async (t) => {
    const names = cgroupControls(specWith({ pageSize: written, limit: 0 }), new Map())?.map(({ file }) => file);
    t.strictSame(names, [`hugetlb.${file}.max`, `hugetlb.${file}.rsvd.max`]);
  });

const pointer = '/linux/resources/hugepageLimits';
const limits: readonly (readonly [number, bigint | undefined, string])[] = [
  [0, undefined, '0'],
  [2 ** 53 - 1, undefined, '9007199254740991'],
  [9007199254740992, 9007199254740993n, '9007199254740993'],
  [9007199256838144, 9007199256838143n, '9007199256838143'],
  [9223372036854772000, 9223372036854771712n, '9223372036854771712'],
  [2 ** 64, 18446744073709551615n, '18446744073709551615'],
];

for (const [rounded, exact, value] of limits)
  t.test(`a limit of ${value} is written to the last digit`, async (t) => {
    const spec = specWith({ pageSize: '1GB', limit: 1 }, { pageSize: '2MB', limit: rounded });
    const known: [string, bigint][] = exact === undefined ? [] : [[`${pointer}/1/limit`, exact]];
    t.strictSame(written(spec, known), [
      ['hugetlb.1GB.max', '1'],
      ['hugetlb.1GB.rsvd.max', '1'],
      ['hugetlb.2MB.max', value],
      ['hugetlb.2MB.rsvd.max', value],
    ]);
  });

t.test('each knows its controller and its place; only the reservation may be missing', async (t) => {
  const [max, reserved] = cgroupControls(specWith({ pageSize: '2MB', limit: 0 }), new Map()) ?? [];
  t.match(max, { pointer: `${pointer}/0`, controller: 'hugetlb', without: /no huge pages of 2MB/ });
  t.match(reserved, { pointer: `${pointer}/0`, controller: 'hugetlb', without: undefined });
});
