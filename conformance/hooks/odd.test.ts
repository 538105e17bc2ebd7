import type { Test } from 'tap';
import { readFileSync, writeFileSync } from 'node:fs';
import { conformance } from '../lib/conformance.ts';
import { probing, type Config } from '../lib/config.ts';
import { everyKind, hooking, kinds, labels, recording, recordingProgram, script } from '../lib/hooks.ts';
import type { Sandbox } from '../lib/sandbox.ts';
import { alive } from '../lib/machine.ts';
import { until } from '../lib/wait.ts';

const flood = 'head -c 3000000 /dev/zero | tr "\\0" x; head -c 3000000 /dev/zero | tr "\\0" y >&2';

conformance('hooks: those of the config at create count, whatever becomes of the file', (t, box) => {
  const { startContainer, poststop } = everyKind(box);
  const bundle = box.bundle(hooking({ startContainer, poststop }), recordingProgram);
  box.must(['create', '--bundle', bundle, box.id()]);
  const config = JSON.parse(readFileSync(`${bundle}/config.json`, 'utf8')) as Config;
  config['hooks'] = Object.fromEntries(kinds.map((kind) => [kind, [recording(box, kind, 'edited')]]));
  writeFileSync(`${bundle}/config.json`, JSON.stringify(config));
  box.must(['start', box.id()]);
  t.ok(box.reaches('stopped'));
  writeFileSync(`${bundle}/config.json`, '{');
  box.must(['delete', box.id()]);
  t.strictSame(labels(box), ['startContainer', 'program', 'poststop']);
});

conformance('hooks: megabytes of output hold nobody up', (t, box) => {
  const hook = script(box, 'flood', flood);
  const bundle = box.bundle(
    hooking({ createRuntime: [hook], createContainer: [hook], poststop: [hook] }),
    probing('exit', '7'),
  );
  const result = box.call(['run', '--bundle', bundle, box.id()]);
  t.equal(result.status, 7);
  t.equal(result.stdout, '', 'and none of it is the container’s');
});

conformance(
  'hooks: of megabytes of output the error shows the end',
  (t, box) => {
    for (const kind of ['createRuntime', 'createContainer'] as const) {
      const hook = script(box, 'flood', `${flood}; echo the end >&2; exit 3`);
      const result = box.call(['create', '--bundle', box.bundle(hooking({ [kind]: [hook] })), box.id()]);
      t.equal(result.status, 1, kind);
      t.match(result.stderr, 'the end', kind);
      t.ok(result.stderr.length < 16_384, `${kind}: ${result.stderr.length} characters`);
    }
  },
  { only: 'ocirun' },
);

conformance('hooks: one that never reads its input is no failure', (t, box) => {
  // More than a pipe holds.
  const annotations = { long: 'x'.repeat(300_000) };
  const hook = script(box, 'deaf', 'exec <&-; sleep 0.1');
  const bundle = box.bundle(
    hooking({
      prestart: [hook],
      createContainer: [hook],
      startContainer: [{ path: '/probe', args: ['probe', 'exit', '0'] }],
    }),
    probing('exit', '7'),
    (c) => void (c.annotations = annotations),
  );
  t.equal(box.call(['run', '--bundle', bundle, box.id()]).status, 7);
});

conformance('hooks: the whole of a long state arrives', (t, box) => {
  const annotations = { long: 'x'.repeat(300_000) };
  const hook = script(box, 'counter', `wc -c >>${box.path('count')}`);
  const bundle = box.bundle(hooking({ prestart: [hook], createContainer: [hook] }), probing('exit', '0'), (c) => {
    c.annotations = annotations;
  });
  box.must(['run', '--bundle', bundle, box.id()]);
  const counts = readFileSync(box.path('count'), 'utf8').trim().split('\n').map(Number);
  t.equal(counts.length, 2);
  for (const count of counts) t.ok(count > 300_000 && count < 301_000, String(count));
});

/** Start `sleep` in the background and put down its pid. */
const daemon = (file: string, redirections: string) => `sleep 60 ${redirections} & echo $! >${file}`;

const daemonTest = (redirections: string) => (t: Test, box: Sandbox) => {
  const hook = script(box, 'daemon', daemon(box.path('pid'), redirections));
  const begun = Date.now();
  const bundle = box.bundle(hooking({ createRuntime: [hook] }), probing('exit', '7'));
  const result = box.call(['run', '--bundle', bundle, box.id()], { timeout: 20_000 });
  const pid = Number(readFileSync(box.path('pid'), 'utf8'));
  const survived = alive(pid);
  if (survived) process.kill(pid, 'SIGKILL');
  t.equal(result.status, 7);
  t.ok(survived, 'it lives on');
  t.ok(Date.now() - begun < 10_000, 'and is not waited for');
  t.ok(until(() => !alive(pid)));
};

conformance('hooks: one may leave a daemon behind', daemonTest('</dev/null >/dev/null 2>&1'));

conformance('hooks: a daemon that keeps its output open holds nobody up', daemonTest(''), { only: 'ocirun' });

conformance(
  'hooks: a path that is not absolute is refused',
  (t, box) => {
    for (const kind of kinds) {
      const result = box.call(['create', '--bundle', box.bundle(hooking({ [kind]: [{ path: 'true' }] })), box.id()]);
      t.equal(result.status, 1, kind);
      t.match(result.stderr, 'absolute', kind);
      t.match(result.stderr, new RegExp(`/hooks/${kind}/0/path`), kind);
      t.strictSame(box.ids(), [], kind);
    }
  },
  { only: 'ocirun' },
);

conformance('hooks: they do not hold the standard streams of the caller', (t, box) => {
  const look = `a=$(readlink /proc/$$/fd/0 /proc/$$/fd/1 /proc/$$/fd/2); echo "$a" >${box.path('seen')}`;
  const hook = script(box, 'look', look);
  box.must(['run', '--bundle', box.bundle(hooking({ createRuntime: [hook] }), probing('exit', '0')), box.id()]);
  t.notMatch(readFileSync(box.path('seen'), 'utf8'), box.directory);
});

conformance('hooks: twenty of a kind all run', (t, box) => {
  const names = Array.from({ length: 20 }, (_, n) => String(n));
  const hooks = names.map((name) => recording(box, 'createContainer', name));
  box.must(['run', '--bundle', box.bundle(hooking({ createContainer: hooks }), probing('exit', '0')), box.id()]);
  t.strictSame(labels(box), names);
});
