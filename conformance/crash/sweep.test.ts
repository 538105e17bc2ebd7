import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { conformance } from '../lib/conformance.ts';
import { probing } from '../lib/config.ts';
import { look } from '../lib/machine.ts';
import { isStandalone } from '../lib/runtime.ts';
import type { Sandbox } from '../lib/sandbox.ts';
import { choose, initGoesToo, killAt, remains, runtimeFails, sweep } from './sweeping.ts';

const scope = {
  only: 'ocirun',
  unless: isStandalone ? false : 'the system calls of Node cannot be counted',
} as const;

const nothing = () => undefined;

const waiting = (box: Sandbox) => {
  const bundle = box.bundle(probing('sleep'));
  return () => void box.must(['create', '--bundle', bundle, box.id()]);
};

conformance(
  'a create killed anywhere can be deleted, and its init goes with it',
  (t, box) => sweep(t, box, 'runtime', ['create', '--bundle', box.bundle(), box.id()], nothing, initGoesToo(box)),
  scope,
);

conformance(
  'a create whose init is killed anywhere fails and leaves nothing',
  (t, box) => sweep(t, box, 'init', ['create', '--bundle', box.bundle(), box.id()], nothing, runtimeFails(box)),
  scope,
);

conformance(
  'a start killed anywhere leaves a container that can be deleted',
  (t, box) => sweep(t, box, 'runtime', ['start', box.id()], waiting(box), () => []),
  scope,
);

conformance(
  'a start whose init is killed anywhere leaves a container that can be deleted',
  (t, box) => {
    const pid = () => String(box.state()?.['pid']);
    sweep(t, box, pid, ['start', box.id()], waiting(box), () => []);
  },
  scope,
);

conformance(
  'a run killed anywhere can be deleted',
  (t, box) =>
    sweep(t, box, 'runtime', ['run', '--bundle', box.bundle(probing('exit', '0')), box.id()], nothing, () => []),
  scope,
);

conformance(
  'strace kills every process of a create at its n-th system call',
  (t, box) => {
    const before = look(box.name);
    const create = ['create', '--bundle', box.bundle(), box.id()];
    const counting = ['strace', '-c', '-o', box.path('count')];
    box.must(create, { through: counting });
    const last = Number(/^100[.,]00\s+\S+\s+\S+\s+(\d+)/m.exec(readFileSync(box.path('count'), 'utf8'))?.[1]);
    t.ok(last > 0, `${last} system calls`);
    t.strictSame(remains(box, before), []);
    const wrong = choose(t, last).flatMap((n) => {
      const through = ['strace', '-D', '-qq', '-f', '-o', '/dev/null', '-e', `inject=all:signal=KILL:when=${n}`];
      box.call(create, { through });
      return remains(box, before).map((text) => `system call ${n}: ${text}`);
    });
    t.strictSame(wrong, []);
  },
  scope,
);

conformance(
  'a delete killed anywhere can be repeated',
  (t, box) => {
    const bundle = box.bundle(probing('exit', '0'));
    const args = ['delete', '--force', box.id()];
    sweep(
      t,
      box,
      'runtime',
      args,
      () => void box.must(['create', '--bundle', bundle, box.id()]),
      () => [],
    );
  },
  scope,
);

if (isStandalone) execFileSync('test', ['-x', killAt]);
