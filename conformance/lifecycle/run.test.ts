import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { conformance } from '../lib/conformance.ts';
import { alive, stat } from '../lib/machine.ts';
import { probing } from '../lib/config.ts';
import { until, untilLater } from '../lib/wait.ts';

conformance('run gives back the exit status', (t, box) => {
  for (const status of [0, 1, 42, 255]) {
    const result = box.call(['run', '--bundle', box.bundle(probing('exit', `${status}`)), box.id()]);
    t.equal(result.status, status, `exit ${status}: ${result.stderr}`);
  }
});

conformance('run gives back 128+N for a death by signal', (t, box) => {
  for (const signal of [6, 9, 11, 15]) {
    // A process that is not the first of its pid namespace, so that the signal's default action is taken.
    const bundle = box.bundle(probing('signal', `${signal}`), (c) => {
      c.linux.namespaces = c.linux.namespaces.filter((n) => n.type !== 'pid');
    });
    t.equal(box.call(['run', '--bundle', bundle, box.id()]).status, 128 + signal);
  }
});

conformance('run hands standard output and error on', (t, box) => {
  const result = box.call(['run', '--bundle', box.bundle(probing('write', 'hello')), box.id()]);
  t.equal(result.stdout, 'hello');
  // What the runtime itself has to say is on stderr too: ocirun warns of what it does not enforce yet.
  t.equal(result.stderr.replace(/^ocirun: warning: .*\n/gm, ''), '');
  t.match(box.call(['run', '--bundle', box.bundle(probing('nonsense')), box.id()]).stderr, 'unknown command: nonsense');
});

conformance('run hands standard input on to its end', (t, box) => {
  writeFileSync(box.path('input'), 'a line\n'.repeat(10_000));
  const result = box.call(['run', '--bundle', box.bundle(probing('cat')), box.id()], { stdin: box.path('input') });
  t.equal(result.status, 0);
  t.equal(result.stdout.length, 70_000);
});

conformance('run removes the container at its end', (t, box) => {
  box.must(['run', '--bundle', box.bundle(probing('exit', '0')), box.id()]);
  t.strictSame(box.ids(), []);
});

conformance('run --keep leaves the stopped container', (t, box) => {
  t.equal(box.call(['run', '--keep', '--bundle', box.bundle(probing('exit', '5')), box.id()]).status, 5);
  t.equal(box.state()?.['status'], 'stopped');
});

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR1'] as const)
  conformance(`run forwards ${signal}`, async (t, box) => {
    const pairs = ['15=15', '2=2', '1=1', '10=10'];
    const running = box.begin(['run', '--bundle', box.bundle(probing('sleep', ...pairs)), box.id()]);
    t.ok(await untilLater(() => box.output(1).includes('ready')));
    running.process.kill(signal);
    const { status } = await running.ended;
    t.equal(status, { SIGTERM: 15, SIGINT: 2, SIGHUP: 1, SIGUSR1: 10 }[signal]);
  });

conformance('run --detach returns while the container runs', (t, box) => {
  const bundle = box.bundle(probing('sleep', '15=0'));
  const result = box.call(['run', '--detach', '--bundle', bundle, '--pid-file', box.path('pid'), box.id()]);
  t.equal(result.status, 0);
  t.equal(box.state()?.['status'], 'running');
  const pid = Number(readFileSync(box.path('pid'), 'utf8'));
  t.equal(pid, box.state()?.['pid']);
  t.ok(
    until(() => box.output(1).includes('ready')),
    'its output goes on',
  );
  box.must(['kill', box.id(), 'TERM']);
  t.ok(box.reaches('stopped'));
  box.must(['delete', box.id()]);
});

conformance('run -d is run --detach', (t, box) => {
  t.equal(box.call(['run', '-d', '--bundle', box.bundle(probing('sleep')), box.id()]).status, 0);
  t.equal(box.state()?.['status'], 'running');
});

conformance('run --pid-file names the process while it runs', async (t, box) => {
  const bundle = box.bundle(probing('sleep', '15=0'));
  const running = box.begin(['run', '--pid-file', box.path('pid'), '--bundle', bundle, box.id()]);
  t.ok(await untilLater(() => box.output(1).includes('ready')));
  // runc writes it once the program runs already.
  t.ok(await untilLater(() => existsSync(box.path('pid'))));
  const pid = Number(readFileSync(box.path('pid'), 'utf8'));
  t.ok(alive(pid));
  t.equal(stat(pid)?.parent, running.process.pid, 'the container is a child of the runtime');
  process.kill(pid, 'SIGTERM');
  t.equal((await running.ended).status, 0);
});

conformance('run --no-subreaper runs all the same', (t, box) => {
  const result = box.call(['run', '--no-subreaper', '--bundle', box.bundle(probing('exit', '4')), box.id()]);
  t.equal(result.status, 4);
});

conformance('run of a container that cannot start leaves nothing', (t, box) => {
  const result = box.call(['run', '--bundle', box.bundle((c) => void (c.process.args = ['/no-such'])), box.id()]);
  t.equal(result.status, 1);
  t.match(result.stderr, '/no-such');
  t.strictSame(box.ids(), []);
});

conformance('run refuses an id that is in use', (t, box) => {
  const pid = box.startReady();
  const result = box.call(['run', '--bundle', box.bundle(probing('exit', '0')), box.id()]);
  t.equal(result.status, 1);
  t.match(result.stderr, 'container with given ID already exists');
  t.ok(alive(pid));
});
