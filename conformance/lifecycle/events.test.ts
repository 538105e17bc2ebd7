/** events: statistics of a container. What needs controllers is in cgroup/events.guest.ts. */
import { existsSync, readFileSync } from 'node:fs';
import { conformance } from '../lib/conformance.ts';
import { probing } from '../lib/config.ts';
import { flavour } from '../lib/runtime.ts';
import type { Sandbox } from '../lib/sandbox.ts';
import { untilLater } from '../lib/wait.ts';

const ocirun = { only: 'ocirun' } as const;

const hybrid = existsSync('/sys/fs/cgroup/unified');
const hierarchy = hybrid ? '/sys/fs/cgroup/unified' : '/sys/fs/cgroup';

/** Where cgroup v1 is mounted too, runc tells of that. */
const scope = { unless: flavour === 'runc' && hybrid && 'it needs the files of cgroup v2' };

interface Event {
  readonly type: string;
  readonly id: string;
  readonly data?: {
    readonly cpu: { readonly usage: { readonly total?: number; readonly kernel: number; readonly user: number } };
    readonly pids: { readonly current?: number };
    readonly [part: string]: unknown;
  };
}

const eventsIn = (text: string): Event[] =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Event);

const microseconds = (box: Sandbox, name: string): number => {
  const text = readFileSync(`${hierarchy}/${box.id()}/cpu.stat`, 'utf8');
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1]);
};

conformance(
  'events --stats: one line with what the files of the cgroup say, and the end',
  (t, box) => {
    box.startReady(box.id(), box.bundle(probing('fork', '2')));
    // What does not run has the same numbers twice.
    box.must(['pause', box.id()]);
    const { stdout } = box.must(['events', '--stats', box.id()]);
    t.match(stdout, /^\{.*\}\n$/);
    const [event] = eventsIn(stdout);
    t.match(event, { type: 'stats', id: box.id() });
    const { usage } = event?.data?.cpu ?? {};
    t.equal(usage?.total, microseconds(box, 'usage_usec') * 1000);
    t.equal(usage?.kernel, microseconds(box, 'system_usec') * 1000);
    t.equal(usage?.user, microseconds(box, 'user_usec') * 1000);
    t.equal(event?.data?.pids.current, 3);
  },
  scope,
);

conformance('events --stats: the keys are those of runc, in its order', (t, box) => {
  box.startReady();
  const [event] = eventsIn(box.must(['events', '--stats', box.id()]).stdout);
  t.strictSame(Object.keys(event ?? {}), ['type', 'id', 'data']);
  t.strictSame(Object.keys(event?.data ?? {}), [
    'cpu',
    'cpuset',
    'memory',
    'pids',
    'blkio',
    'hugetlb',
    'intel_rdt',
    'network_interfaces',
  ]);
});

conformance(
  'events: statistics again and again, until the container has ended',
  async (t, box) => {
    box.startReady();
    const began = Date.now();
    const running = box.begin(['events', '--interval', '200ms', box.id()]);
    const call = box.calls;
    await untilLater(() => eventsIn(box.output(call)).length >= 3, 10_000);
    t.ok(Date.now() - began >= 600, 'the first one comes after the interval');
    box.must(['kill', box.id(), 'KILL']);
    const ended = await running.ended;
    t.equal(ended.status, 0);
    const events = eventsIn(ended.stdout);
    t.ok(events.length >= 3);
    t.ok(events.every(({ type, id }) => type === 'stats' && id === box.id()));
  },
  ocirun,
);

conformance(
  'events: the end of a paused container is seen, too',
  async (t, box) => {
    box.startReady();
    box.must(['pause', box.id()]);
    const running = box.begin(['events', '--interval', '1h', box.id()]);
    box.must(['delete', '--force', box.id()]);
    t.match(await running.ended, { status: 0, stdout: '' });
  },
  ocirun,
);

conformance('events: of a container that has stopped, and of none', (t, box) => {
  box.must(['run', '--keep', '--bundle', box.bundle(probing('exit', '0')), box.id()]);
  for (const args of [['events'], ['events', '--stats']]) {
    const { status, stderr } = box.call([...args, box.id()]);
    t.equal(status, 1);
    t.match(stderr, `container with id ${box.id()} is not running`);
    t.match(box.call([...args, box.id('none')]).stderr, 'container does not exist');
  }
});

conformance('events: an interval is more than nothing', (t, box) => {
  box.startReady();
  for (const interval of ['0', '0s', '0h0m']) {
    const { status, stderr } = box.call(['events', '--interval', interval, box.id()]);
    t.equal(status, 1);
    t.match(stderr, 'duration interval must be greater than 0');
  }
});

conformance('events: what is no duration is refused', (t, box) => {
  box.startReady();
  for (const interval of ['5', 'x', '5 s', '']) {
    const { status, stderr } = box.call(['events', '--stats', `--interval=${interval}`, box.id()]);
    t.equal(status, 1, interval);
    t.match(stderr, /invalid value|not a duration/);
  }
});
