import { conformance } from '../lib/conformance.ts';
import { probing } from '../lib/config.ts';
import { called, everyKind, hooking, kinds, recordingProgram, stateOf } from '../lib/hooks.ts';

const status: Readonly<Record<string, string>> = {
  prestart: 'creating',
  createRuntime: 'creating',
  createContainer: 'creating',
  startContainer: 'created',
  poststop: 'stopped',
};

conformance('hooks: the state on standard input names the container and its bundle', (t, box) => {
  const bundle = box.bundle(hooking(everyKind(box)), recordingProgram);
  box.must(['run', '--bundle', bundle, box.id()]);
  for (const kind of kinds) {
    const state = stateOf(called(box, kind));
    t.match(state.ociVersion, /^1\.\d+\.\d+/, kind);
    t.equal(state.id, box.id(), kind);
    t.equal(state.bundle, bundle, kind);
    t.notOk('annotations' in state, kind);
  }
});

conformance('hooks: the status they are told is that of the moment', (t, box) => {
  box.must(['run', '--bundle', box.bundle(hooking(everyKind(box)), recordingProgram), box.id()]);
  for (const [kind, expected] of Object.entries(status)) t.equal(stateOf(called(box, kind)).status, expected, kind);
});

conformance('hooks: outside the pid is that of the host, inside that of the container', (t, box) => {
  const bundle = box.bundle(hooking(everyKind(box)), probing('sleep'));
  box.must(['create', '--bundle', bundle, box.id()]);
  const pid = box.state()?.['pid'];
  for (const kind of ['prestart', 'createRuntime']) t.equal(stateOf(called(box, kind)).pid, pid, kind);
  t.equal(stateOf(called(box, 'createContainer')).pid, 1);
  box.must(['start', box.id()]);
  t.equal(stateOf(called(box, 'startContainer')).pid, 1);
  t.equal(stateOf(called(box, 'poststart')).pid, pid);
  box.must(['delete', '--force', box.id()]);
  t.notOk('pid' in stateOf(called(box, 'poststop')), 'a stopped container has none');
});

conformance('hooks: without a pid namespace the pid inside is that of the host', (t, box) => {
  const bundle = box.bundle(hooking(everyKind(box)), probing('sleep'), (c) => {
    c.linux.namespaces = c.linux.namespaces.filter((n) => n.type !== 'pid');
  });
  box.must(['create', '--bundle', bundle, box.id()]);
  const pid = box.state()?.['pid'];
  t.equal(stateOf(called(box, 'createContainer')).pid, pid);
  box.must(['start', box.id()]);
  t.equal(stateOf(called(box, 'startContainer')).pid, pid);
});

conformance('hooks: annotations reach every kind as they are', (t, box) => {
  const annotations = { 'org.example.empty': '', 'org.example.text': 'a "b" \\ \n ü \u{1f600}', 'x/y': '{"a":1}' };
  const bundle = box.bundle(hooking(everyKind(box)), recordingProgram, (c) => void (c.annotations = annotations));
  box.must(['run', '--bundle', bundle, box.id()]);
  for (const kind of kinds) {
    const utf8 = Buffer.from(called(box, kind).stdin, 'latin1').toString('utf8');
    t.strictSame((JSON.parse(utf8) as { annotations: unknown }).annotations, annotations, kind);
  }
});

conformance('hooks: the bundle they are told is absolute though the caller’s was not', (t, box) => {
  const { prestart } = everyKind(box);
  const bundle = box.bundle(hooking({ prestart }), probing('exit', '0'));
  box.must(['run', '--bundle', 'bundle', box.id()], { cwd: box.directory });
  t.equal(stateOf(called(box, 'prestart')).bundle, bundle);
});

conformance('hooks: a bundle that is the caller’s working directory is told, too', (t, box) => {
  const { prestart } = everyKind(box);
  const bundle = box.bundle(hooking({ prestart }), probing('exit', '0'));
  box.must(['run', box.id()], { cwd: bundle });
  t.equal(stateOf(called(box, 'prestart')).bundle, bundle);
});
