import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { conformance } from '../lib/conformance.ts';
import { probing, type Edit } from '../lib/config.ts';
import type { Sandbox } from '../lib/sandbox.ts';
import { until } from '../lib/wait.ts';
import { beginLogged, givesUp, tells } from '../lib/waiting.ts';

const ocirun = { only: 'ocirun' } as const;

const hierarchy = existsSync('/sys/fs/cgroup/unified') ? '/sys/fs/cgroup/unified' : '/sys/fs/cgroup';

/** A cgroup that is frozen, whatever happens thawed and removed in the end. */
function frozenCgroup(box: Sandbox): { path: string; thaw: () => void } {
  const directory = `${hierarchy}/${box.name}-parent`;
  mkdirSync(directory);
  const freeze = (state: string): void => writeFileSync(`${directory}/cgroup.freeze`, state);
  box.undo(() => rmdirSync(directory));
  box.undo(() => freeze('0'));
  freeze('1');
  until(() => readFileSync(`${directory}/cgroup.events`, 'utf8').includes('frozen 1'));
  return { path: `/${box.name}-parent`, thaw: () => freeze('0') };
}

const inCgroup =
  (path: string): Edit =>
  (config) =>
    void (config.linux.cgroupsPath = path);

const created = (box: Sandbox, ...edits: Edit[]): number => {
  box.must(['create', '--bundle', box.bundle(probing('sleep'), ...edits), box.id()]);
  return Number(box.state()?.['pid']);
};

conformance(
  'waits: a create into a frozen cgroup names the one that is frozen, and leaves nothing where it gives up',
  async (t, box) => {
    const { path } = frozenCgroup(box);
    const bundle = box.bundle(probing('sleep'), inCgroup(`${path}/middle/child`));
    const waiting = beginLogged(box, ['create', '--timeout', '3.2', '--bundle', bundle, box.id()]);
    const says = new RegExp(`cgroup ${hierarchy}${path} is frozen`);
    await tells(t, waiting, says);
    await givesUp(t, waiting, 3.2, says);
    t.strictSame(box.ids(), []);
    t.notOk(existsSync(`${hierarchy}${path}/middle`));
  },
  ocirun,
);

conformance(
  'waits: a create into a frozen cgroup goes on when that is thawed',
  async (t, box) => {
    const { path, thaw } = frozenCgroup(box);
    const bundle = box.bundle(probing('sleep'), inCgroup(`${path}/child`));
    const waiting = beginLogged(box, ['create', '--bundle', bundle, box.id()]);
    await tells(t, waiting, /init program to be executed; cgroup .* is frozen/);
    thaw();
    t.equal((await waiting.ended).status, 0);
    t.equal(box.state()?.['status'], 'created');
    box.must(['delete', '--force', box.id()]);
  },
  ocirun,
);

conformance(
  'waits: a container whose cgroup is frozen is not started, and start names the cgroup',
  async (t, box) => {
    created(box);
    const freeze = `${hierarchy}/${box.id()}/cgroup.freeze`;
    writeFileSync(freeze, '1');
    t.ok(box.reaches('paused'));
    const result = box.call(['start', '--timeout', '5', box.id()]);
    t.equal(result.status, 1);
    t.match(result.stderr, `cgroup ${hierarchy}/${box.id()} is frozen`);
    writeFileSync(freeze, '0');
    box.must(['start', box.id()]);
    writeFileSync(freeze, '1');
    box.must(['delete', '--force', '--timeout', '5', box.id()]);
  },
  ocirun,
);

conformance(
  'waits: a start whose init does not open the fifo says how init is, and leaves it as it was where it gives up',
  async (t, box) => {
    const pid = created(box);
    process.kill(pid, 'SIGSTOP');
    const says = new RegExp(
      `init \\(process ${pid}\\) at step \\d+: open the exec fifo, which was stopped by a signal`,
    );
    const waiting = beginLogged(box, ['start', '--timeout', '3.2', box.id()]);
    await tells(t, waiting, says);
    await givesUp(t, waiting, 3.2, says);
    process.kill(pid, 'SIGCONT');
    t.equal(box.state()?.['status'], 'created');
    box.must(['start', box.id()]);
    t.equal(box.state()?.['status'], 'running');
  },
  ocirun,
);

