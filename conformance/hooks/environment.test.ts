import { chmodSync, statSync } from 'node:fs';
import { conformance } from '../lib/conformance.ts';
import { probing } from '../lib/config.ts';
import { called, everyKind, hooking, kinds, recordingProgram } from '../lib/hooks.ts';
import { probe } from '../lib/runtime.ts';

const outside = ['prestart', 'createRuntime', 'createContainer', 'poststart', 'poststop'] as const;
const record = (directory: string) => `${directory}/rootfs/tmp/calls`;

conformance('hooks: the environment is the configured one and nothing else', (t, box) => {
  const env = ['A=1', 'EMPTY=', 'WITH=x=y', 'SPACE=a b'];
  box.must(['run', '--bundle', box.bundle(hooking(everyKind(box, { env })), recordingProgram), box.id()]);
  for (const kind of kinds) t.strictSame(called(box, kind).env, env, kind);
});

conformance('hooks: without an environment of its own a hook of the runtime has the caller’s', (t, box) => {
  const bundle = box.bundle(hooking(everyKind(box)), recordingProgram);
  box.must(['run', '--bundle', bundle, box.id()], { env: { ...process.env, OCIRUN_TEST_MINE: 'yes' } });
  for (const kind of ['prestart', 'createRuntime', 'poststart', 'poststop'])
    t.ok(called(box, kind).env.includes('OCIRUN_TEST_MINE=yes'), kind);
});

conformance('hooks: without an environment of its own a startContainer hook has the container’s', (t, box) => {
  const bundle = box.bundle(hooking(everyKind(box)), recordingProgram, (c) => void c.process.env.push('MINE=yes'));
  box.must(['run', '--bundle', bundle, box.id()]);
  t.ok(called(box, 'startContainer').env.includes('MINE=yes'));
});

conformance(
  'hooks: the environment of an image does not reach createContainer hooks, which have the rights of the host',
  (t, box) => {
    const { createContainer } = everyKind(box);
    const bundle = box.bundle(hooking({ createContainer }), recordingProgram, (c) => {
      c.process.env.push('LD_PRELOAD=/evil.so');
    });
    box.must(['run', '--bundle', bundle, box.id()]);
    t.strictSame(called(box, 'createContainer').env, []);
  },
  { only: 'ocirun' },
);

conformance('hooks: nothing of the caller’s environment comes into the container by a hook', (t, box) => {
  const { createContainer, startContainer } = everyKind(box);
  const bundle = box.bundle(hooking({ createContainer, startContainer }), recordingProgram);
  box.must(['run', '--bundle', bundle, box.id()], { env: { ...process.env, OCIRUN_TEST_SECRET: 'x' } });
  for (const label of ['createContainer', 'startContainer', 'program'])
    t.notOk(called(box, label).env.includes('OCIRUN_TEST_SECRET=x'), label);
});

conformance('hooks: the arguments are the configured ones', (t, box) => {
  const args = (label: string) => ['other name', 'hook', record(box.path('bundle')), '', 'a b', '"', 'ü', label];
  const hooks = Object.fromEntries(outside.map((kind) => [kind, [{ path: probe, args: args(kind) }]]));
  box.must(['run', '--bundle', box.bundle(hooking(hooks), probing('exit', '0')), box.id()]);
  for (const kind of outside) {
    const seen = called(box, kind).argv.map((text) => Buffer.from(text, 'latin1').toString('utf8'));
    t.strictSame(seen, args(kind), kind);
  }
});

conformance('hooks: without arguments a hook has its path for a name', (t, box) => {
  // The probe without a verb ends with status 2 and says so: that text comes back in the error.
  const bundle = box.bundle(hooking({ createRuntime: [{ path: probe }] }));
  const result = box.call(['create', '--bundle', bundle, box.id()]);
  t.equal(result.status, 1);
  t.match(result.stderr, 'unknown command: ');
});

conformance('hooks: prestart and createRuntime hooks run in the bundle', (t, box) => {
  const bundle = box.bundle(hooking(everyKind(box)), probing('exit', '0'));
  box.must(['run', '--bundle', bundle, box.id()], { cwd: '/usr' });
  for (const kind of ['prestart', 'createRuntime']) t.equal(called(box, kind).cwd, bundle, kind);
});

conformance('hooks: createContainer hooks run in the root filesystem to be, startContainer hooks inside', (t, box) => {
  const bundle = box.bundle(hooking(everyKind(box)), probing('exit', '0'), (c) => void (c.process.cwd = '/tmp'));
  box.must(['run', '--bundle', bundle, box.id()]);
  t.equal(called(box, 'createContainer').cwd, `${bundle}/rootfs`);
  t.equal(called(box, 'startContainer').cwd, '/tmp');
});

conformance('hooks: they have three descriptors and no others', (t, box) => {
  const bundle = box.bundle(hooking(everyKind(box)), probing('exit', '0'));
  box.must(['create', '--bundle', bundle, box.id()]);
  box.must(['start', box.id()]);
  t.ok(box.reaches('stopped'));
  box.must(['delete', box.id()]);
  for (const kind of kinds) t.strictSame(Object.keys(called(box, kind).fds), ['0', '1', '2'], kind);
});

conformance('hooks: no signal is blocked in them', (t, box) => {
  box.must(['run', '--bundle', box.bundle(hooking(everyKind(box)), probing('exit', '0')), box.id()]);
  for (const kind of kinds) t.equal(BigInt(`0x${called(box, kind).status['blocked']}`), 0n, kind);
});

conformance('hooks: those of the runtime keep all its rights, whatever the container may', (t, box) => {
  const none = { bounding: [], effective: [], permitted: [] };
  const bundle = box.bundle(hooking(everyKind(box)), probing('exit', '0'), (c) => void (c.process.capabilities = none));
  box.must(['run', '--bundle', bundle, box.id()]);
  for (const kind of outside) {
    t.notMatch(called(box, kind).status['effective'], /^0*$/, kind);
    t.equal(called(box, kind).status['noNewPrivs'], '0', kind);
  }
});

conformance('hooks: startContainer hooks run as the user of the container', (t, box) => {
  const { startContainer } = everyKind(box);
  const bundle = box.bundle(hooking({ startContainer }), probing('exit', '0'), (c) => {
    c.process.user = { uid: 1000, gid: 1000 };
  });
  chmodSync(`${bundle}/rootfs/tmp`, 0o777);
  box.must(['run', '--bundle', bundle, box.id()]);
  t.equal(called(box, 'startContainer').status['effective'], '0000000000000000');
  t.equal(statSync(record(bundle)).uid, 1000);
});
