import { readdirSync, readlinkSync } from 'node:fs';
import { conformance } from '../lib/conformance.ts';
import { mounting, namespace, probing, writableRoot, type Edit } from '../lib/config.ts';
import { mounts } from '../lib/machine.ts';

const own = (name: string) => readlinkSync(`/proc/self/ns/${name}`);

const types = { pid: 'pid', network: 'net', ipc: 'ipc', uts: 'uts', cgroup: 'cgroup' } as const;

const onlyMount: Edit = (c) => {
  c.linux.namespaces = [{ type: 'mount' }];
  delete c.hostname;
  // The kernel gives a new procfs and mqueue to everybody; a sysfs too, but for user namespaces.
};

conformance('with nothing but a mount namespace everything else is the caller’s', (t, box) => {
  const report = box.report([onlyMount]);
  for (const name of readdirSync('/proc/self/ns')) t.equal(report.namespaces[name] === own(name), name !== 'mnt', name);
  t.ok(report.processes.includes(1));
});

for (const [type, name] of Object.entries(types))
  conformance(`a ${type} namespace alone is new and the only one`, (t, box) => {
    const report = box.report([onlyMount, namespace(type)]);
    t.not(report.namespaces[name], own(name));
    for (const other of Object.values(types)) if (other !== name) t.equal(report.namespaces[other], own(other), other);
  });

conformance('without a network namespace the caller’s interfaces are left alone', (t, box) => {
  const report = box.report([onlyMount]);
  t.ok('lo' in report.interfaces);
});

conformance(
  'without a mount namespace the container has its root all the same, and the machine keeps its mounts',
  (t, box) => {
    const before = mounts();
    const report = box.report([
      probing('report', '/probe', '/nothing'),
      (c) => {
        c.linux.namespaces = [];
        c.mounts = [];
        delete c.hostname;
        delete c.linux.maskedPaths;
        delete c.linux.readonlyPaths;
        c.root.readonly = false;
      },
    ]);
    t.equal(report.paths['/probe']?.kind, 'file');
    t.strictSame(mounts(), before);
  },
  { only: 'ocirun' }, // runc makes every mount of the machine private, and binds the root filesystem there.
);

conformance('message queues are those of the ipc namespace', (t, box) => {
  const queue = { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue' };
  const writes: Edit = (c) => void (c.mounts = c.mounts.filter((m) => m.destination !== '/dev/mqueue'));
  const report = box.report([writes, mounting(queue), writableRoot, probing('report', '/dev/mqueue')]);
  t.match(report.paths['/dev/mqueue'], { read: 0, write: 'yes' });
});
