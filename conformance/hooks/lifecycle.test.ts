import { closeSync, existsSync, openSync, readFileSync, renameSync } from 'node:fs';
import { conformance } from '../lib/conformance.ts';
import { probing, userNamespace, type Edit } from '../lib/config.ts';
import {
  called,
  everyKind,
  hooking,
  kinds,
  labels,
  recording,
  recordingProgram,
  script,
  stateOf,
} from '../lib/hooks.ts';
import { alive } from '../lib/machine.ts';
import { untilLater } from '../lib/wait.ts';
import type { Sandbox } from '../lib/sandbox.ts';

const asking = (box: Sandbox, verb: string) =>
  `${box.runtime} --root ${box.root} ${verb} ${box.id()} >>${box.path('answer')} 2>&1`;
const missing: Edit = (config) => void (config.process.args = ['/no/such/program']);

conformance('hooks: a create that fails behind the prestart hooks calls the poststop hooks', (t, box) => {
  const { prestart, poststop } = everyKind(box);
  const result = box.call(['create', '--bundle', box.bundle(hooking({ prestart, poststop }), missing), box.id()]);
  t.equal(result.status, 1);
  t.strictSame(labels(box), ['prestart', 'poststop']);
});

conformance('hooks: run gives back the status of a program that ends before the poststart hooks', (t, box) => {
  const bundle = box.bundle(hooking({ poststart: [script(box, 'slow', 'sleep 0.3')] }), probing('exit', '7'));
  t.equal(box.call(['run', '--bundle', bundle, box.id()]).status, 7);
});

conformance('hooks: run --keep leaves the poststop hooks to delete', (t, box) => {
  const { poststop } = everyKind(box);
  box.must(['run', '--keep', '--bundle', box.bundle(hooking({ poststop }), probing('exit', '0')), box.id()]);
  t.strictSame(labels(box), []);
  box.must(['delete', box.id()]);
  t.strictSame(labels(box), ['poststop']);
});

conformance('hooks: they may ask the runtime for the state while it waits for them', (t, box) => {
  const ask = script(box, 'ask', `${asking(box, 'state')}; true`);
  const bundle = box.bundle(hooking({ prestart: [ask], createRuntime: [ask], poststart: [ask] }), probing('sleep'));
  box.must(['create', '--bundle', bundle, box.id()], { timeout: 10_000 });
  box.must(['start', box.id()], { timeout: 10_000 });
  t.ok(existsSync(box.path('answer')));
});

conformance('hooks: a poststart hook that asks is told that the container is running, and may kill it', (t, box) => {
  const hook = script(box, 'end', `${asking(box, 'state')}; ${asking(box, 'kill')} KILL`);
  const bundle = box.bundle(hooking({ poststart: [hook] }), probing('sleep'));
  box.must(['create', '--bundle', bundle, box.id()]);
  box.must(['start', box.id()], { timeout: 10_000 });
  t.match(JSON.parse(readFileSync(box.path('answer'), 'utf8')), { status: 'running', id: box.id() });
  t.ok(box.reaches('stopped'));
});

conformance('hooks: poststop hooks run though the bundle is no longer there', (t, box) => {
  const hook = script(box, 'late', `cat >${box.path('told')}`);
  const bundle = box.bundle(hooking({ poststop: [hook] }), probing('sleep'));
  box.must(['create', '--bundle', bundle, box.id()]);
  renameSync(bundle, `${bundle}.gone`);
  box.must(['delete', '--force', box.id()], { cwd: '/' });
  t.match(JSON.parse(readFileSync(box.path('told'), 'utf8')), { status: 'stopped', bundle });
});

conformance('hooks: in a user namespace those of the container have its rights, others the caller’s', (t, box) => {
  const map = [{ containerID: 0, hostID: 0, size: 65_536 }];
  const bundle = box.bundle(hooking(everyKind(box)), recordingProgram, userNamespace(map));
  box.must(['run', '--bundle', bundle, box.id()]);
  const program = called(box, 'program').namespaces['user'];
  for (const kind of kinds) {
    const inside = kind === 'createContainer' || kind === 'startContainer';
    t.equal(called(box, kind).namespaces['user'] === program, inside, kind);
  }
  t.equal(stateOf(called(box, 'createContainer')).pid, 1);
});

conformance(
  'hooks: what a caller has preserved reaches the container alone',
  (t, box) => {
    const extra = [openSync('/dev/null', 'r'), openSync('/', 'r')];
    const bundle = box.bundle(hooking(everyKind(box)), recordingProgram);
    box.must(['run', '--preserve-fds', '2', '--bundle', bundle, box.id()], { extra });
    extra.forEach((fd) => closeSync(fd));
    for (const kind of kinds) t.strictSame(Object.keys(called(box, kind).fds), ['0', '1', '2'], kind);
    t.strictSame(Object.keys(called(box, 'program').fds), ['0', '1', '2', '3', '4']);
  },
  { only: 'ocirun' },
);

conformance('hooks: with --no-pivot they are called as without', (t, box) => {
  const bundle = box.bundle(hooking(everyKind(box)), recordingProgram);
  box.must(['run', '--no-pivot', '--bundle', bundle, box.id()]);
  for (const kind of [...kinds, 'program']) t.ok(labels(box).includes(kind), kind);
});

conformance(
  'hooks: a create that is killed amid a hook leaves what can be deleted',
  async (t, box) => {
    const hook = script(box, 'slow', `echo $$ >${box.path('pid')}; exec sleep 20`);
    const bundle = box.bundle(hooking({ createRuntime: [hook], poststop: [recording(box, 'poststop')] }));
    const create = box.begin(['create', '--bundle', bundle, box.id()]);
    const pid = Number(
      await untilLater(() => existsSync(box.path('pid')) && readFileSync(box.path('pid'), 'utf8').trim()),
    );
    create.process.kill('SIGKILL');
    await create.ended;
    if (alive(pid)) process.kill(pid, 'SIGKILL');
    t.ok(await untilLater(() => !alive(pid)));
    t.equal(box.call(['delete', '--force', box.id()]).status, 0);
    t.strictSame(box.ids(), []);
  },
  { only: 'ocirun' },
);
