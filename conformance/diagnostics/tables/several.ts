/** Several faults at once: all are told, in the order of the document or of the rules. */
import { type Entry, editing } from '../entry.ts';

export const several: readonly Entry[] = [
  editing('several-of-the-schema', (config) => {
    config.process.cwd = 5 as never;
    config.process.args = 'sh' as never;
    config.root.path = null as never;
    config.linux.namespaces.push({ type: 'net' });
    config.mounts.push({ type: 'tmpfs' } as never);
  }),
  editing('several-of-the-rules', (config) => {
    config.process.cwd = 'app';
    config.process.env.push('NOVALUE');
    config.process.rlimits = [{ type: 'RLIMIT_NOFILE', soft: 2, hard: 1 }];
    config.linux.namespaces.push({ type: 'mount' });
    config.linux['sysctl'] = { 'vm.swappiness': '1', 'kernel.hostname': 'x' };
    config['hooks'] = { poststart: [{ path: 'true' }] };
  }),
  editing('several-not-supported', (config) => {
    config.process['terminal'] = true;
    config.process['selinuxLabel'] = 'x';
    config.linux['netDevices'] = { eth0: { name: 'lan' } };
    config.linux['intelRdt'] = { closID: 'x' };
    config.linux['mountLabel'] = 'x';
  }),
  editing('several-of-every-kind', (config) => {
    config.process['terminal'] = true;
    config.process.cwd = 'app';
    config.process.user.uid = 'root' as never;
    config.process.args = [];
  }),
  editing('several-with-a-warning', (config) => {
    config.mounts.push({ destination: 'relative', type: 'tmpfs' });
    config.linux['personality'] = { domain: 'LINUX', flags: ['SHORT_INODE'] };
    config.process.cwd = 'app';
  }),
];
