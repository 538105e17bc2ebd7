/** What a limit is for: it shows in what the container can do. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { conformance } from '../lib/conformance.ts';
import { namespace, probing, type Edit } from '../lib/config.ts';
import { unknownTo } from '../lib/runtime.ts';
import type { Report } from '../lib/report.ts';
import type { Sandbox } from '../lib/sandbox.ts';
import { pause, until, usual } from '../lib/wait.ts';
import { disk } from './cases.ts';
import { create, limitedBundle, limits, resources, running, working, type Limited } from './limited.ts';

const MiB = 1 << 20;

function start(box: Sandbox, ...edits: Edit[]): Limited {
  const limited = create(box, edits);
  box.must(['start', limited.id]);
  return limited;
}

const said = (limited: Limited, what: RegExp): boolean => until(() => what.test(limited.output())) ?? false;

/** Microseconds that its processes have run for. */
const ran = (limited: Limited): number => limited.count('cpu.stat', 'usage_usec');

const memory = (mib: number, swap: number): Edit =>
  resources({ memory: { limit: mib * MiB, swap: (mib + swap) * MiB } });

conformance(`${limits}: who takes more memory than the limit is killed`, (t, box) => {
  const limited = start(box, memory(16, 0), working('eat', '32'));
  t.ok(said(limited, /ended by signal 9/), 'it is killed');
  t.ok(limited.count('memory.events', 'oom_kill') > 0, 'by the kernel, for lack of memory');
  t.notMatch(limited.output(), 'ready');
});

conformance(`${limits}: what does not fit into memory goes to swap, as much as there may be`, (t, box) => {
  const limited = start(box, memory(16, 32), working('eat', '32'));
  t.ok(said(limited, /ready/), 'it lives');
  t.ok(Number(limited.read('memory.swap.current')) > 12 * MiB, `${limited.read('memory.swap.current')} bytes of swap`);
  t.equal(limited.count('memory.events', 'oom_kill'), 0);
});

conformance(`${limits}: what fits neither into memory nor into swap is killed`, (t, box) => {
  const limited = start(box, memory(16, 8), working('eat', '32'));
  t.ok(said(limited, /ended by signal 9/));
  t.ok(limited.count('memory.events', 'oom_kill') > 0);
});

conformance(
  `${limits}: half a MiB of memory is enough to start in`,
  (t, box) => {
    const limit = 512 << 10;
    const bundle = limitedBundle(box, [resources({ memory: { limit, swap: limit } }), probing('exit', '0')]);
    t.equal(box.call(running(bundle, box.id())).stderr, '');
  },
  { unless: unknownTo('runc', 'runc needs 14 MiB') },
);

conformance(`${limits}: there can be no more processes than the limit`, (t, box) => {
  const limited = start(box, resources({ pids: { limit: 10 } }), working('crowd', '50'));
  t.ok(said(limited, /\n/));
  t.match(limited.output(), /^9 EAGAIN$/m, 'fork fails for the tenth child');
  t.equal(limited.count('pids.events', 'max'), 1);
});

conformance(`${limits}: who has used up the quota waits for the next period`, (t, box) => {
  const limited = start(box, resources({ cpu: { quota: 10_000, period: 100_000 } }), working('spin', '2000'));
  const before = ran(limited);
  t.ok(said(limited, /done/));
  t.ok(limited.count('cpu.stat', 'nr_throttled') >= 5, `${limited.count('cpu.stat', 'nr_throttled')} times`);
  t.ok(ran(limited) - before < 1_000_000, `${ran(limited) - before} µs of processor time in 2 s`);
});

conformance(`${limits}: a container runs on its processors alone`, (t, box) => {
  const edit: Edit = (config) => void (config.process.args = ['/probe', 'report']);
  const limited = start(box, resources({ cpu: { cpus: '1' } }), edit);
  t.ok(said(limited, /\}\n$/));
  t.equal((JSON.parse(limited.output()) as Report).status['cpus'], '1');
});

