import { readFileSync, statfsSync } from 'node:fs';
import { conformance } from '../lib/conformance.ts';
import { namespace, probing, type Edit } from '../lib/config.ts';
import { mountsOf, type Report } from '../lib/report.ts';

/** A host with cgroup v2 alone has its filesystem there; on others there is a tmpfs that holds the hierarchies. */
const pure = statfsSync('/sys/fs/cgroup').type === 0x63677270;

const writable: Edit = (c) => {
  for (const mount of c.mounts)
    if (mount.type === 'cgroup') mount.options = (mount.options ?? []).filter((option) => option !== 'ro');
};

const withoutNamespace: Edit = (c) => void (c.linux.namespaces = c.linux.namespaces.filter((n) => n.type !== 'cgroup'));

const hierarchies = (report: Report) => mountsOf(report).filter((m) => m.type.startsWith('cgroup'));

const path = (report: Report) => (report.cgroup.find((line) => line.startsWith('0::')) ?? '').slice(3);

for (const [title, edit] of [
  ['with', namespace('cgroup')],
  ['without', withoutNamespace],
] as const) {
  conformance(`${title} a cgroup namespace ro is respected`, (t, box) => {
    const report = box.report([edit, probing('report', '/sys/fs/cgroup/cgroup.procs')]);
    for (const mount of hierarchies(report)) t.ok(mount.options.includes('ro'), mount.target);
    if (pure) t.match(report.paths['/sys/fs/cgroup/cgroup.procs'], { readonly: true, write: 'EROFS' });
  });

  conformance(`${title} a cgroup namespace the mount is writable without ro`, (t, box) => {
    const report = box.report([edit, writable]);
    for (const mount of hierarchies(report)) t.notOk(mount.options.includes('ro'), mount.target);
  });

  conformance(`${title} a cgroup namespace the other options are respected`, (t, box) => {
    for (const mount of hierarchies(box.report([edit])))
      for (const word of ['nosuid', 'nodev', 'noexec']) t.ok(mount.options.includes(word), `${mount.target} ${word}`);
  });
}

conformance(
  'with a cgroup namespace the mount begins at the container’s own cgroup, and so does what the process sees of itself',
  (t, box) => {
    const report = box.report([namespace('cgroup'), probing('report', '/sys/fs/cgroup/cgroup.procs')]);
    t.ok(hierarchies(report).length > 0, 'a hierarchy is there');
    for (const mount of hierarchies(report)) t.notMatch(mount.root, '..', `${mount.target} begins at the container`);
    if (pure) t.match(report.paths['/sys/fs/cgroup/cgroup.procs'], { kind: 'file', text: /(^|\n)1\n/ });
    t.strictSame(
      report.cgroup.filter((line) => !line.endsWith(':/')),
      [],
    );
  },
);

conformance('without a cgroup namespace the process sees where it is', (t, box) => {
  const report = box.report([withoutNamespace]);
  t.match(path(report) === '' ? report.cgroup.join('\n') : path(report), box.id());
});

conformance('without a cgroup namespace the process finds its cgroup', (t, box) => {
  // On a host with cgroup v2 alone, programs look below /sys/fs/cgroup for what /proc/self/cgroup says.
  const procs = `/sys/fs/cgroup${pure ? `/${box.id()}` : ''}`;
  const report = box.report([
    withoutNamespace,
    probing('report', `${procs}/cgroup.procs`),
    (c) => void (c.linux.cgroupsPath = `/${box.id()}`),
  ]);
  if (pure) t.match(report.paths[`${procs}/cgroup.procs`], { kind: 'file', text: /(^|\n)1\n/ });
  // On others the mounts begin there.
  else for (const mount of hierarchies(report)) t.match(mount.root, box.id(), mount.target);
});

conformance('no cgroup namespace of the host is changed', (t, box) => {
  const before = readFileSync('/proc/self/cgroup', 'utf8');
  box.report([namespace('cgroup')]);
  t.equal(readFileSync('/proc/self/cgroup', 'utf8'), before);
});
