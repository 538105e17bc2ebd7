import t from 'tap';
import { OcirunError } from '../errors/error.ts';
import { deviceProgram } from '../plan/device-filter/program.ts';
import { deviceFilter } from '../plan/device-filter/rules.ts';
import { usualDeviceRules } from '../plan/device-filter/usual.ts';
import type { DeviceRule } from '../spec/types.ts';
import { explained, mayDoWithout } from './device-failure.ts';
import { deviceProgramOf } from './device-programs.ts';
import { judgeConfig } from './explain-config.ts';

const denyAll: DeviceRule = { allow: false, access: 'rwm' };
const punching: DeviceRule[] = [
  denyAll,
  { allow: true, type: 'c', major: 1, access: 'rw' },
  { allow: false, type: 'c', major: 1, minor: 11, access: 'w' },
];
const message = 'device rule "deny c 1:11 w" cannot punch hole in existing wildcard rule "allow c 1:* rw"';

t.test('usual rules have their program ready', async (t) => {
  for (const rules of usualDeviceRules) {
    const copy = JSON.parse(JSON.stringify(rules)) as DeviceRule[];
    t.equal(deviceProgramOf(copy), deviceProgramOf(rules), 'the same one');
    t.same(deviceProgramOf(rules), deviceProgram(deviceFilter(rules)));
  }
  t.equal(deviceProgramOf(undefined), deviceProgramOf([]));
  const other = [denyAll, { allow: true, type: 'b', major: 7, access: 'r' }];
  t.same(deviceProgramOf(other), deviceProgram(deviceFilter(other)));
  t.not(deviceProgramOf(other), deviceProgramOf(other));
});

t.test('what has a hole has no program, and its place is known', async (t) => {
  t.throws(() => deviceProgramOf(punching), {
    code: 'E_CONFIG_RULE',
    message,
    details: { pointer: '/linux/resources/devices/2' },
  });
  t.throws(() => deviceProgramOf(punching, '/devices'), { code: 'E_CONFIG_RULE', details: { pointer: '/devices/2' } });
  const config = { ociVersion: '1.0.0', root: { path: 'r' }, process: { cwd: '/', args: ['a'] } };
  const judged = (devices: DeviceRule[]) =>
    judgeConfig(JSON.stringify({ ...config, linux: { resources: { devices } } })).found;
  t.match(judged(punching), [{ message, details: { pointer: '/linux/resources/devices/2' } }], 'for validate, too');
  t.same(judged(punching.slice(0, 2)), []);
});

t.test('too many rules have no program', async (t) => {
  const rules = [...Array(40_000).keys()].map((at) => ({
    allow: true,
    type: 'c',
    major: 7,
    minor: 2 * at,
    access: 'r',
  }));
  t.throws(() => deviceProgramOf(rules), { code: 'E_CONFIG_RULE', message: '40000 device rules are too many' });
});

const root = { euid: 0, uidMap: '         0          0 4294967295\n', low: ~0, high: ~0 };
const bpf = 1 << (39 - 32);

const failure = (code: string, syscall = 'bpf'): OcirunError =>
  new OcirunError('E_CGROUP', 'load', {
    cause: Object.assign(new Error(`${syscall}: ${code}`), { errno: 1, code, syscall }),
  });

t.test('why a program could not be loaded', async (t) => {
  const hint = (code: string, who: object = {}) => {
    const error = explained(failure(code), { ...root, ...who });
    return error instanceof OcirunError ? error.details.hint : error;
  };
  t.match(hint('EPERM', { low: ~(1 << 21), high: ~bpf }), 'it takes CAP_SYS_ADMIN, or CAP_BPF and CAP_NET_ADMIN');
  t.match(hint('EPERM', { low: ~((1 << 21) | (1 << 12)) }), 'it takes CAP_SYS_ADMIN');
  t.match(hint('EPERM', { low: ~(1 << 21) }), 'seccomp', 'CAP_BPF and CAP_NET_ADMIN do');
  t.match(hint('EPERM'), 'seccomp');
  t.match(hint('ENOSYS'), 'CONFIG_BPF_SYSCALL');
  t.match(hint('EINVAL'), 'CONFIG_CGROUP_BPF');
  t.match(hint('E2BIG'), 'fewer rules');
  t.equal(hint('ENOMEM'), undefined);
  t.match(explained(failure('EPERM'), root), { code: 'E_CGROUP', details: { pointer: '/linux/resources/devices' } });
});

t.test('who does without a program', async (t) => {
  t.equal(mayDoWithout(root), false);
  t.equal(mayDoWithout({ ...root, euid: 1000 }), true);
  t.equal(mayDoWithout({ ...root, uidMap: '0 100000 65536\n' }), true, 'in a user namespace');
  t.equal(explained(failure('EPERM'), { ...root, euid: 1000 }), undefined);
  const others = [failure('ENOENT', 'openat'), new Error('a'), new OcirunError('E_CGROUP', 'b')];
  for (const other of others) t.equal(explained(other, { ...root, euid: 1000 }), other, 'what else went wrong is told');
});
