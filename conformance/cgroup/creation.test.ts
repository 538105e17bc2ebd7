/** Making a container's cgroup: its controllers, its owner, what is refused, and what is taken back. Needs cgroup2 alone. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, statSync } from 'node:fs';
import type { Test } from 'tap';
import type { Edit } from '../lib/config.ts';
import { conformance } from '../lib/conformance.ts';
import type { Sandbox } from '../lib/sandbox.ts';

const hybrid = '/sys/fs/cgroup/unified';
const mount = existsSync(`${hybrid}/cgroup.procs`) ? hybrid : '/sys/fs/cgroup';

const words = (file: string): string[] => readFileSync(`${mount}${file}`, 'utf8').trim().split(/\s+/).filter(Boolean);
const ours = { only: 'ocirun' } as const;
const withHugetlb = {
  ...ours,
  unless: !words('/cgroup.controllers').includes('hugetlb') && 'the cgroup2 of this machine has no hugetlb',
};

/** A cgroup below one that is not there yet; both are removed with the box. */
function fresh(box: Sandbox): string {
  const parent = `/${box.name}-parent`;
  box.undo(() => {
    if (existsSync(mount + parent)) rmdirSync(mount + parent);
  });
  return `${parent}/${box.id()}`;
}

/** A cgroup below one that is there. */
function below(box: Sandbox): string {
  const path = fresh(box);
  mkdirSync(mount + path.slice(0, path.lastIndexOf('/')));
  return path;
}

const limiting =
  (path: string, resources?: object): Edit =>
  (config) => {
    config.linux.cgroupsPath = path;
    config.linux['resources'] = resources;
  };

/** `create` fails, points there and says that, and leaves no cgroup that it made. */
function refuses(t: Test, box: Sandbox, edit: Edit, pointer: string, says: string | RegExp): void {
  const { status, stderr } = box.call(['create', '--bundle', box.bundle(edit), box.id()]);
  t.equal(status, 1);
  t.match(stderr, new RegExp(`config\\.json:\\d+:\\d+ ${pointer}: `));
  t.match(stderr, says);
  t.strictSame(box.ids(), []);
  t.strictSame(
    readdirSync(mount).filter((name) => name.startsWith(box.name)),
    [],
    'no cgroup is left, nor one above it',
  );
}

/** Have the hierarchy look as if it had these controllers alone. */
function pretend(box: Sandbox, controllers: string): void {
  const covered = `${mount}/cgroup.controllers`;
  execFileSync('mount', ['--bind', box.file('controllers', `${controllers}\n`), covered]);
  box.undo(() => execFileSync('umount', [covered]));
}

conformance(
  'cgroup: below a parent that is made, the container has every controller, limits or not',
  (t, box) => {
    const path = fresh(box);
    box.must(['create', '--bundle', box.bundle(limiting(path)), box.id()]);
    t.strictSame(words(`${path}/cgroup.controllers`), words('/cgroup.controllers'));
    box.must(['delete', '--force', box.id()]);
    t.notOk(existsSync(mount + path));
  },
  ours,
);

conformance(
  'cgroup: below a parent that is there, what nobody asks for is not changed',
  (t, box) => {
    const path = below(box);
    box.must(['create', '--bundle', box.bundle(limiting(path, { devices: [] })), box.id()]);
    t.strictSame(words(`${path}/cgroup.controllers`), []);
  },
  ours,
);

conformance(
  'cgroup: limits without a value, as engines write them, are a wish for statistics',
  (t, box) => {
    const path = below(box);
    const resources = { memory: {}, cpu: { shares: 0 }, blockIO: { weight: 0 } };
    box.must(['create', '--bundle', box.bundle(limiting(path, resources)), box.id()]);
    t.strictSame(words(`${path}/cgroup.controllers`), words('/cgroup.controllers'));
  },
  ours,
);

conformance(
  'cgroup: unified writes each line into its file, and counts more than a converted limit',
  (t, box) => {
    const path = fresh(box);
    const resources = {
      unified: { 'hugetlb.2MB.max': '2097152\n4194304\n', 'cgroup.max.depth': '3' },
      hugepageLimits: [{ pageSize: '2MB', limit: 6291456 }],
    };
    box.must(['create', '--bundle', box.bundle(limiting(path, resources)), box.id()]);
    t.strictSame(words(`${path}/hugetlb.2MB.max`), ['4194304']);
    t.strictSame(words(`${path}/hugetlb.2MB.rsvd.max`), ['6291456']);
    t.strictSame(words(`${path}/cgroup.max.depth`), ['3']);
  },
  withHugetlb,
);

conformance(
  'cgroup: unified with a controller that is nowhere is refused by its name',
  (t, box) => {
    const edit = limiting(fresh(box), { unified: { 'nosuch.max': '1' } });
    const says = `unified resource "nosuch.max" can't be set: controller "nosuch" not available`;
    refuses(t, box, edit, '/linux/resources/unified/nosuch.max', says);
  },
  ours,
);

conformance(
  'cgroup: unified with a file that is not there is refused by its name',
  (t, box) => {
    const edit = limiting(fresh(box), { unified: { 'hugetlb.nonsense': '1' } });
    const says = 'unable to set unified resource "hugetlb.nonsense"';
    refuses(t, box, edit, '/linux/resources/unified/hugetlb.nonsense', says);
  },
  withHugetlb,
);

