/** What the kernel refuses of the process, kernel parameters, cgroups. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../lib/config.ts';
import { type Entry, editing, setting } from '../entry.ts';

const sysctl = (name: string, parameters: Readonly<Record<string, string>>): Entry =>
  editing(name, (config: Config) => void (config.linux['sysctl'] = parameters));

export const others: readonly Entry[] = [
  sysctl('sysctl-missing', { 'net.ipv4.no_such_parameter': '1' }),
  sysctl('sysctl-directory-missing', { 'net.ipv4.conf.eth7.forwarding': '1' }),
  sysctl('sysctl-value-refused', { 'net.ipv4.ip_forward': 'perhaps' }),
  sysctl('sysctl-is-a-directory', { 'net.ipv4': '1' }),
  setting('hostname-too-long', 'hostname', 'x'.repeat(65)),
  setting('domainname-too-long', 'domainname', 'x'.repeat(65)),
  setting('scheduler-refused', 'process.scheduler', { policy: 'SCHED_FIFO', priority: 1000 }),
  setting('memory-policy-of-a-node-that-is-missing', 'linux.memoryPolicy', { mode: 'MPOL_BIND', nodes: '1000' }),
  editing('cwd-missing-on-a-read-only-root', (config) => {
    config.process.cwd = '/sub/app';
    config.mounts.push({ destination: '/sub', type: 'tmpfs', source: 'tmpfs', options: ['ro'] });
  }),
  editing('cwd-is-a-file', (config) => void (config.process.cwd = '/probe')),
  editing('cwd-with-a-file-on-the-way', (config) => void (config.process.cwd = '/probe/app')),
  editing(
    'cwd-not-for-the-user',
    (config) => {
      config.process.cwd = '/private';
      config.linux.namespaces.push({ type: 'user' });
      for (const field of ['uidMappings', 'gidMappings'])
        config.linux[field] = [{ containerID: 0, hostID: 100000, size: 65536 }];
    },
    {
      prepare: (box) => {
        box.give(100000);
        mkdirSync(join(box.rootfs(), 'private'), { mode: 0o700 });
      },
    },
  ),
  setting('cgroup-path-with-a-null', 'linux.cgroupsPath', '/ocirun\u0000x'),
];
