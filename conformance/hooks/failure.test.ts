import type { Test } from 'tap';
import { chmodSync, writeFileSync } from 'node:fs';
import { conformance } from '../lib/conformance.ts';
import { probing } from '../lib/config.ts';
import { hooking, labels, recording, script, type Hook, type Kind } from '../lib/hooks.ts';
import type { Sandbox } from '../lib/sandbox.ts';

const creating = ['prestart', 'createRuntime', 'createContainer'] as const;
const hosted = [...creating, 'poststart'] as const;

/** Between two that are recorded one that fails, and a poststop hook. */
const failing = (box: Sandbox, kind: Kind, hook: Hook) =>
  hooking({
    [kind]: [recording(box, kind, 'before'), hook, recording(box, kind, 'after')],
    poststop: [recording(box, 'poststop')],
  });

const gone = (t: Test, box: Sandbox) => {
  t.strictSame(box.ids(), [], 'no state is left');
  t.equal(box.state(), undefined);
  t.strictSame(labels(box), ['before', 'poststop'], 'later hooks of the kind do not run, poststop hooks do');
};

for (const kind of creating)
  conformance(`hooks: a failing ${kind} hook undoes the create`, (t, box) => {
    const hook = script(box, 'fail', 'echo to the output; echo to the error >&2; exit 3');
    const result = box.call(['create', '--bundle', box.bundle(failing(box, kind, hook)), box.id()]);
    t.equal(result.status, 1);
    for (const text of ['hook #1', 'exit status 3', 'to the output', 'to the error']) t.match(result.stderr, text);
    gone(t, box);
  });

conformance('hooks: a failing startContainer hook stops the container, and start says so', (t, box) => {
  const hook = { path: '/probe', args: ['probe', 'fail', 'to the error', '3'] };
  const bundle = box.bundle(failing(box, 'startContainer', hook), probing('sleep'));
  box.must(['create', '--bundle', bundle, box.id()]);
  const result = box.call(['start', box.id()]);
  t.equal(result.status, 1);
  for (const text of ['hook #1', 'exit status 3', 'to the error']) t.match(result.stderr, text);
  gone(t, box);
});

conformance('hooks: a failing startContainer hook fails run', (t, box) => {
  const hook = { path: '/probe', args: ['probe', 'fail', 'to the error', '3'] };
  const bundle = box.bundle(failing(box, 'startContainer', hook), probing('write', 'program'));
  const result = box.call(['run', '--bundle', bundle, box.id()]);
  t.equal(result.status, 1);
  t.match(result.stderr, 'to the error');
  t.notMatch(result.stdout, 'program', 'the program does not run');
  t.strictSame(labels(box), ['before', 'poststop']);
});

conformance('hooks: a failing poststart hook kills the container of start', (t, box) => {
  const hook = script(box, 'fail', 'echo to the error >&2; exit 3');
  box.must(['create', '--bundle', box.bundle(failing(box, 'poststart', hook), probing('sleep')), box.id()]);
  const result = box.call(['start', box.id()]);
  t.equal(result.status, 1);
  for (const text of ['hook #1', 'exit status 3', 'to the error']) t.match(result.stderr, text);
  gone(t, box);
});

conformance('hooks: a failing poststart hook kills the container of run', (t, box) => {
  const hook = script(box, 'fail', 'exit 3');
  const bundle = box.bundle(failing(box, 'poststart', hook), probing('sleep'));
  const result = box.call(['run', '--bundle', bundle, box.id()], { timeout: 10_000 });
  t.equal(result.status, 1);
  t.match(result.stderr, 'exit status 3');
  gone(t, box);
});

conformance('hooks: a failing poststop hook is a warning, and the others run', (t, box) => {
  const hook = script(box, 'fail', 'echo to the error >&2; exit 3');
  const bundle = box.bundle(
    hooking({ poststop: [recording(box, 'poststop', 'before'), hook, recording(box, 'poststop', 'after')] }),
    probing('exit', '0'),
  );
  box.must(['create', '--bundle', bundle, box.id()]);
  box.must(['start', box.id()]);
  t.ok(box.reaches('stopped'));
  const result = box.call(['delete', box.id()]);
  t.equal(result.status, 0);
  t.match(result.stderr, /exit status 3/);
  t.strictSame(labels(box), ['before', 'after']);
  t.strictSame(box.ids(), []);
});

