import t from 'tap';
import { sysctlPath } from '../plan/sysctl.ts';
import type { NamespaceType, Spec } from '../spec/types.ts';
import { sysctlsAreNamespaced } from './sysctl.ts';

const spec = (name: string, ...types: NamespaceType[]): Spec => ({
  ociVersion: '1.3.0',
  linux: { namespaces: types.map((type) => ({ type })), sysctl: { [name]: '1' } },
});
const told = (name: string, ...types: NamespaceType[]): string[] =>
  sysctlsAreNamespaced(spec(name, ...types)).map(({ details, message }) => `${details.pointer}: ${message}`);

const ofIpc = 'kernel.msgmax kernel.msgmnb kernel.msgmni kernel.sem kernel.shmall kernel.shmmax kernel.shmmni';

t.test('parameters of a namespace of the container are taken', async (t) => {
  for (const name of [...ofIpc.split(' '), 'kernel.shm_rmid_forced', 'fs.mqueue.msg_max', 'kernel/sem']) {
    t.same(told(name, 'ipc'), [], name);
    const [refusal = ''] = told(name, 'network', 'uts', 'user', 'mount', 'pid');
    t.match(refusal, `sysctl "${name.replaceAll('/', '.')}" is not allowed in the hosts ipc namespace`);
  }
  t.same(told('net.ipv4.ip_forward', 'network'), []);
  t.same(told('net/ipv4/conf/eth0.1/forwarding', 'network'), []);
  t.same(told('kernel.domainname', 'uts'), []);
  t.same(told('user.max_net_namespaces', 'user'), []);
  t.same(sysctlsAreNamespaced({ ociVersion: '1.3.0' }), []);
});

t.test('parameters of the host are refused', async (t) => {
  const pointer = '/linux/sysctl/';
  t.same(told('net.ipv4.ip_forward', 'ipc'), [
    `${pointer}net.ipv4.ip_forward: sysctl "net.ipv4.ip_forward" not allowed in host network namespace`,
  ]);
  t.same(told('kernel.hostname', 'uts'), [
    `${pointer}kernel.hostname: sysctl "kernel.hostname" is not allowed as it conflicts with the OCI "hostname" field`,
  ]);
  const all = ['ipc', 'network', 'uts', 'user'] as const;
  for (const name of ['kernel.core_pattern', 'vm.swappiness', 'fs.file-max', 'kernel.sem2', 'kernel', 'network.a'])
    t.same(told(name, ...all), [`${pointer}${name}: sysctl "${name}" is not in a separate kernel namespace`]);
  for (const name of ['kernel.hostname', 'kernel.domainname', 'user.max_net_namespaces'])
    t.match(told(name, 'ipc'), [/is not in a separate kernel namespace$/], name);
});

t.test('no name leads to another parameter than it says', async (t) => {
  for (const name of [
    '',
    '.',
    '/',
    'net..a',
    'net.',
    '.net',
    'net/../kernel/panic',
    'net/./a',
    '/net/a',
    'net//a',
    'net.//.a',
  ])
    t.match(told(name, 'network', 'ipc', 'uts', 'user'), [/is no name of a parameter$|not in a separate/], name);
  t.same(told('net/../a~b', 'network'), ['/linux/sysctl/net~1..~1a~0b: sysctl "net/../a~b" is no name of a parameter']);
});

t.test('what is checked is what the plan sets', async (t) => {
  for (const name of ['net.a.b', 'net/a.b/c', 'net.a/b.c', 'kernel.sem', 'fs/mqueue/x']) {
    const first = sysctlPath(name).split('/')[0] ?? '';
    t.equal(told(name, 'network', 'ipc').length, 0, name);
    t.ok(['net', 'kernel', 'fs'].includes(first), name);
  }
});
