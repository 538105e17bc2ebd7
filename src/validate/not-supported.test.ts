import t from 'tap';
import { mountOptions } from '../plan/mount-options.ts';
import type { Linux, Mount, Spec } from '../spec/types.ts';
import {
  asksForSomething,
  deviceRulesAreNotEnforced,
  fieldsAreSupported,
  mountsAreSupported,
} from './not-supported.ts';

const spec = (rest: Partial<Spec>): Spec => ({ ociVersion: '1.3.0', ...rest });

t.test('some values ask for nothing', async (t) => {
  for (const value of [undefined, null, false, '', [], {}, { a: {}, b: [], c: '', d: false }])
    t.notOk(asksForSomething(value));
  for (const value of [0, 1, true, 'x', [0], [''], { a: 0 }, { a: { b: 'x' } }]) t.ok(asksForSomething(value));
});

t.test('fields that ask for nothing are no use of them', async (t) => {
  const linux: Linux = {
    seccomp: undefined as never,
    netDevices: {},
    resources: { cpu: { cpus: '' }, memory: {} },
  };
  t.same(fieldsAreSupported(spec({ process: { cwd: '/', terminal: false }, linux })), []);
  t.same(fieldsAreSupported(spec({})), []);
});

t.test('fields that ask for something are refused', async (t) => {
  const process = { cwd: '/', terminal: true, selinuxLabel: 'x' };
  const linux: Linux = { resources: { pids: { limit: 0 } } };
  t.same(
    fieldsAreSupported(spec({ process, linux })).map(({ code, message }) => [code, message]),
    ['/process/terminal', '/process/selinuxLabel', '/linux/resources/pids'].map((pointer) => [
      'E_NOT_SUPPORTED_YET',
      `${pointer} is not supported yet`,
    ]),
  );
});

const mount = (rest: Partial<Mount>): string[] =>
  mountsAreSupported(spec({ mounts: [{ destination: '/a', ...rest }] })).map(
    ({ details, message }) => `${details.pointer}: ${message}`,
  );

t.test('filesystems of the default document are supported', async (t) => {
  for (const type of ['proc', 'sysfs', 'tmpfs', 'devpts', 'mqueue', 'cgroup']) t.same(mount({ type }), [], type);
  t.same(mount({ type: 'tmpfs', options: ['ro', 'relatime', 'size=1k', 'idle', 'bindings', 'bind bind', ''] }), []);
  t.same(mountsAreSupported(spec({})), []);
});

t.test('other mounts are refused', async (t) => {
  t.same(mount({ type: 'ext4' }), ['/mounts/0/type: mounts of the type "ext4" are not supported yet']);
  t.same(mount({ type: 'proc sysfs' }), ['/mounts/0/type: mounts of the type "proc sysfs" are not supported yet']);
  t.same(mount({}), ['/mounts/0/type: mounts of the type "" are not supported yet']);
  t.same(mount({ type: 'none', options: ['ro', 'rbind', 'rprivate'] }), [
    '/mounts/0/options/1: the mount option rbind is not supported yet',
    '/mounts/0/options/2: the mount option rprivate is not supported yet',
  ]);
  const ids = [{ containerID: 0, hostID: 0, size: 1 }];
  t.same(mount({ type: 'tmpfs', uidMappings: ids, gidMappings: ids }), [
    '/mounts/0/uidMappings: idmapped mounts are not supported yet',
    '/mounts/0/gidMappings: idmapped mounts are not supported yet',
  ]);
});

// runtime-spec config.md, "Linux mount options", and what runc adds.
const everyOption =
  'async atime bind defaults dev diratime dirsync exec iversion lazytime loud noatime nodev nodiratime noexec ' +
  'noiversion nolazytime norelatime nostrictatime nosuid private rbind relatime remount ro rprivate rshared rslave ' +
  'runbindable rw shared silent slave strictatime suid sync unbindable nosymfollow symfollow rro rrw rnosuid rsuid ' +
  'rnodev rdev rnoexec rexec rnodiratime rdiratime rrelatime rnorelatime rnoatime ratime rstrictatime ' +
  'rnostrictatime rnosymfollow rsymfollow idmap ridmap mand nomand tmpcopyup';

t.test('no option of the specification reaches a filesystem as if it were its own', async (t) => {
  const flags = ['ro', 'sync', 'dirsync', 'lazytime', 'mand'];
  for (const option of everyOption.split(' ')) {
    const refused = mount({ type: 'tmpfs', options: [option] }).length > 0;
    const passed = mountOptions([option]).data.some((data) => !flags.includes(data));
    t.equal(refused, passed, option);
  }
});

t.test('device rules are worth a warning', async (t) => {
  t.match(deviceRulesAreNotEnforced(spec({ linux: { resources: { devices: [{ allow: false }] } } })), [
    { message: 'linux.resources.devices is not enforced yet', pointer: '/linux/resources/devices' },
  ]);
  t.same(deviceRulesAreNotEnforced(spec({})), []);
  t.same(deviceRulesAreNotEnforced(spec({ linux: { resources: { devices: [] } } })), []);
});
