/** A cgroup below one whose children are threaded (cgroup-v2.rst, "Threads"): nobody can be born there, but moved. */
import { mkdirSync, existsSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { conformance } from '../lib/conformance.ts';
import { probing, type Edit } from '../lib/config.ts';
import { alive } from '../lib/machine.ts';
import type { Sandbox } from '../lib/sandbox.ts';

const ours = { only: 'ocirun' } as const;
const hybrid = '/sys/fs/cgroup/unified';
const mount = existsSync(`${hybrid}/cgroup.procs`) ? hybrid : '/sys/fs/cgroup';

/** A cgroup with a threaded one in it, and the path of another beside that. */
function besideThreads(box: Sandbox): string {
  const parent = `/${box.name}-parent`;
  for (const path of [parent, `${parent}/${box.name}-threads`]) {
    mkdirSync(mount + path);
    box.undo(() => rmdirSync(mount + path));
  }
  writeFileSync(`${mount}${parent}/${box.name}-threads/cgroup.type`, 'threaded');
  return `${parent}/${box.id()}`;
}

/** Its processes are beside those of the machine: a kill has to find them in the cgroup. */
const sharing: Edit = (config) => {
  config.linux.namespaces = config.linux.namespaces.filter(({ type }) => type !== 'pid');
};

/** A container there, asleep, and a look into its control files. */
function create(box: Sandbox): { pid: number; read: (file: string) => string } {
  const path = besideThreads(box);
  const bundle = box.bundle(probing('sleep'), sharing, (config) => {
    config.linux.cgroupsPath = path;
    config.linux['resources'] = { devices: [] };
  });
  const pid = box.startReady(box.id(), bundle);
  return { pid, read: (file) => readFileSync(join(mount + path, file), 'utf8').trim() };
}

conformance(
  'cgroup: beside a threaded one the container’s is threaded, too, and its process is moved there',
  (t, box) => {
    const { pid, read } = create(box);
    t.equal(read('cgroup.type'), 'threaded');
    t.strictSame(read('cgroup.threads').split('\n'), [`${pid}`]);
  },
  ours,
);

/** What strace has seen of it, in this order. */
const seen = (log: string): string[] =>
  [...log.matchAll(/write\(\d+<[^>]*\/(cgroup\.\w+)>, "(\w+)"|(pidfd_send_signal)/g)].map(
    ([, file, text, call]) => call ?? `${file} ${text}`,
  );

conformance(
  'cgroup: what is in a threaded one is killed one by one, and frozen meanwhile',
  (t, box) => {
    const { pid, read } = create(box);
    const log = box.path('strace');
    const through = ['strace', '-f', '-y', '-qq', '-o', log, '-e', 'trace=write,pidfd_send_signal'];
    box.must(['kill', box.id(), 'KILL'], { through });
    t.strictSame(seen(readFileSync(log, 'utf8')), [
      'cgroup.kill 1',
      'cgroup.freeze 1',
      'pidfd_send_signal',
      'cgroup.freeze 0',
    ]);
    t.ok(box.reaches('stopped'));
    t.notOk(alive(pid));
    t.equal(read('cgroup.freeze'), '0');
  },
  ours,
);