conformance(`${limits}: the cgroup of a user who may write into it is that user’s`, (t, box) => {
  const writable: Edit = (config) => {
    config.process.user = { uid: 1000, gid: 1000 };
    for (const mount of config.mounts)
      if (mount.type === 'cgroup') mount.options = mount.options?.filter((option) => option !== 'ro') ?? [];
  };
  const { directory } = create(box, [namespace('cgroup'), writable]);
  const owner = (file: string): number => statSync(join(directory, file)).uid;
  const files = ['.', 'cgroup.procs', 'cgroup.threads', 'cgroup.subtree_control', 'memory.max', 'cgroup.freeze'];
  t.strictSame(Object.fromEntries(files.map((file) => [file, owner(file)])), {
    '.': 1000,
    'cgroup.procs': 1000,
    'cgroup.threads': 1000,
    'cgroup.subtree_control': 1000,
    'memory.max': 0,
    'cgroup.freeze': 0,
  });
});

const disks: Edit = (config) => {
  config.linux['devices'] = [{ path: disk.path, type: 'b', major: disk.major, minor: disk.minor, fileMode: 0o666 }];
};
const rules = (allow: boolean) => ({
  devices: [
    { allow: false, access: 'rwm' },
    { allow, type: 'b', major: disk.major, minor: disk.minor, access: 'rwm' },
  ],
});

conformance(`${limits}: a disk is written as slowly as the throttle says`, (t, box) => {
  const throttleWriteBpsDevice = [{ major: disk.major, minor: disk.minor, rate: 2 * MiB }];
  const throttled = resources({ ...rules(true), blockIO: { throttleWriteBpsDevice } });
  const limited = start(box, disks, throttled, working('fill', disk.path, '6'));
  t.ok(said(limited, /^\d+$/m), limited.output());
  const took = Number(limited.output());
  t.ok(took >= 2500, `6 MiB in ${took} ms, at 2 MiB in a second`);
});

conformance(`${limits}: without a throttle it is written faster`, (t, box) => {
  const took: number[] = [];
  // A busy machine may be that slow once, a throttle is each time.
  while (took.length < 5 && !took.some((time) => time < 2500)) {
    const limited = start(box, disks, resources(rules(true)), working('fill', disk.path, '6'));
    if (!said(limited, /^\d+$/m)) break;
    took.push(Number(limited.output()));
    box.must(['delete', '--force', limited.id]);
  }
  t.ok(
    took.some((time) => time < 2500),
    `6 MiB in ${took.join(', ')} ms`,
  );
});

conformance(`${limits}: a device that is not allowed cannot be opened`, (t, box) => {
  const limited = start(box, disks, resources(rules(false)), working('open', disk.path));
  t.ok(said(limited, /\n/));
  t.equal(limited.output().trim(), 'EPERM');
});

conformance(`${limits}: a device that is allowed can be opened`, (t, box) => {
  const limited = start(box, disks, resources(rules(true)), working('open', disk.path));
  t.ok(said(limited, /\n/));
  t.equal(limited.output().trim(), 'opened');
});

conformance(`${limits}: a paused container does not run, and goes on when it is resumed`, (t, box) => {
  const limited = start(box, working('spin', '600000'));
  t.ok(
    until(() => ran(limited) > 200_000),
    'it runs',
  );
  box.must(['pause', limited.id]);
  t.equal(limited.count('cgroup.events', 'frozen'), 1);
  const before = ran(limited);
  pause(500);
  t.equal(ran(limited), before, 'it uses no processor');
  t.equal(box.state(limited.id)?.['status'], 'paused');
  box.must(['resume', limited.id]);
  t.equal(limited.count('cgroup.events', 'frozen'), 0);
  t.ok(
    until(() => ran(limited) > before),
    'it runs again',
  );
});

conformance(
  `${limits}: a fork bomb that shares the pid namespace dies by one kill`,
  (t, box) => {
    const shared: Edit = (config) => {
      config.linux.namespaces = config.linux.namespaces.filter(({ type }) => type !== 'pid');
    };
    const limited = start(box, shared, resources({ pids: { limit: 100 } }), working('bomb'));
    t.ok(said(limited, /ready/));
    t.ok(
      until(() => limited.count('pids.events', 'max') > 0),
      'it has as many processes as it may',
    );
    box.must(['kill', limited.id, 'KILL'], { timeout: usual });
    t.ok(
      until(() => limited.count('cgroup.events', 'populated') === 0),
      'nothing of it is left',
    );
  },
  { only: 'ocirun' },
);
