import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { conformance } from '../lib/conformance.ts';
import { binding, mounting, probing } from '../lib/config.ts';
import { afterMount } from '../lib/late.ts';
import { mounts } from '../lib/machine.ts';
import { mountAt, type Mount, type Report } from '../lib/report.ts';
import type { Sandbox } from '../lib/sandbox.ts';

/** What mountinfo says of the mount itself and of one below it. */
interface Case {
  readonly option: string;
  readonly top: string[];
  readonly below: string[];
}

/** The mounts of the source are shared on the host. Without an option they are slaves in the container. */
const cases: readonly Case[] = [
  { option: 'private', top: [], below: ['master'] },
  { option: 'rprivate', top: [], below: [] },
  { option: 'slave', top: ['master'], below: ['master'] },
  { option: 'rslave', top: ['master'], below: ['master'] },
  { option: 'shared', top: ['shared', 'master'], below: ['master'] },
  { option: 'rshared', top: ['shared', 'master'], below: ['shared', 'master'] },
  { option: 'unbindable', top: ['unbindable'], below: ['master'] },
  { option: 'runbindable', top: ['unbindable'], below: ['unbindable'] },
];

const words = (mount: Mount | undefined) => mount?.propagation.map((word) => word.replace(/:.*/, '')).sort();

/** A shared mount with a shared mount below it. */
const tree = (box: Sandbox): string => {
  const source = box.mount('source', '-t', 'tmpfs', 'source', '--make-shared');
  box.mount('source/below', '-t', 'tmpfs', 'below', '--make-shared');
  return source;
};

for (const { option, top, below } of cases)
  conformance(`a bind mount with ${option} says so in mountinfo`, (t, box) => {
    const options = ['rbind', option];
    const report = box.report([mounting({ destination: '/tmp', type: 'bind', source: tree(box), options })]);
    t.strictSame(words(mountAt(report, '/tmp')), [...top].sort(), '/tmp');
    t.strictSame(words(mountAt(report, '/tmp/below')), [...below].sort(), '/tmp/below');
  });

conformance('of two propagation options the second comes on top of the first', (t, box) => {
  const source = tree(box);
  const seen = (...options: string[]) =>
    words(mountAt(box.report([mounting({ destination: '/tmp', source, options: ['rbind', ...options] })]), '/tmp'));
  t.strictSame(seen('private', 'shared'), ['shared']);
  t.strictSame(seen('slave', 'shared'), ['master', 'shared']);
  t.strictSame(seen('shared', 'private'), []);
});

for (const option of ['private', 'slave', 'shared', 'unbindable', 'rshared'])
  conformance(`a new filesystem can be ${option}`, (t, box) => {
    const report = box.report([mounting({ destination: '/tmp', type: 'tmpfs', source: 'tmpfs', options: [option] })]);
    const expected: Record<string, string[]> = { shared: ['shared'], rshared: ['shared'], unbindable: ['unbindable'] };
    t.strictSame(words(mountAt(report, '/tmp')), expected[option] ?? []);
  });

/** What the container sees once the host has mounted something into the source. */
const inSource = (box: Sandbox, option: string): Report => {
  const source = tree(box);
  mkdirSync(`${source}/late`);
  return afterMount(box, 'source/late', binding(source, '/tmp', option));
};

for (const [option, seen] of [
  ['rslave', true],
  ['rshared', true],
  ['rprivate', false],
] as const)
  conformance(`what the host mounts into a source is ${seen ? '' : 'not '}seen with ${option}`, (t, box) => {
    t.equal(mountAt(inSource(box, option), '/tmp/late') !== undefined, seen);
  });

for (const [option, seen] of [
  ['rslave', false],
  ['rshared', true],
] as const)
  conformance(`what the container mounts into ${option} is ${seen ? '' : 'not '}seen by the host`, (t, box) => {
    const source = tree(box);
    mkdirSync(`${source}/mine`);
    const bundle = box.bundle(
      probing('mount', '/tmp/mine'),
      mounting({ destination: '/tmp', type: 'bind', source, options: ['rbind', option] }),
      (c) => {
        // Else what the container gets of the host's mounts are slaves, and nothing comes out of it.
        c.linux['rootfsPropagation'] = 'shared';
        c.process.capabilities = {
          bounding: ['CAP_SYS_ADMIN'],
          permitted: ['CAP_SYS_ADMIN'],
          effective: ['CAP_SYS_ADMIN'],
        };
      },
    );
    box.startReady(box.id(), bundle);
    const found = mounts().filter((line) => line.split(' ')[4] === `${source}/mine`);
    t.equal(found.length > 0, seen);
    if (seen) box.undo(() => execFileSync('umount', [`${source}/mine`]));
  });
