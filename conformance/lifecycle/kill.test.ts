import { conformance } from '../lib/conformance.ts';
import { alive } from '../lib/machine.ts';
import { probing } from '../lib/config.ts';
import { until } from '../lib/wait.ts';

conformance('kill knows a signal by number, by name and by its full name, in any case', (t, box) => {
  for (const [index, signal] of ['15', 'TERM', 'SIGTERM', 'term', 'sigterm', 'SigTerm'].entries()) {
    const id = box.id(`${index}`);
    const pid = box.startReady(id, box.bundle(probing('sleep', '15=3')));
    t.equal(box.call(['kill', id, signal]).status, 0, signal);
    t.ok(
      until(() => !alive(pid)),
      `${signal} ended it`,
    );
  }
});

conformance('kill sends SIGTERM unless told otherwise', (t, box) => {
  const pid = box.startReady(box.id(), box.bundle(probing('sleep', '15=3')));
  box.must(['kill', box.id()]);
  t.ok(until(() => !alive(pid)));
});

conformance('kill sends the signal it was asked for', async (t, box) => {
  const running = box.begin(['run', '--bundle', box.bundle(probing('sleep', '10=10', '12=12')), box.id()]);
  await new Promise((later) => setTimeout(later, 50));
  until(() => box.output(1).includes('ready'));
  box.must(['kill', box.id(), 'USR2']);
  t.equal((await running.ended).status, 12);
});

conformance('kill refuses an unknown signal by its own text', (t, box) => {
  const pid = box.startReady();
  for (const signal of ['BOGUS', 'SIGBOGUS', '1x', 'SIG', '15 ']) {
    const result = box.call(['kill', box.id(), signal]);
    t.equal(result.status, 1, signal);
    t.match(result.stderr.replaceAll('\\"', '"'), `unknown signal "${signal}"`);
  }
  t.ok(alive(pid));
});

conformance('kill refuses the number of no signal', (t, box) => {
  const pid = box.startReady();
  t.equal(box.call(['kill', box.id(), '99']).status, 1);
  t.ok(alive(pid));
});

conformance('kill reaches a container that is only created', (t, box) => {
  box.must(['create', '--bundle', box.bundle(), box.id()]);
  const pid = Number(box.state()?.['pid']);
  box.must(['kill', box.id(), 'KILL']);
  t.ok(until(() => !alive(pid)));
  t.ok(box.reaches('stopped'));
});

conformance('kill refuses a stopped container', (t, box) => {
  box.must(['run', '--keep', '--bundle', box.bundle(probing('exit', '0')), box.id()]);
  const result = box.call(['kill', box.id(), 'KILL']);
  t.equal(result.status, 1);
  t.match(result.stderr, 'container not running');
});

conformance('kill --all of a stopped container is no failure', (t, box) => {
  box.must(['run', '--keep', '--bundle', box.bundle(probing('exit', '0')), box.id()]);
  t.equal(box.call(['kill', '--all', box.id(), 'KILL']).status, 0);
});

conformance('kill --all reaches every process of the container', (t, box) => {
  const pid = box.startReady(box.id(), box.bundle(probing('fork', '3', '15=0')));
  box.must(['kill', '--all', box.id(), 'KILL']);
  t.ok(until(() => !alive(pid)));
  t.ok(box.reaches('stopped'));
});

conformance('kill KILL without a pid namespace ends every process', (t, box) => {
  const bundle = box.bundle(probing('fork', '3'), (c) => {
    c.linux.namespaces = c.linux.namespaces.filter((n) => n.type !== 'pid');
  });
  box.startReady(box.id(), bundle);
  box.must(['kill', box.id(), 'KILL']);
  t.ok(box.reaches('stopped'));
});

conformance('kill refuses an unknown container', (t, box) => {
  const result = box.call(['kill', box.id('missing')]);
  t.equal(result.status, 1);
  t.match(result.stderr, 'container does not exist');
});
