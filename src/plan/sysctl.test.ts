import t from 'tap';
import { hasNetworkSysctl, sysctlPath, sysctlSteps } from './sysctl.ts';
import { slots } from './steps.ts';

t.test('the first separator of a name is its separator', async (t) => {
  t.equal(sysctlPath('net.ipv4.ip_forward'), 'net/ipv4/ip_forward');
  t.equal(sysctlPath('net/ipv4/ip_forward'), 'net/ipv4/ip_forward');
  t.equal(sysctlPath('net.ipv4.conf.eth0/1.forwarding'), 'net/ipv4/conf/eth0.1/forwarding');
  t.equal(sysctlPath('net/ipv4/conf/eth0.1/forwarding'), 'net/ipv4/conf/eth0.1/forwarding');
  t.equal(sysctlPath('plain'), 'plain');
});

t.test('each parameter is a step', async (t) => {
  const linux = { sysctl: { 'kernel.sem': '1 2 3 4', 'net/a~b': '' } };
  t.same(sysctlSteps({ ociVersion: '1.3.0', linux }), [
    {
      op: 'sysctl',
      pointer: '/linux/sysctl/kernel.sem',
      slots: [slots.proc],
      nums: [],
      strs: ['kernel/sem', '1 2 3 4'],
    },
    { op: 'sysctl', pointer: '/linux/sysctl/net~1a~0b', slots: [slots.proc], nums: [], strs: ['net/a~b', ''] },
  ]);
  t.same(sysctlSteps({ ociVersion: '1.3.0' }), []);
});

t.test('parameters of the network are known in both ways of writing', async (t) => {
  const has = (name: string): boolean => hasNetworkSysctl({ ociVersion: '1.3.0', linux: { sysctl: { [name]: '1' } } });
  t.ok(has('net.core.somaxconn'));
  t.ok(has('net/core/somaxconn'));
  t.notOk(has('network.core'));
  t.notOk(has('kernel.sem'));
});
