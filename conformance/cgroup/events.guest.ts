/** events: what it says of memory, processes, block devices and huge pages, and that memory has run out. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { conformance } from '../lib/conformance.ts';
import { flavour } from '../lib/runtime.ts';
import type { Sandbox } from '../lib/sandbox.ts';
import { pause, until, untilLater } from '../lib/wait.ts';
import { create, limits, resources, working, type Limited } from './limited.ts';

const MiB = 1 << 20;

interface Memory {
  readonly limit: number;
  readonly usage: number;
  readonly max: number;
  readonly failcnt: number;
}

interface Data {
  readonly cpu: {
    readonly usage: Readonly<Record<string, number>>;
    readonly throttling: Readonly<Record<string, number>>;
  };
  readonly memory: {
    readonly cache?: number;
    readonly usage: Memory;
    readonly swap: Memory;
    readonly raw: Readonly<Record<string, number>>;
  };
  readonly pids: { readonly current: number; readonly limit?: number };
  readonly hugetlb: Readonly<Record<string, object>>;
}

const statistics = (box: Sandbox, { id }: Limited): Data =>
  (JSON.parse(box.must(['events', '--stats', id]).stdout) as { data: Data }).data;

conformance(`${limits}: events --stats has the numbers of the files`, (t, box) => {
  const limited = create(box, [
    resources({
      memory: { limit: 64 * MiB, swap: 128 * MiB },
      pids: { limit: 30 },
      cpu: { quota: 10_000, period: 100_000 },
    }),
    working('eat', '24'),
  ]);
  box.must(['start', limited.id]);
  t.ok(until(() => limited.output().includes('ready')));
  box.must(['pause', limited.id]);
  // The kernel sums up every two seconds what it counts by processor.
  pause(3000);
  const data = statistics(box, limited);
  const stat = (name: string): number => limited.count('memory.stat', name);
  const close = (one: number, other: number): boolean => Math.abs(one - other) <= MiB / 2;
  const current = Number(limited.read('memory.current'));
  t.equal(data.memory.usage.limit, 64 * MiB);
  t.ok(close(data.memory.usage.usage, current), `${data.memory.usage.usage}, ${current}`);
  t.equal(data.memory.swap.limit, 128 * MiB, 'memory and swap');
  t.ok(close(data.memory.swap.usage, current + Number(limited.read('memory.swap.current'))));
  const lines = limited.read('memory.stat').split('\n');
  t.equal(Object.keys(data.memory.raw).length, lines.length, 'all of memory.stat');
  t.ok(close(data.memory.raw['anon'] ?? 0, stat('anon')) && stat('anon') > 20 * MiB);
  t.equal(data.memory.cache ?? 0, data.memory.raw['file']);
  t.equal(data.pids.current, Number(limited.read('pids.current')));
  t.equal(data.pids.limit, 30);
  const time = (name: string): number => limited.count('cpu.stat', name) * 1000;
  t.equal(data.cpu.usage['total'], time('usage_usec'));
  t.equal(data.cpu.throttling['throttledPeriods'], limited.count('cpu.stat', 'nr_throttled'));
  t.equal(data.cpu.throttling['throttledTime'], time('throttled_usec'));
  // runc 1.1 gives up where there are no huge pages of the first size that it looks for.
  if (flavour === 'ocirun') t.ok(data.hugetlb['2MB']);
});

conformance(`${limits}: events --stats of a container without limits`, (t, box) => {
  const limited = create(box, [resources({ pids: { limit: -1 } })]);
  const { stdout } = box.must(['events', '--stats', limited.id]);
  t.match(stdout, '"usage":{"limit":18446744073709551615,');
  t.match(stdout, '"swap":{"limit":18446744073709551615,');
  t.equal(statistics(box, limited).pids.limit, undefined);
});

const gone = <T>(read: () => T, instead: T): T => {
  try {
    return read();
  } catch {
    return instead;
  }
};

/** Whether a runtime waits for changes of the counters: it has the file open, or has inotify look at it. */
function watches(pid: number | undefined): boolean {
  const open = `/proc/${pid}/fd`;
  return gone(() => readdirSync(open), []).some(
    (fd) =>
      gone(() => readlinkSync(`${open}/${fd}`), '').endsWith('/memory.events') ||
      gone(() => readFileSync(`${open}info/${fd}`, 'utf8'), '').includes('inotify wd:'),
  );
}

/** A process beside the container's own takes more memory than there is for all: it keeps a line that has no end. */
const takeTooMuch = ({ directory }: Limited): void =>
  void spawnSync('sh', ['-c', 'echo $$ >"$0/cgroup.procs" && exec tail /dev/zero', directory], { stdio: 'ignore' });

conformance(
  `${limits}: events tells that memory has run out, each time, and ends with the container`,
  async (t, box) => {
    const limited = create(box, [resources({ memory: { limit: 16 * MiB, swap: 16 * MiB } })]);
    box.must(['start', limited.id]);
    const running = box.begin(['events', '--interval', '1h', limited.id]);
    const call = box.calls;
    const told = (): number => box.output(call).split(`{"type":"oom","id":"${limited.id}"}\n`).length - 1;
    t.ok(
      until(() => watches(running.process.pid)),
      'it looks for changes before there is one',
    );
    for (const times of [1, 2]) {
      takeTooMuch(limited);
      t.equal(limited.count('memory.events', 'oom_kill'), times);
      // runc tells of every change of the file, as when the limit is reached.
      await untilLater(() => told() >= times);
      t.ok(flavour === 'runc' ? told() >= times : told() === times, `${told()} times`);
    }
    box.must(['kill', limited.id, 'KILL']);
    t.equal((await running.ended).status, 0);
  },
);
