import { conformance } from '../lib/conformance.ts';
import { probing } from '../lib/config.ts';

/** RFC 3339 with up to nine digits behind the second, as Go's RFC3339Nano writes it: no zeros at the end. */
const nanoseconds = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,8}[1-9])?Z$/;

conformance('state is the document of runc, key by key', (t, box) => {
  const bundle = box.bundle();
  box.must(['create', '--bundle', bundle, box.id()]);
  const { stdout } = box.must(['state', box.id()]);
  const state = JSON.parse(stdout) as Record<string, unknown>;
  t.strictSame(Object.keys(state), ['ociVersion', 'id', 'pid', 'status', 'bundle', 'rootfs', 'created', 'owner']);
  t.equal(stdout.trimEnd(), JSON.stringify(state, null, 2), 'indented by two spaces');
  t.notOk(stdout.endsWith('\n'), 'no line end behind it');
  t.equal(state['id'], box.id());
  t.equal(state['bundle'], bundle);
  t.equal(state['rootfs'], `${bundle}/rootfs`);
  t.match(state['created'], nanoseconds);
  t.equal(state['owner'], '');
  t.type(state['ociVersion'], 'string');
});

conformance('state carries the annotations of the config', (t, box) => {
  const annotations = { 'org.example.a': '1', 'org.example.b': '2' };
  box.must(['create', '--bundle', box.bundle((c) => void (c.annotations = annotations)), box.id()]);
  const state = box.state() ?? {};
  t.strictSame(state['annotations'], annotations);
  t.strictSame(Object.keys(state).slice(-3), ['created', 'annotations', 'owner']);
});

conformance('state follows a container through its life', (t, box) => {
  box.must(['create', '--bundle', box.bundle(probing('sleep', '15=3')), box.id()]);
  const number = box.calls;
  t.equal(box.state()?.['status'], 'created');
  box.must(['start', box.id()]);
  t.equal(box.state()?.['status'], 'running');
  while (!box.output(number).includes('ready'));
  box.must(['kill', box.id(), 'TERM']);
  t.ok(box.reaches('stopped'));
  t.equal(box.state()?.['pid'], 0, 'a stopped container has no pid');
});

conformance('state refuses an unknown container', (t, box) => {
  const result = box.call(['state', box.id('missing')]);
  t.equal(result.status, 1);
  t.equal(result.stdout, '');
  t.match(result.stderr, 'container does not exist');
});

conformance('state keeps the time of creation', (t, box) => {
  const before = Date.now();
  box.must(['create', '--bundle', box.bundle(), box.id()]);
  const created = Date.parse(String(box.state()?.['created']));
  t.ok(created >= before - 1 && created <= Date.now(), 'between the call and now');
  box.must(['start', box.id()]);
  t.ok(box.reaches('stopped'));
  t.equal(Date.parse(String(box.state()?.['created'])), created);
});