conformance(
  'cgroup: a value that the kernel does not take is told with its file',
  (t, box) => {
    const path = fresh(box);
    const edit = limiting(path, { unified: { 'hugetlb.2MB.max': 'many' } });
    const says = `write many to ${mount}${path}/hugetlb.2MB.max: invalid argument`;
    refuses(t, box, edit, '/linux/resources/unified/hugetlb.2MB.max', says);
  },
  withHugetlb,
);

const limits: readonly (readonly [controller: string, pointer: string, resources: object])[] = [
  ['memory', 'memory/limit', { memory: { limit: 67108864 } }],
  ['cpu', 'cpu/quota', { cpu: { quota: 50000 } }],
  ['cpuset', 'cpu/cpus', { cpu: { cpus: '0' } }],
  ['pids', 'pids/limit', { pids: { limit: 10 } }],
  ['io', 'blockIO/weight', { blockIO: { weight: 100 } }],
  ['rdma', 'rdma/mlx5_0', { rdma: { mlx5_0: { hcaHandles: 1 } } }],
];

for (const [controller, pointer, resources] of limits)
  conformance(
    `cgroup: without ${controller} in cgroup2, its limit is refused, and it is said where it is`,
    (t, box) => {
      pretend(box, 'hugetlb misc');
      const says = new RegExp(
        `the cgroup2 hierarchy at ${mount} has no controller ${controller} \\((?:it is bound to a cgroup v1 hierarchy|the kernel was)`,
      );
      refuses(t, box, limiting(fresh(box), resources), `/linux/resources/${pointer}`, says);
    },
    ours,
  );

conformance(
  'cgroup: what cgroup v2 has no file for is a warning',
  (t, box) => {
    const resources = { memory: { swappiness: 60, kernel: 1 }, cpu: { realtimePeriod: 1000 }, network: { classID: 1 } };
    const { stderr } = box.must(['create', '--bundle', box.bundle(limiting(fresh(box), resources)), box.id()]);
    for (const name of ['memory.swappiness', 'memory.kernel', 'cpu.realtimePeriod', 'network.classID'])
      t.match(stderr, `linux.resources.${name} has no effect on cgroup v2`);
  },
  ours,
);

conformance(
  'cgroup: plan tells what would be written where, and what asks for it',
  (t, box) => {
    const resources = { memory: { limit: 67108864 }, cpu: { shares: 512 }, pids: { limit: 0 } };
    const { stdout } = box.must(['plan', '--bundle', box.bundle(limiting(fresh(box), resources)), box.id()]);
    for (const [what, pointer] of [
      ['write 67108864 \\(64 MiB\\) to its memory.max', 'memory/limit'],
      ['write 59 to its cpu.weight', 'cpu/shares'],
      ['write 1 to its pids.max', 'pids/limit'],
    ])
      t.match(stdout, new RegExp(`${what}.* config\\.json:\\d+:\\d+ /linux/resources/${pointer}`));
  },
  ours,
);

/** The files that a user gets with a cgroup (config-linux.md "Cgroup ownership"). */
const delegated = (): string[] => {
  const list = '/sys/kernel/cgroup/delegate';
  const files = existsSync(list)
    ? readFileSync(list, 'utf8').trim().split('\n')
    : ['cgroup.procs', 'cgroup.subtree_control', 'cgroup.threads'];
  return ['.', ...files];
};

const owners = (path: string): Map<number, string[]> => {
  const found = new Map<number, string[]>();
  for (const name of ['.', ...readdirSync(mount + path)]) {
    const { uid } = statSync(`${mount}${path}/${name}`);
    found.set(uid, [...(found.get(uid) ?? []), name]);
  }
  return found;
};

const cgroupMount =
  (uid: number, ...options: string[]): Edit =>
  (config) => {
    config.process.user.uid = uid;
    config.mounts = config.mounts.filter(({ destination }) => destination !== '/sys/fs/cgroup');
    config.mounts.push({ destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options });
    if (!config.linux.namespaces.some(({ type }) => type === 'cgroup'))
      config.linux.namespaces.push({ type: 'cgroup' });
  };

const mapped: Edit = (config) => {
  config.linux.namespaces.push({ type: 'user' });
  const ids = [{ containerID: 0, hostID: 200_000, size: 65_536 }];
  config.linux['uidMappings'] = ids;
  config.linux['gidMappings'] = ids;
};

const joined: Edit = (config) => {
  config.linux.namespaces = config.linux.namespaces.filter(({ type }) => type !== 'cgroup');
};

const given: readonly (readonly [what: string, owner: number, ...edits: Edit[]])[] = [
  ['of a user', 1000, cgroupMount(1000)],
  ['of root in a user namespace', 200_000, cgroupMount(0), mapped],
  ['of a user in a user namespace', 201_000, cgroupMount(1000), mapped],
  ['with a mount that is read-only', 0, cgroupMount(1000, 'ro')],
  ['without a cgroup namespace', 0, cgroupMount(1000), joined],
  ['of root', 0, cgroupMount(0)],
];

for (const [what, owner, ...edits] of given)
  conformance(
    `cgroup: that of a container ${what} belongs to ${owner}`,
    (t, box) => {
      const path = fresh(box);
      if (edits.includes(mapped)) box.give(200_000);
      box.must(['create', '--bundle', box.bundle(limiting(path), ...edits), box.id()]);
      const found = owners(path);
      const expected = delegated().filter((name) => existsSync(`${mount}${path}/${name}`));
      if (owner !== 0) t.same(found.get(owner)?.sort(), expected.sort());
      t.strictSame(
        [...found.keys()].sort((a, b) => a - b),
        owner === 0 ? [0] : [0, owner],
        'and nothing else',
      );
    },
    ours,
  );
