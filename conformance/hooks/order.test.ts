import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { conformance } from '../lib/conformance.ts';
import { probing } from '../lib/config.ts';
import { called, everyKind, hooking, kinds, labels, recording, recordingProgram, script } from '../lib/hooks.ts';
import { probe } from '../lib/runtime.ts';
import { until } from '../lib/wait.ts';

const creating = ['prestart', 'createRuntime', 'createContainer'];

conformance('hooks: they run at create, start and delete, in the order of the list', (t, box) => {
  const two = (kind: (typeof kinds)[number]) => [1, 2].map((n) => recording(box, kind, `${kind} ${n}`));
  const hooks = Object.fromEntries(kinds.filter((kind) => kind !== 'poststart').map((kind) => [kind, two(kind)]));
  const twice = (list: readonly string[]) => list.flatMap((kind) => [`${kind} 1`, `${kind} 2`]);
  box.must(['create', '--bundle', box.bundle(hooking(hooks), recordingProgram), box.id()]);
  t.strictSame(labels(box), twice(creating), 'create');
  box.must(['start', box.id()]);
  t.ok(box.reaches('stopped'));
  t.strictSame(labels(box), [...twice([...creating, 'startContainer']), 'program'], 'start');
  box.must(['delete', box.id()]);
  t.strictSame(labels(box), [...twice([...creating, 'startContainer']), 'program', ...twice(['poststop'])], 'delete');
});

conformance('hooks: run calls all of them', (t, box) => {
  box.must(['run', '--bundle', box.bundle(hooking(everyKind(box)), recordingProgram), box.id()]);
  t.strictSame(
    labels(box).filter((label) => label !== 'poststart'),
    [...creating, 'startContainer', 'program', 'poststop'],
  );
  t.ok(labels(box).includes('poststart'));
});

conformance('hooks: delete --force of a running container calls the poststop hooks', (t, box) => {
  const hooks = { poststop: [recording(box, 'poststop')] };
  box.must(['create', '--bundle', box.bundle(hooking(hooks), probing('sleep')), box.id()]);
  box.must(['start', box.id()]);
  t.strictSame(labels(box), []);
  box.must(['delete', '--force', box.id()]);
  t.strictSame(labels(box), ['poststop']);
});

conformance('hooks: delete of a created container calls the poststop hooks, not those of start', (t, box) => {
  const { startContainer, poststop } = everyKind(box);
  box.must(['create', '--bundle', box.bundle(hooking({ startContainer, poststop })), box.id()]);
  box.must(['delete', '--force', box.id()]);
  t.strictSame(labels(box), ['poststop']);
});

conformance('hooks: poststop hooks run when the container is gone', (t, box) => {
  const hook = script(
    box,
    'look',
    `${box.runtime} --root ${box.root} state ${box.id()} >${box.path('seen')} 2>&1; true`,
  );
  box.must(['run', '--bundle', box.bundle(hooking({ poststop: [hook] }), probing('exit', '0')), box.id()]);
  t.match(readFileSync(box.path('seen'), 'utf8'), 'does not exist');
});

conformance('hooks: poststart hooks run at start, once the program is executed', (t, box) => {
  const read = `cat >${box.path('told')}; pid=$(sed 's/.*"pid": *\\([0-9]*\\).*/\\1/' ${box.path('told')})`;
  const hook = script(box, 'look', `${read}; readlink /proc/$pid/exe >${box.path('seen')}`);
  const bundle = box.bundle(hooking({ poststart: [hook] }), probing('sleep'));
  box.must(['create', '--bundle', bundle, box.id()]);
  t.notOk(existsSync(box.path('seen')), 'not at create');
  box.must(['start', box.id()]);
  t.equal(readFileSync(box.path('seen'), 'utf8'), '/probe\n');
  t.match(readFileSync(box.path('told'), 'utf8'), /"status": ?"running"/);
});

conformance('hooks: start returns when the poststart hooks have ended', (t, box) => {
  const hook = script(box, 'slow', `sleep 0.3; echo done >${box.path('done')}`);
  const bundle = box.bundle(hooking({ poststart: [hook] }), probing('sleep'));
  box.must(['create', '--bundle', bundle, box.id()]);
  box.must(['start', box.id()]);
  t.equal(readFileSync(box.path('done'), 'utf8'), 'done\n');
});

const runtimeKinds = ['prestart', 'createRuntime', 'poststart', 'poststop'] as const;

conformance('hooks: each runs in the namespaces that the specification gives it', (t, box) => {
  box.must(['run', '--bundle', box.bundle(hooking(everyKind(box)), recordingProgram), box.id()]);
  t.ok(until(() => labels(box).includes('program')));
  const own = ['mnt', 'pid', 'net', 'ipc', 'uts'];
  const program = called(box, 'program').namespaces;
  for (const kind of runtimeKinds)
    for (const name of [...own, 'cgroup', 'user'])
      t.equal(called(box, kind).namespaces[name], readlinkSync(`/proc/self/ns/${name}`), `${kind}: ${name}`);
  for (const kind of ['createContainer', 'startContainer'])
    for (const name of own) t.equal(called(box, kind).namespaces[name], program[name], `${kind}: ${name}`);
});

conformance('hooks: the path of createContainer is the runtime’s, of startContainer the container’s', (t, box) => {
  box.must(['run', '--bundle', box.bundle(hooking(everyKind(box)), recordingProgram), box.id()]);
  for (const kind of [...runtimeKinds, 'createContainer']) t.equal(called(box, kind).exe, probe, kind);
  t.equal(called(box, 'startContainer').exe, '/probe');
});

conformance('hooks: createContainer hooks see the mounts of the container, in the root they will have', (t, box) => {
  const rootfs = `${box.path('bundle')}/rootfs`;
  const hook = script(box, 'look', `cat /proc/self/mountinfo >${box.path('seen')}; ls ${rootfs}/dev/null`);
  box.must(['run', '--bundle', box.bundle(hooking({ createContainer: [hook] }), probing('exit', '0')), box.id()]);
  const mounts = readFileSync(box.path('seen'), 'utf8');
  for (const target of ['/proc', '/dev', '/dev/pts']) t.match(mounts, ` ${rootfs}${target} `, target);
});
