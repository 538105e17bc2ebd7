import t from 'tap';
import { any, type DeviceException } from '../device-filter/rules.ts';
import { deviceProperties } from './devices.ts';

const device = (type: 'b' | 'c', major: number, minor: number, access: number): DeviceException => ({
  type,
  major,
  minor,
  access,
  rule: 0,
});

const policy = (value: string) => ['DevicePolicy', { signature: 's', value }];
const list = (value: string[][]) => ['DeviceAllow', { signature: 'a(ss)', value }];

t.test('what is allowed, as DeviceAllow', async (t) => {
  const exceptions = [
    device('c', 1, 3, 7),
    device('b', 8, 0, 2),
    device('c', 136, any, 6),
    device('b', 253, any, 1),
    device('c', any, any, 1),
    device('b', any, any, 1),
    device('c', any, 5, 7),
  ];
  t.strictSame(deviceProperties({ allow: false, exceptions }), [
    policy('strict'),
    list([]),
    list([
      ['/dev/char/1:3', 'rwm'],
      ['/dev/block/8:0', 'r'],
      ['char-136', 'rw'],
      ['block-253', 'm'],
      ['char-*', 'm'],
      ['block-*', 'm'],
      ['char-*', 'rwm'],
    ]),
  ]);
});

t.test('a filter that systemd has no words for is left to ours', async (t) => {
  t.strictSame(deviceProperties({ allow: true, exceptions: [device('c', 1, 3, 7)] }), [policy('auto'), list([])]);
  t.strictSame(deviceProperties({ allow: true, exceptions: [] }), [policy('auto'), list([])]);
  t.strictSame(deviceProperties({ allow: false, exceptions: [] }), [policy('strict'), list([])]);
});
