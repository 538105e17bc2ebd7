/** pause and resume: the cgroup freezer, and what the other commands do with a container that is paused. */
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import { conformance } from '../lib/conformance.ts';
import { probing } from '../lib/config.ts';
import { alive, stat } from '../lib/machine.ts';
import { flavour } from '../lib/runtime.ts';
import type { Sandbox } from '../lib/sandbox.ts';
import { until } from '../lib/wait.ts';
import { beginLogged, givesUp, tells } from '../lib/waiting.ts';

const ocirun = { only: 'ocirun' } as const;

const hybrid = existsSync('/sys/fs/cgroup/unified');
const hierarchy = hybrid ? '/sys/fs/cgroup/unified' : '/sys/fs/cgroup';

/** Where cgroup v1 is mounted too, runc freezes there. */
const frozen = (box: Sandbox): boolean =>
  flavour === 'runc' && hybrid
    ? readFileSync(`/sys/fs/cgroup/freezer/${box.id()}/freezer.state`, 'utf8').includes('FROZEN')
    : readFileSync(`${hierarchy}/${box.id()}/cgroup.events`, 'utf8').includes('frozen 1');

const refused = (t: Test, box: Sandbox, args: readonly string[], says: string): void => {
  const result = box.call(args);
  t.equal(result.status, 1, args.join(' '));
  t.match(result.stderr, says);
};

conformance('pause stops a running container, and resume lets it go on', (t, box) => {
  const pid = box.startReady(box.id(), box.bundle(probing('sleep', '15=3')));
  t.equal(box.must(['pause', box.id()]).stdout, '');
  t.ok(frozen(box), 'it is frozen when pause comes back');
  t.match(box.state(), { status: 'paused', pid });
  // It cannot answer while it is paused, and does so at once then.
  box.must(['kill', box.id(), 'TERM']);
  spawnSync('sleep', ['0.2']);
  t.ok(alive(pid));
  box.must(['resume', box.id()]);
  t.ok(until(() => !alive(pid)));
});

conformance('resume brings a container back to what it was', (t, box) => {
  box.startReady();
  box.must(['pause', box.id()]);
  box.must(['resume', box.id()]);
  t.notOk(frozen(box));
  t.match(box.state(), { status: 'running' });
});

conformance('a created container can be paused, is not started then, and can be once it goes on', (t, box) => {
  box.must(['create', '--bundle', box.bundle(probing('sleep')), box.id()]);
  box.must(['pause', box.id()]);
  t.match(box.state(), { status: 'paused' });
  refused(t, box, ['start', box.id()], 'cannot start a container in the paused state');
  box.must(['resume', box.id()]);
  t.match(box.state(), { status: 'created' });
  box.must(['start', box.id()]);
  t.match(box.state(), { status: 'running' });
});

conformance('pause refuses what is paused, and resume what is not', (t, box) => {
  box.startReady();
  refused(t, box, ['resume', box.id()], 'container not paused');
  box.must(['pause', box.id()]);
  refused(t, box, ['pause', box.id()], 'container not running');
  t.match(box.state(), { status: 'paused' });
});

conformance('a container that has stopped is neither paused nor resumed', (t, box) => {
  box.must(['run', '--keep', '--bundle', box.bundle(probing('exit', '0')), box.id()]);
  refused(t, box, ['pause', box.id()], 'container not running');
  refused(t, box, ['resume', box.id()], 'container not paused');
});

conformance('pause and resume of no container', (t, box) => {
  for (const command of ['pause', 'resume']) refused(t, box, [command, box.id('none')], 'container does not exist');
});

conformance('a paused container is killed at once', (t, box) => {
  const pid = box.startReady();
  box.must(['pause', box.id()]);
  box.must(['kill', box.id(), 'KILL']);
  t.ok(until(() => !alive(pid)));
  t.ok(box.reaches('stopped'));
  box.must(['delete', box.id()]);
});

conformance('a paused container is deleted by force, with all its processes', (t, box) => {
  const pid = box.startReady(box.id(), box.bundle(probing('fork', '3')));
  box.must(['pause', box.id()]);
  box.must(['delete', '--force', box.id()]);
  t.notOk(alive(pid));
  t.strictSame(box.ids(), []);
  t.notOk(existsSync(`${hierarchy}/${box.id()}`));
});

conformance(
  'a paused container without a pid namespace is deleted by force',
  (t, box) => {
    const shared = box.bundle(probing('fork', '3'), (c) => {
      c.linux.namespaces = c.linux.namespaces.filter((n) => n.type !== 'pid');
    });
    box.startReady(box.id(), shared);
    box.must(['pause', box.id()]);
    box.must(['delete', '--force', box.id()]);
    t.notOk(existsSync(`${hierarchy}/${box.id()}`));
  },
  ocirun,
); // runc 1.1 leaves the cgroup

