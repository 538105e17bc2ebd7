import t from 'tap';
import type { Mount, Spec } from '../spec/types.ts';
import {
  destinationsAreAbsolute,
  hiddenPathsAreAbsolute,
  rootIsNotMasked,
  hiddenPathsNeedMountNamespace,
  procIsProcfs,
  rootIsThere,
} from './filesystem.ts';

const spec = (rest: Partial<Spec>): Spec => ({ ociVersion: '1.3.0', ...rest });
const mounts = (...list: Mount[]): Spec => spec({ mounts: list });

t.test('there is a root', async (t) => {
  t.match(rootIsThere(spec({})), [{ message: 'root must be specified', details: { pointer: '/root' } }]);
  t.match(rootIsThere(spec({ root: { path: '' } })), [{ details: { pointer: '/root/path' } }]);
  t.same(rootIsThere(spec({ root: { path: 'rootfs' } })), []);
});

t.test('paths are hidden in a mount namespace only', async (t) => {
  const message = 'unable to restrict sys entries without a private MNT namespace';
  t.match(hiddenPathsNeedMountNamespace(spec({ linux: { maskedPaths: ['/a'], readonlyPaths: ['/b'] } })), [
    { message, details: { pointer: '/linux/maskedPaths' } },
    { message, details: { pointer: '/linux/readonlyPaths' } },
  ]);
  t.same(hiddenPathsNeedMountNamespace(spec({ linux: { maskedPaths: [] } })), []);
  t.same(hiddenPathsNeedMountNamespace(spec({ linux: { maskedPaths: ['/a'], namespaces: [{ type: 'mount' }] } })), []);
});

t.test('the root itself cannot be masked', async (t) => {
  t.match(rootIsNotMasked(spec({ linux: { maskedPaths: ['/a', '/'] } })), [
    { message: 'the root itself cannot be masked', details: { pointer: '/linux/maskedPaths/1' } },
  ]);
});

t.test('hidden paths are absolute', async (t) => {
  t.match(hiddenPathsAreAbsolute(spec({ linux: { maskedPaths: ['/a', 'b'], readonlyPaths: [''] } })), [
    { message: '"b" must be an absolute path', details: { pointer: '/linux/maskedPaths/1' } },
    { message: '"" must be an absolute path', details: { pointer: '/linux/readonlyPaths/0' } },
  ]);
  t.same(hiddenPathsAreAbsolute(spec({})), []);
});

const proc: readonly [mount: Mount, message: RegExp | undefined][] = [
  [{ destination: '/proc', type: 'proc' }, undefined],
  [{ destination: 'proc/', type: 'proc' }, undefined],
  [{ destination: '/proc', type: 'tmpfs' }, /^"\/proc" cannot be mounted because it is not of type proc$/],
  [{ destination: '//proc/.', type: 'tmpfs' }, /because it is not of type proc$/],
  [{ destination: '/proc', options: ['rbind'] }, undefined],
  [
    { destination: '/proc/self/attr', type: 'tmpfs' },
    /^"\/proc\/self\/attr" cannot be mounted because it is inside \/proc$/,
  ],
  [{ destination: '/dev/../proc/sys', type: 'tmpfs' }, /because it is inside \/proc$/],
  [{ destination: '/proc/cpuinfo', options: ['bind'] }, undefined],
  [{ destination: '/proc/sys/kernel/ns_last_pid', options: ['bind'] }, undefined],
  [{ destination: '/proc/cpuinfo diskstats', options: ['bind'] }, /because it is inside \/proc$/],
  [{ destination: '/process', type: 'tmpfs' }, undefined],
  [{ destination: '/', type: 'tmpfs' }, /^mounting into \/ is prohibited$/],
  [{ destination: '/a/..', type: 'tmpfs' }, /^mounting into \/ is prohibited$/],
  [{ destination: '', type: 'tmpfs' }, /^mounting into \/ is prohibited$/],
];

t.test('nothing but procfs is /proc', async (t) => {
  for (const [mount, message] of proc) {
    const refusals = procIsProcfs(mounts(mount));
    t.match(refusals[0]?.message, message ?? undefined, mount.destination);
    t.equal(refusals.length, message ? 1 : 0, mount.destination);
  }
  t.match(procIsProcfs(mounts({ destination: '/a' }, { destination: '/proc', type: 'tmpfs' })), [
    { code: 'E_CONFIG_RULE', details: { pointer: '/mounts/1/type' } },
  ]);
  t.same(procIsProcfs(spec({})), []);
});

t.test('a relative destination is worth a warning', async (t) => {
  t.match(destinationsAreAbsolute(mounts({ destination: '/a' }, { destination: 'b' })), [
    { message: /^mount destination b is not absolute/, details: { pointer: '/mounts/1/destination' } },
  ]);
  t.same(destinationsAreAbsolute(spec({})), []);
});
