import { conformance } from '../lib/conformance.ts';
import { probing } from '../lib/config.ts';
import { hooking, type Kind, script } from '../lib/hooks.ts';
import type { Sandbox } from '../lib/sandbox.ts';
import { beginLogged, givesUp, tells } from '../lib/waiting.ts';

const ocirun = { only: 'ocirun' } as const;

/** A bundle with a hook that does not end. */
const stalling = (box: Sandbox, kind: Kind): string => {
  const hook =
    kind === 'startContainer' ? { path: '/probe', args: ['probe', 'sleep'] } : script(box, 'stalls', 'exec sleep 60');
  return box.bundle(hooking({ [kind]: [hook] }), probing('sleep'));
};

for (const [kind, says] of [
  ['prestart', /prestart hook #0 \(.*\/stalls\), process \d+/],
  ['createRuntime', /createRuntime hook #0 \(.*\/stalls\), process \d+/],
  ['createContainer', /init \(process \d+\) at step \d+: createContainer hook #0 \(.*\/stalls\)/],
] as const)
  conformance(
    `waits: a create whose ${kind} hook stalls says so, and leaves nothing where it gives up`,
    async (t, box) => {
      const create = ['create', '--timeout', '3.2', '--bundle', stalling(box, kind), box.id()];
      const waiting = beginLogged(box, create);
      const { pointer } = await tells(t, waiting, says);
      t.equal(pointer, `/hooks/${kind}/0`);
      await givesUp(t, waiting, 3.2, says);
      t.match(waiting.lines().at(-1)?.location, /^config\.json:\d+:\d+$/);
      t.strictSame(box.ids(), []);
    },
    ocirun,
  );

conformance(
  'waits: a run whose hook stalls gives up before it has said anything, if it has to',
  async (t, box) => {
    const waiting = beginLogged(box, ['run', '--timeout=0.5', '--bundle', stalling(box, 'createRuntime'), box.id()]);
    await givesUp(t, waiting, 0.5, /timed out after 0\.5 s .*createRuntime hook #0/);
    t.equal(waiting.lines().filter(({ msg }) => msg.startsWith('waiting')).length, 0);
    t.strictSame(box.ids(), []);
  },
  ocirun,
);

conformance(
  'waits: a start whose startContainer hook stalls says so, and ends what has begun where it gives up',
  async (t, box) => {
    box.must(['create', '--bundle', stalling(box, 'startContainer'), box.id()]);
    const waiting = beginLogged(box, ['start', '--timeout', '3.2', box.id()]);
    const says = /init \(process \d+\) at step \d+: startContainer hook #0 \(\/probe\)/;
    const { pointer, msg } = await tells(t, waiting, says);
    t.equal(pointer, '/hooks/startContainer/0');
    t.match(msg, /^config\.json:\d+:\d+ /);
    await givesUp(t, waiting, 3.2, says);
    t.ok(box.reaches('stopped'));
  },
  ocirun,
);

conformance(
  'waits: a start whose poststart hook stalls says so, and removes the container where it gives up',
  async (t, box) => {
    box.must(['create', '--bundle', stalling(box, 'poststart'), box.id()]);
    const waiting = beginLogged(box, ['start', '--timeout', '3.2', box.id()]);
    const says = /poststart hook #0 \(.*\/stalls\), process \d+/;
    await tells(t, waiting, says);
    await givesUp(t, waiting, 3.2, says);
    t.strictSame(box.ids(), []);
  },
  ocirun,
);

conformance(
  'waits: a delete whose poststop hook stalls says so, and gives up when all else is done',
  async (t, box) => {
    box.must(['create', '--bundle', stalling(box, 'poststop'), box.id()]);
    box.must(['kill', box.id(), 'KILL']);
    t.ok(box.reaches('stopped'));
    const waiting = beginLogged(box, ['delete', '--timeout', '3.2', box.id()]);
    const says = /poststop hook #0 \(.*\/stalls\), process \d+/;
    await tells(t, waiting, says);
    await givesUp(t, waiting, 3.2, says);
    t.strictSame(box.ids(), []);
  },
  ocirun,
);
