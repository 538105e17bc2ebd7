import t from 'tap';
import type { Device, Linux, Spec } from '../spec/types.ts';
import { devicesAreWhole, devicesDoNotCollide, devicesNeedMountNamespace } from './devices.ts';
import type { Refusal } from './finding.ts';

const spec = (devices: Device[], namespaces: Linux['namespaces'] = [{ type: 'mount' }]): Spec => ({
  ociVersion: '1.3.0',
  linux: { devices, namespaces: namespaces ?? [] },
});
const told = (refusals: Refusal[]): string[] =>
  refusals.map(({ details, message }) => `${details.pointer}: ${message}`);
const fuse: Device = { type: 'c', path: '/dev/fuse', major: 10, minor: 229 };

t.test('a device has an absolute path', async (t) => {
  t.same(devicesAreWhole(spec([fuse, { ...fuse, path: '/opt/x' }])), []);
  t.same(told(devicesAreWhole(spec([fuse, { ...fuse, path: 'dev/x' }]))), [
    '/linux/devices/1/path: device path "dev/x" must be absolute',
  ]);
  t.same(devicesAreWhole({ ociVersion: '1.3.0' }), []);
});

t.test('a device has two numbers that the kernel has bits for, unless it is a fifo', async (t) => {
  t.same(devicesAreWhole(spec([{ type: 'p', path: '/dev/x' }])), []);
  t.same(told(devicesAreWhole(spec([{ type: 'b', path: '/dev/x' }]))), [
    '/linux/devices/0/major: device /dev/x needs a major number',
    '/linux/devices/0/minor: device /dev/x needs a minor number',
  ]);
  t.same(
    devicesAreWhole(
      spec([
        { ...fuse, major: 4095, minor: 2 ** 20 - 1 },
        { ...fuse, major: 0, minor: 0 },
      ]),
    ),
    [],
  );
  t.same(told(devicesAreWhole(spec([{ ...fuse, major: 4096, minor: -1 }]))), [
    '/linux/devices/0/major: device /dev/fuse: the major number 4096 is out of range',
    '/linux/devices/0/minor: device /dev/fuse: the minor number -1 is out of range',
  ]);
});

t.test('there is one device at a path', async (t) => {
  t.same(devicesDoNotCollide(spec([fuse, fuse, { ...fuse, type: 'u' }, { ...fuse, path: '/dev/other' }])), []);
  t.same(told(devicesDoNotCollide(spec([fuse, { ...fuse, path: '/dev/./fuse', minor: 1 }, { ...fuse, type: 'b' }]))), [
    '/linux/devices/1/path: device /dev/./fuse is listed twice, as c 10:229 and as c 10:1',
    '/linux/devices/2/path: device /dev/fuse is listed twice, as c 10:229 and as b 10:229',
  ]);
  t.same(devicesDoNotCollide({ ociVersion: '1.3.0' }), []);
});

t.test('devices are made in a mount namespace only', async (t) => {
  t.same(devicesNeedMountNamespace(spec([fuse])), []);
  t.same(devicesNeedMountNamespace(spec([], [])), []);
  t.same(told(devicesNeedMountNamespace(spec([fuse], [{ type: 'pid' }]))), [
    '/linux/devices: unable to make devices without a private MNT namespace',
  ]);
});
