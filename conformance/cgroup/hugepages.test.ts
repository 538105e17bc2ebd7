/** linux.resources.hugepageLimits: the kernel has what the document says, to the last digit. */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { conformance } from '../lib/conformance.ts';
import { flavour } from '../lib/runtime.ts';
import type { Sandbox } from '../lib/sandbox.ts';
import { alive } from '../lib/machine.ts';
import { until } from '../lib/wait.ts';

const hybrid = '/sys/fs/cgroup/unified';
const mount = existsSync(`${hybrid}/cgroup.procs`) ? hybrid : '/sys/fs/cgroup';

const controllers = (): string[] => readFileSync(`${mount}/cgroup.controllers`, 'utf8').trim().split(' ');

const elsewhere = (): string | false =>
  flavour === 'runc' && mount === hybrid && 'where cgroup v1 is mounted too, runc looks for hugetlb there alone';

const scope = {
  unless: (!controllers().includes('hugetlb') && 'the cgroup2 of this machine has no hugetlb') || elsewhere(),
};

/** A bundle with these limits, each as the digits that JSON.stringify might not write. */
function bundleWith(box: Sandbox, cgroupsPath: string, limits: Readonly<Record<string, string>>): string {
  const hugepageLimits = Object.keys(limits).map((pageSize, index) => ({ pageSize, limit: 123_456_000 + index }));
  const bundle = box.bundle((config) => {
    config.linux.cgroupsPath = cgroupsPath;
    Object.assign(config.linux, { resources: { hugepageLimits } });
  });
  let text = readFileSync(`${bundle}/config.json`, 'utf8');
  Object.values(limits).forEach((digits, index) => (text = text.replace(String(123_456_000 + index), digits)));
  writeFileSync(`${bundle}/config.json`, text);
  return bundle;
}

/** Two levels that are the test's own, above the container's cgroup. */
function levels(box: Sandbox): string {
  const path = `/${box.name}-parent/${box.name}-inner`;
  // Undone in the opposite order: the inner one first.
  for (const directory of [path.slice(0, path.lastIndexOf('/')), path]) box.undo(() => rmdirSync(mount + directory));
  mkdirSync(mount + path, { recursive: true });
  return path;
}

/** How the kernel writes that there is no limit: the number is its counter's largest, in bytes. */
const none = ['max', '9223372036854771712'];

const read = (path: string, file: string): string => readFileSync(join(mount + path, file), 'utf8').trim();

/** The kernel takes whole pages; a double would round the odd ones up to the next page. */
const limits: readonly (readonly [string, string])[] = [
  ['0', '0'],
  ['2097152', '2097152'],
  ['9007199254740991', '9007199252643840'],
  ['9007199254740993', '9007199254740992'],
  ['9007199256838143', '9007199254740992'],
  ['9007199256838144', '9007199256838144'],
  // The most that the kernel counts, in pages of this size: it calls that no limit.
  ['9223372036852678655', '9223372036850581504'],
  ['9223372036854771712', 'max'],
  ['18446744073709551615', 'max'],
];

for (const [digits, found] of limits)
  conformance(
    `hugepages: a limit of ${digits} for those of 2 MB is exact before the program runs`,
    (t, box) => {
      const path = `${levels(box)}/${box.id()}`;
      box.must(['create', '--bundle', bundleWith(box, path, { '2MB': digits }), box.id()]);
      t.equal(read(path, 'hugetlb.2MB.max'), found);
      t.equal(read(path, 'hugetlb.2MB.rsvd.max'), found, 'no reservation beyond it either');
      t.ok(none.includes(read(path, 'hugetlb.1GB.max')), 'the other size has no limit');
      t.match(box.state(), { status: 'created' });
      box.must(['delete', '--force', box.id()]);
      t.notOk(existsSync(mount + path), 'the cgroup goes with the container');
    },
    scope,
  );

conformance(
  'hugepages: both sizes have limits, whatever the unit',
  (t, box) => {
    const path = `${levels(box)}/${box.id()}`;
    const bundle = bundleWith(box, path, { '2MB': '4194304', '1024MB': '3221225472' });
    box.must(['create', '--bundle', bundle, box.id()]);
    t.equal(read(path, 'hugetlb.2MB.max'), '4194304');
    t.equal(read(path, 'hugetlb.1GB.max'), '3221225472');
  },
  { unless: scope.unless || (flavour === 'runc' && 'runc knows no 1024MB') },
);

conformance(
  'hugepages: those of a size that the machine does not have cannot be limited',
  (t, box) => {
    const path = `${levels(box)}/${box.id()}`;
    const { status, stderr } = box.call(['create', '--bundle', bundleWith(box, path, { '4MB': '0' }), box.id()]);
    t.equal(status, 1);
    t.match(stderr, '4MB');
    if (flavour === 'ocirun') t.match(stderr, /config\.json:\d+:\d+ \/linux\/resources\/hugepageLimits\/0/);
    t.strictSame(box.ids(), []);
    t.notOk(existsSync(mount + path), 'the cgroup is gone');
  },
  scope,
);

conformance(
  'hugepages: a cgroup with processes of its own cannot have a limit below it, and is named',
  (t, box) => {
    const parent = levels(box);
    const holder = spawn('sleep', ['60'], { stdio: 'ignore' });
    box.undo(() => {
      holder.kill('SIGKILL');
      until(() => !alive(holder.pid ?? 0));
    });
    writeFileSync(`${mount}${parent}/cgroup.procs`, String(holder.pid));
    const bundle = bundleWith(box, `${parent}/${box.id()}`, { '2MB': '0' });
    const { status, stderr } = box.call(['create', '--bundle', bundle, box.id()]);
    t.equal(status, 1);
    t.match(stderr, `enable the cgroup controller hugetlb below ${mount}${parent}: device or resource busy`);
    t.strictSame(box.ids(), []);
    t.notOk(existsSync(`${mount}${parent}/${box.id()}`), 'the cgroup is gone');
  },
  { ...scope, only: 'ocirun' },
);

conformance(
  'hugepages: where cgroup2 has no controller for them, that is said',
  (t, box) => {
    const path = `${levels(box)}/${box.id()}`;
    const covered = `${mount}/cgroup.controllers`;
    execFileSync('mount', ['--bind', box.file('controllers', 'cpu memory\n'), covered]);
    box.undo(() => execFileSync('umount', [covered]));
    const { status, stderr } = box.call(['create', '--bundle', bundleWith(box, path, { '2MB': '0' }), box.id()]);
    t.equal(status, 1);
    t.match(stderr, `the cgroup2 hierarchy at ${mount} has no controller hugetlb`);
    t.match(stderr, '/linux/resources/hugepageLimits/0');
    t.strictSame(box.ids(), []);
    t.notOk(existsSync(mount + path), 'the cgroup is gone');
  },
  { ...scope, only: 'ocirun' },
);
