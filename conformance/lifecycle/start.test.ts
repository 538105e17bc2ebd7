import { conformance } from '../lib/conformance.ts';
import { probing } from '../lib/config.ts';
import { until } from '../lib/wait.ts';

conformance('start runs the process of a created container', (t, box) => {
  box.must(['create', '--bundle', box.bundle(probing('write', 'hello')), box.id()]);
  box.must(['start', box.id()]);
  t.ok(until(() => box.output(1) === 'hello'));
  t.ok(box.reaches('stopped'));
});

conformance('start refuses a running container', (t, box) => {
  box.startReady();
  const result = box.call(['start', box.id()]);
  t.equal(result.status, 1);
  t.match(result.stderr, 'cannot start an already running container');
  t.equal(box.state()?.['status'], 'running');
});

conformance('start refuses a stopped container', (t, box) => {
  box.must(['run', '--keep', '--bundle', box.bundle(probing('exit', '0')), box.id()]);
  const result = box.call(['start', box.id()]);
  t.equal(result.status, 1);
  t.match(result.stderr, 'cannot start a container that has stopped');
});

conformance('start refuses an unknown container', (t, box) => {
  const result = box.call(['start', box.id('missing')]);
  t.equal(result.status, 1);
  t.match(result.stderr, 'container does not exist');
});

conformance('start keeps the pid that create gave', (t, box) => {
  box.must(['create', '--bundle', box.bundle((c) => void (c.process.args = ['/probe', 'sleep'])), box.id()]);
  const pid = box.state()?.['pid'];
  box.must(['start', box.id()]);
  t.equal(box.state()?.['pid'], pid);
  t.equal(box.state()?.['status'], 'running');
});
