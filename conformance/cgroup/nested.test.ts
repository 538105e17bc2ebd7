/** What a container makes in its own cgroup: cgroups deeper than a path may be long, and threaded ones. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { conformance } from '../lib/conformance.ts';
import { probing } from '../lib/config.ts';
import { alive } from '../lib/machine.ts';
import type { Sandbox } from '../lib/sandbox.ts';
import { until } from '../lib/wait.ts';

const hybrid = '/sys/fs/cgroup/unified';
const mount = existsSync(`${hybrid}/cgroup.procs`) ? hybrid : '/sys/fs/cgroup';

const ours = { only: 'ocirun' } as const;

/** 30 names of 200 bytes, one below the other; a path may have 4,096. Then it stays in the last one. */
const nesting = `
import os, sys
os.chdir(sys.argv[1])
for level in range(30):
    name = str(level).ljust(200, "x")
    os.mkdir(name)
    os.chdir(name)
with open("cgroup.procs", "w") as procs:
    procs.write(str(os.getpid()))
with open(sys.argv[2], "w") as said:
    said.write("ready")
sys.stdin.read()
`;

/** A process of the container's that is in its deepest cgroup; gives its pid. */
function nest(box: Sandbox, directory: string): number {
  const said = box.path('said');
  const deepest = spawn('python3', ['-c', nesting, directory, said], { stdio: ['pipe', 'ignore', 'inherit'] });
  const pid = Number(deepest.pid);
  box.undo(() => {
    deepest.kill('SIGKILL');
    until(() => !alive(pid));
    spawnSync('find', [directory, '-depth', '-type', 'd', '-delete']);
  });
  if (!until(() => existsSync(said))) throw new Error('it has not come to the last one');
  return pid;
}

const pidsOf = (box: Sandbox): number[] =>
  (JSON.parse(box.must(['ps', '--format', 'json', box.id()]).stdout) as number[]).sort((a, b) => a - b);

conformance(
  'cgroup: however deep the container has nested its own, ps knows them, kill --all reaches them, delete removes them',
  (t, box) => {
    const init = box.startReady(box.id(), box.bundle(probing('sleep')));
    const directory = `${mount}/${box.id()}`;
    const pid = nest(box, directory);
    t.strictSame(
      pidsOf(box),
      [init, pid].sort((a, b) => a - b),
    );
    box.must(['kill', '--all', box.id(), 'TERM']);
    t.ok(until(() => !alive(pid)));
    box.must(['delete', '--force', box.id()]);
    t.notOk(existsSync(directory));
  },
  ours,
);

conformance(
  'cgroup: delete --force kills who is in the deepest one',
  (t, box) => {
    const shared = box.bundle(probing('sleep'), (c) => {
      c.linux.namespaces = c.linux.namespaces.filter(({ type }) => type !== 'pid');
    });
    box.startReady(box.id(), shared);
    const directory = `${mount}/${box.id()}`;
    const pid = nest(box, directory);
    box.must(['delete', '--force', box.id()]);
    t.notOk(alive(pid));
    t.notOk(existsSync(directory));
  },
  ours,
);

conformance(
  'cgroup: what is mounted on a cgroup is no part of it: delete removes nothing there',
  (t, box) => {
    box.startReady(box.id(), box.bundle(probing('sleep')));
    const mounted = `${mount}/${box.id()}/inner/mounted`;
    mkdirSync(mounted, { recursive: true });
    const empty = box.path('precious/empty');
    mkdirSync(empty, { recursive: true });
    execFileSync('mount', ['--bind', box.path('precious'), mounted]);
    box.undo(() => spawnSync('umount', [mounted]));
    const { status, stderr } = box.call(['delete', '--force', box.id()]);
    t.equal(status, 1);
    t.match(stderr, `something is mounted on cgroup ${mounted}`);
    t.ok(existsSync(empty));
    execFileSync('umount', [mounted]);
    box.must(['delete', '--force', box.id()]);
    t.notOk(existsSync(`${mount}/${box.id()}`));
  },
  ours,
);

conformance(
  'cgroup: a process with threads in a threaded one is listed once',
  (t, box) => {
    const init = box.startReady(box.id(), box.bundle(probing('sleep')));
    const threads = `${mount}/${box.id()}/threads`;
    mkdirSync(threads);
    writeFileSync(`${threads}/cgroup.type`, 'threaded');
    writeFileSync(`${threads}/cgroup.threads`, `${init}`);
    t.strictSame(pidsOf(box), [init]);
    box.must(['delete', '--force', box.id()]);
    t.notOk(existsSync(threads));
  },
  ours,
);
