import t from 'tap';
import { deviceProperties } from '../systemd/devices.ts';
import { unitProperties } from '../systemd/unit.ts';
import { unitRows } from './unit.ts';

t.test('a unit and its properties', async (t) => {
  const unit = { name: 'ocirun-test.scope', slice: 'a.slice' };
  const described = () => [
    ...unitProperties(unit, 'ocirun container test').slice(0, 4),
    ...deviceProperties({ allow: false, exceptions: [{ type: 'c', major: 1, minor: 3, access: 7, rule: 0 }] }),
    ['MemoryMax', { signature: 't', value: 0xffff_ffff_ffff_ffffn }] as const,
    ['TasksMax', { signature: 't', value: 5n }] as const,
    ['AllowedCPUs', { signature: 'ay', value: Uint8Array.of(3, 16) }] as const,
    ['Odd', { signature: 'v', value: { signature: 's', value: 'x' } }] as const,
  ];
  const [row, ...more] = unitRows({ ...unit, described }, false);
  t.strictSame(more, []);
  t.strictSame(row, {
    name: 'unit',
    pointer: '/linux/cgroupsPath',
    told: [
      'have systemd start ocirun-test.scope in a.slice, with init in it; one that is there is in the way',
      'Description = "ocirun container test"',
      'Slice = a.slice',
      'Delegate = true',
      'MemoryAccounting = true',
      'DevicePolicy = strict',
      'DeviceAllow = []',
      'DeviceAllow = [[/dev/char/1:3, rwm]]',
      'MemoryMax = infinity',
      'TasksMax = 5',
      'AllowedCPUs = 03 10',
      'Odd = …',
    ],
  });
  t.equal(unitRows({ ...unit, described }, true)[0]?.pointer, '');
});