/** A cgroup of the test's own above the container's. */
function parent(box: Sandbox): { path: string; freeze: (state: string) => void } {
  const path = `/${box.name}-parent`;
  mkdirSync(hierarchy + path);
  const freeze = (state: string): void => writeFileSync(`${hierarchy}${path}/cgroup.freeze`, state);
  box.undo(() => rmdirSync(hierarchy + path));
  box.undo(() => freeze('0'));
  return { path, freeze };
}

conformance(
  'what a cgroup above has frozen is not resumed, and that cgroup is named',
  (t, box) => {
    const { path, freeze } = parent(box);
    const bundle = box.bundle(probing('sleep'), (c) => void (c.linux.cgroupsPath = `${path}/${box.id()}`));
    box.startReady(box.id(), bundle);
    box.must(['pause', box.id()]);
    freeze('1');
    refused(t, box, ['resume', box.id()], `cgroup ${hierarchy}${path}, which it is in, is frozen, too`);
    t.match(box.state(), { status: 'paused' });
    freeze('0');
    t.ok(box.reaches('running'), 'its own cgroup is not frozen any more');
  },
  ocirun,
);

/** Start a process in this cgroup that cannot be frozen; gives its pid. */
function unfreezable(box: Sandbox, directory: string): number {
  const script = join(import.meta.dirname, 'unfreezable.py');
  const said = openSync(box.file('said', ''), 'w');
  const holder = spawn('python3', [script, directory], { stdio: ['ignore', said, said] });
  closeSync(said);
  const pid = Number(holder.pid);
  box.undo(() => {
    holder.kill('SIGKILL');
    until(() => !alive(pid));
  });
  const stuck = (): boolean => readFileSync(box.path('said'), 'utf8') === 'ready\n' && stat(pid)?.state === 'D';
  if (!until(stuck)) throw new Error(`it does not wait: ${readFileSync(box.path('said'), 'utf8')}`);
  return pid;
}

conformance(
  'a pause that does not come about says why, and gives up with the container running',
  async (t, box) => {
    const pid = box.startReady();
    const directory = `${hierarchy}/${box.id()}`;
    const holder = unfreezable(box, directory);
    const says = new RegExp(`cgroup ${directory} to be frozen: .*process ${holder} .*\\(state D\\)`);
    const waiting = beginLogged(box, ['pause', '--timeout', '3.2', box.id()]);
    await tells(t, waiting, says);
    await givesUp(t, waiting, 3.2, says);
    t.equal(readFileSync(`${directory}/cgroup.freeze`, 'utf8').trim(), '0');
    t.ok(alive(pid));
    t.match(box.state(), { status: 'running' });
    process.kill(holder, 'SIGKILL');
    t.ok(until(() => !alive(holder)));
    box.must(['pause', box.id()]);
    t.match(box.state(), { status: 'paused' });
  },
  ocirun,
);

conformance(
  'a pause gives up after 10 s by itself',
  async (t, box) => {
    box.startReady();
    const directory = `${hierarchy}/${box.id()}`;
    const freeze = (): string => readFileSync(`${directory}/cgroup.freeze`, 'utf8').trim();
    const holder = unfreezable(box, directory);
    // Whoever keeps it from that is told first.
    const says = new RegExp(`cgroup ${directory} to be frozen: process ${holder} .*\\(state D\\)`);
    const waiting = beginLogged(box, ['pause', box.id()]);
    await tells(t, waiting, says);
    const { status, stderr } = await waiting.ended;
    t.ok(waiting.took() >= 9900 && waiting.took() < 13_000, `after 10 s: ${waiting.took()} ms`);
    t.equal(status, 1);
    t.match(stderr, `pause container ${box.id()}: timeout of 10s reached, waiting for`);
    t.match(stderr, says);
    t.equal(freeze(), '0', 'it is thawed again');
    t.match(box.state(), { status: 'running' });
    process.kill(holder, 'SIGKILL');
    t.ok(until(() => !alive(holder)));
  },
  ocirun,
);

conformance(
  'what is half paused can be resumed: the pause says so, and ends',
  async (t, box) => {
    box.startReady();
    const directory = `${hierarchy}/${box.id()}`;
    const freeze = (): string => readFileSync(`${directory}/cgroup.freeze`, 'utf8').trim();
    const holder = unfreezable(box, directory);
    const waiting = beginLogged(box, ['pause', box.id()]);
    t.ok(until(() => freeze() === '1'));
    t.match(box.state(), { status: 'running' }, 'it is not paused yet');
    box.must(['resume', box.id()]);
    t.equal(freeze(), '0');
    refused(t, box, ['resume', box.id()], 'container not paused');
    const { status, stderr } = await waiting.ended;
    t.ok(waiting.took() < 5000, `soon: ${waiting.took()} ms`);
    t.equal(status, 1);
    t.match(stderr, `pause container ${box.id()}: it was resumed before all of its processes had stopped`);
    process.kill(holder, 'SIGKILL');
    t.ok(until(() => !alive(holder)));
  },
  ocirun,
);
