import { existsSync, mkdirSync, readdirSync, rmdirSync } from 'node:fs';
import { conformance } from '../lib/conformance.ts';
import { probing } from '../lib/config.ts';
import { isStandalone } from '../lib/runtime.ts';
import { until } from '../lib/wait.ts';

const scope = {
  only: 'ocirun',
  unless: isStandalone ? false : 'the system calls of Node cannot be counted',
} as const;

/** strace that does something to one system call of the runtime itself. */
const meddling = (what: string): string[] => ['strace', '-qq', '-o', '/dev/null', '-e', `inject=${what}`];

const hierarchy = existsSync('/sys/fs/cgroup/cgroup.controllers') ? '/sys/fs/cgroup' : '/sys/fs/cgroup/unified';

conformance(
  'a create that loses its cgroup to another leaves that one alone',
  async (t, box) => {
    const cgroup = `/${box.name}-shared`;
    const bundle = box.bundle((c) => {
      c.process.args = ['/probe', 'sleep'];
      Object.assign(c.linux, { cgroupsPath: cgroup });
    });
    // The first create looks for the cgroup, and is held up before it makes its own.
    const slow = box.begin(['create', '--bundle', bundle, box.id('slow')], {
      through: meddling('mkdirat:delay_enter=700000:when=2+'),
    });
    t.ok(until(() => existsSync(`${box.root}/${box.id('slow')}`)));
    box.must(['create', '--bundle', bundle, box.id('fast')]);
    t.equal((await slow.ended).status, 1);
    t.equal(box.state(box.id('fast'))?.['status'], 'created');
    t.strictSame(box.ids(), [box.id('fast')]);
  },
  scope,
);

conformance(
  'a create that loses its id to another leaves that one alone',
  async (t, box) => {
    const bundle = box.bundle((c) => void (c.process.args = ['/probe', 'sleep']));
    const slow = box.begin(['create', '--bundle', bundle, box.id()], {
      through: meddling('flock:delay_enter=900000:when=1'),
    });
    t.ok(until(() => existsSync(`${box.root}/${box.id()}`)));
    box.must(['delete', '--force', box.id()]);
    box.must(['create', '--bundle', bundle, box.id()]);
    t.equal((await slow.ended).status, 1);
    t.equal(box.state()?.['status'], 'created');
  },
  scope,
);

conformance(
  'a start that is killed before it removes the fifo has started the container all the same',
  (t, box) => {
    box.must(['create', '--bundle', box.bundle((c) => void (c.process.args = ['/probe', 'sleep'])), box.id()]);
    box.call(['start', box.id()], { through: meddling('unlinkat:signal=KILL:when=1') });
    t.ok(existsSync(`${box.root}/${box.id()}/exec.fifo`));
    t.equal(box.state()?.['status'], 'running');
    t.match(box.call(['start', box.id()]).stderr, 'cannot start an already running container');
    t.match(box.call(['delete', box.id()]).stderr, 'that is not stopped: running');
  },
  scope,
);

conformance(
  'a cgroup that was there before is refused while it is in use, and only emptied of what is ours',
  (t, box) => {
    const cgroup = `${hierarchy}/${box.name}-there`;
    mkdirSync(`${cgroup}/child`, { recursive: true });
    try {
      const bundle = box.bundle(
        probing('exit', '0'),
        (c) => void Object.assign(c.linux, { cgroupsPath: `/${box.name}-there` }),
      );
      box.must(['run', '--bundle', bundle, box.id()]);
      t.ok(readdirSync(cgroup).includes('child'), 'what somebody made below it is still there');
    } finally {
      rmdirSync(`${cgroup}/child`);
      rmdirSync(cgroup);
    }
  },
  scope,
);

conformance(
  'the root of the hierarchy is no cgroup for a container',
  (t, box) => {
    const bundle = box.bundle((c) => void Object.assign(c.linux, { cgroupsPath: '/' }));
    const result = box.call(['create', '--bundle', bundle, box.id()]);
    t.equal(result.status, 1);
    t.match(result.stderr, "container's cgroup is not empty");
    t.strictSame(box.ids(), []);
  },
  { only: 'ocirun' },
);