conformance(
  'waits: a command that waits for its turn says who has it',
  async (t, box) => {
    const pid = created(box);
    const holder = spawn('flock', ['--close', `${box.root}/${box.id()}`, 'sleep', '60'], {
      stdio: 'ignore',
      detached: true,
    });
    const ended = new Promise((done) => holder.on('exit', done));
    const end = (): void => {
      if (holder.exitCode === null && holder.signalCode === null) process.kill(-Number(holder.pid), 'SIGKILL');
    };
    box.undo(end);
    const holds = () => readFileSync('/proc/locks', 'utf8').includes(`FLOCK  ADVISORY  WRITE ${holder.pid} `);
    t.ok(until(holds), 'the lock is held');
    const says = new RegExp(`the lock of ${box.root}/${box.id()}, which process ${holder.pid} \\(.*flock .*\\) holds`);
    const waiting = beginLogged(box, ['start', '--timeout', '3.2', box.id()]);
    await tells(t, waiting, says);
    await givesUp(t, waiting, 3.2, says);
    t.equal(box.state()?.['pid'], pid, 'nothing has changed');
    const patient = beginLogged(box, ['start', box.id()]);
    await tells(t, patient, says);
    end();
    await ended;
    t.equal((await patient.ended).status, 0);
  },
  ocirun,
);

conformance(
  'waits: a start that waits for a container to be ready says so; the container runs on where it gives up',
  async (t, box) => {
    const options = { env: { ...process.env, NOTIFY_SOCKET: box.path('manager') } };
    box.must(['create', '--bundle', box.bundle(probing('sleep')), box.id()], options);
    const waiting = beginLogged(box, ['start', '--timeout', '3.2', box.id()], options);
    const says = /the container to say READY=1 at its NOTIFY_SOCKET/;
    await tells(t, waiting, says);
    await givesUp(t, waiting, 3.2, says);
    t.equal(box.state()?.['status'], 'running');
  },
  ocirun,
);

conformance(
  'waits: the program of a run in the foreground may take as long as it likes',
  async (t, box) => {
    const bundle = box.bundle(probing('sleep'));
    const waiting = beginLogged(box, ['run', '--timeout', '1', '--bundle', bundle, box.id()]);
    t.ok(box.reaches('running'));
    await new Promise((later) => setTimeout(later, 2500));
    t.equal(box.state()?.['status'], 'running');
    box.must(['kill', box.id(), 'KILL']);
    t.equal((await waiting.ended).status, 137);
    t.strictSame(
      waiting.lines().filter(({ msg }) => msg.includes('waiting')),
      [],
    );
  },
  ocirun,
);

const freezer = '/sys/fs/cgroup/freezer';

/** Freeze a process in the old way, which not even SIGKILL gets through; gives what thaws it. */
function freezeOld(box: Sandbox, pid: number): () => void {
  const directory = `${freezer}/${box.name}-old`;
  mkdirSync(directory);
  const thaw = (): void => writeFileSync(`${directory}/freezer.state`, 'THAWED');
  box.undo(() => {
    thaw();
    until(() => readFileSync(`${directory}/cgroup.procs`, 'utf8') === '');
    rmdirSync(directory);
  });
  writeFileSync(`${directory}/cgroup.procs`, `${pid}`);
  writeFileSync(`${directory}/freezer.state`, 'FROZEN');
  until(() => readFileSync(`${directory}/freezer.state`, 'utf8').startsWith('FROZEN'));
  return thaw;
}

conformance(
  'waits: a delete whose killed process does not end says why, and can be repeated',
  async (t, box) => {
    const pid = created(box);
    const thaw = freezeOld(box, pid);
    const waiting = beginLogged(box, ['delete', '--force', '--timeout', '3.2', box.id()]);
    const says = new RegExp(
      `the end of process ${pid}, which was killed, which is in a wait of the kernel.*refrigerator`,
    );
    await tells(t, waiting, says);
    await givesUp(t, waiting, 3.2, says);
    t.strictSame(box.ids(), [box.id()], 'it is still known');
    thaw();
    t.ok(box.reaches('stopped'));
    box.must(['delete', box.id()]);
  },
  { ...ocirun, unless: !existsSync(freezer) && 'no freezer of cgroup v1 on this machine' },
);

conformance(
  'waits: a delete whose cgroup does not become empty names who is in it',
  async (t, box) => {
    const pid = created(
      box,
      (c) => void (c.linux.namespaces = c.linux.namespaces.filter(({ type }) => type !== 'pid')),
    );
    // Not init: that has ended, and left somebody, as it may where it has no pid namespace.
    const other = spawn('sleep', ['60'], { stdio: 'ignore' });
    box.undo(() => other.kill('SIGKILL'));
    writeFileSync(`${hierarchy}/${box.id()}/cgroup.procs`, `${other.pid}`);
    const thaw = freezeOld(box, Number(other.pid));
    process.kill(pid, 'SIGKILL');
    t.ok(box.reaches('stopped'));
    const waiting = beginLogged(box, ['delete', box.id()]);
    await tells(
      t,
      waiting,
      new RegExp(`cgroup ${hierarchy}/${box.id()} to become empty: process ${other.pid} \\(sleep 60\\)`),
    );
    thaw();
    t.equal((await waiting.ended).status, 0);
    t.strictSame(box.ids(), []);
  },
  { ...ocirun, unless: !existsSync(freezer) && 'no freezer of cgroup v1 on this machine' },
);
