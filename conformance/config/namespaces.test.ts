import { readdirSync, readlinkSync } from 'node:fs';
import { conformance } from '../lib/conformance.ts';

const kinds: Readonly<Record<string, string>> = { network: 'net', mount: 'mnt' };

conformance('every namespace of the config is new, every other is the caller’s', (t, box) => {
  const wanted = new Set<string>();
  const report = box.report([(c) => c.linux.namespaces.forEach((n) => wanted.add(kinds[n.type] ?? n.type))]);
  for (const name of readdirSync('/proc/self/ns')) {
    const same = report.namespaces[name] === readlinkSync(`/proc/self/ns/${name}`);
    t.equal(same, !wanted.has(name.replace('_for_children', '')), name);
  }
});

for (const type of ['pid', 'network', 'ipc', 'uts'])
  conformance(`without a ${type} namespace the container is in the caller’s`, (t, box) => {
    const report = box.report([
      (c) => {
        c.linux.namespaces = c.linux.namespaces.filter((n) => n.type !== type);
        if (type === 'uts') delete c.hostname;
        // Without a network namespace of its own the kernel refuses a new sysfs to nobody but user namespaces.
      },
    ]);
    const name = kinds[type] ?? type;
    t.equal(report.namespaces[name], readlinkSync(`/proc/self/ns/${name}`));
  });

conformance('two containers share no namespace', (t, box) => {
  const [a, b] = ['a', 'b'].map((suffix) => {
    box.must(['create', '--bundle', box.bundle(), box.id(suffix)]);
    return String(box.state(box.id(suffix))?.['pid']);
  });
  for (const name of ['pid', 'net', 'ipc', 'uts', 'mnt'])
    t.not(readlinkSync(`/proc/${a}/ns/${name}`), readlinkSync(`/proc/${b}/ns/${name}`), name);
});

conformance('the process is the first of its pid namespace and sees no other', (t, box) => {
  const report = box.report();
  t.equal(report.pid, 1);
  t.equal(report.ppid, 0);
  t.strictSame(report.processes, [1]);
});

conformance('the loopback interface of a new network namespace is up', (t, box) => {
  const report = box.report();
  t.equal(report.interfaces['lo'], true);
});

conformance('the hostname is the configured one, and the host keeps its own', (t, box) => {
  const before = readlinkSync('/proc/self/ns/uts');
  const report = box.report([(c) => void (c.hostname = 'conformance-host')]);
  t.equal(report.hostname, 'conformance-host');
  t.equal(readlinkSync('/proc/self/ns/uts'), before);
});