conformance('hooks: a failing poststop hook does not change the status of run', (t, box) => {
  const bundle = box.bundle(hooking({ poststop: [script(box, 'fail', 'exit 3')] }), probing('exit', '7'));
  t.equal(box.call(['run', '--bundle', bundle, box.id()]).status, 7);
  t.strictSame(box.ids(), []);
});

conformance('hooks: a program that is missing is named', (t, box) => {
  for (const kind of hosted) {
    const bundle = box.bundle(hooking({ [kind]: [{ path: '/no/such/hook' }] }), probing('sleep'));
    const result = box.call(['run', '--bundle', bundle, box.id()]);
    t.equal(result.status, 1, kind);
    t.match(result.stderr, '/no/such/hook', kind);
    t.match(result.stderr, 'no such file or directory', kind);
    t.strictSame(box.ids(), [], kind);
  }
});

conformance('hooks: a program of the host alone is missing for startContainer', (t, box) => {
  const bundle = box.bundle(hooking({ startContainer: [{ path: '/bin/sh' }] }));
  const result = box.call(['run', '--bundle', bundle, box.id()]);
  t.equal(result.status, 1);
  t.match(result.stderr, '/bin/sh');
  t.match(result.stderr, 'no such file or directory');
});

conformance('hooks: a file that is no program is named', (t, box) => {
  writeFileSync(box.path('text'), 'text');
  chmodSync(box.path('text'), 0o644);
  for (const kind of creating) {
    const bundle = box.bundle(hooking({ [kind]: [{ path: box.path('text') }] }));
    const result = box.call(['create', '--bundle', bundle, box.id()]);
    t.equal(result.status, 1, kind);
    t.match(result.stderr, box.path('text'), kind);
    t.match(result.stderr, 'permission denied', kind);
    t.strictSame(box.ids(), [], kind);
  }
});

conformance('hooks: death by a signal is a failure', (t, box) => {
  for (const kind of creating) {
    const bundle = box.bundle(hooking({ [kind]: [script(box, 'die', 'kill -KILL $$')] }));
    const result = box.call(['create', '--bundle', bundle, box.id()]);
    t.equal(result.status, 1, kind);
    t.match(result.stderr, 'signal: killed', kind);
  }
});

conformance('hooks: one that takes longer than its timeout is killed', (t, box) => {
  const slow = { path: '/bin/sleep', args: ['sleep', '20'], timeout: 1 };
  const begun = Date.now();
  for (const kind of ['createRuntime', 'createContainer'] as const) {
    const result = box.call(['create', '--bundle', box.bundle(failing(box, kind, slow)), box.id()]);
    t.equal(result.status, 1, kind);
    t.match(result.stderr, /hook ran past specified timeout of 1(\.0)?s/, kind);
    t.strictSame(box.ids(), [], kind);
  }
  t.ok(Date.now() - begun >= 2000, 'not earlier');
  t.ok(Date.now() - begun < 10_000, 'nor much later');
});

conformance('hooks: a startContainer hook that takes longer than its timeout is killed', (t, box) => {
  const slow = { path: '/probe', args: ['probe', 'sleep'], timeout: 1 };
  const bundle = box.bundle(failing(box, 'startContainer', slow), probing('write', 'program'));
  const result = box.call(['run', '--bundle', bundle, box.id()]);
  t.equal(result.status, 1);
  t.match(result.stderr, /hook ran past specified timeout of 1(\.0)?s/);
  t.notMatch(result.stdout, 'program');
});

conformance('hooks: one that stays within its timeout is no failure', (t, box) => {
  const bundle = box.bundle(hooking({ prestart: [script(box, 'quick', 'exit 0', { timeout: 10 })] }));
  box.must(['create', '--bundle', bundle, box.id()]);
  t.equal(box.state()?.['status'], 'created');
});

conformance('hooks: a timeout of nothing is refused', (t, box) => {
  const result = box.call([
    'create',
    '--bundle',
    box.bundle(hooking({ prestart: [{ path: '/bin/true', timeout: 0 }] })),
    box.id(),
  ]);
  t.equal(result.status, 1);
  t.match(result.stderr, 'timeout');
});
