import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { conformance } from '../lib/conformance.ts';
import { probing, writableRoot, type Edit } from '../lib/config.ts';
import { afterMount } from '../lib/late.ts';
import { mounts } from '../lib/machine.ts';
import { refuses } from '../lib/refused.ts';
import { mountAt, type Report } from '../lib/report.ts';
import type { Sandbox } from '../lib/sandbox.ts';

const propagating =
  (value: string): Edit =>
  (c) =>
    void (c.linux['rootfsPropagation'] = value);

const kinds = (report: Report) =>
  mountAt(report, '/')
    ?.propagation.map((word) => word.replace(/:.*/, ''))
    .sort();

/** The root filesystem is a shared mount, in which the host mounts something after the container has started. */
const inRoot = (box: Sandbox, value: string): Report => {
  box.mount('bundle/rootfs', '-t', 'tmpfs', '--make-shared', 'image');
  mkdirSync(join(box.rootfs(), 'late'));
  return afterMount(box, 'bundle/rootfs/late', propagating(value));
};

/** Whether it is a slave is said by the tests below: a peer group of its own may get what the host mounts, or not. */
const groups = (report: Report) => kinds(report)?.filter((word) => word !== 'master');

conformance('a private or slave root has no peers', (t, box) => {
  for (const value of ['private', 'rprivate', 'slave', 'rslave'])
    t.strictSame(groups(box.report([propagating(value)])), [], value);
});

conformance('a shared or unbindable root says so in mountinfo, and is no peer of a mount of the host', (t, box) => {
  const [shared, unbindable] = ['shared', 'unbindable'].map((value) => box.report([propagating(value)]));
  t.strictSame(shared && groups(shared), ['shared']);
  t.strictSame(unbindable && groups(unbindable), ['unbindable']);
  const group = shared && mountAt(shared, '/')?.propagation.find((word) => word.startsWith('shared:'));
  t.notMatch(mounts().join('\n'), `${group} `);
});

conformance('rshared and runbindable are known, too', (t, box) => {
  for (const value of ['shared', 'unbindable'])
    t.strictSame(groups(box.report([propagating(`r${value}`)])), [value], value);
});

conformance('a slave root gets what the host mounts', (t, box) => {
  t.ok(mountAt(inRoot(box, 'slave'), '/late'));
});

conformance('a private root does not get what the host mounts', (t, box) => {
  t.notOk(mountAt(inRoot(box, 'private'), '/late'));
});

conformance('without rootfsPropagation the root is not shared', (t, box) => {
  t.notOk(kinds(box.report())?.includes('shared'));
});

conformance('an unknown rootfsPropagation is refused', (t, box) => {
  refuses(t, box, [propagating('everywhere')], { says: /rootfsPropagation/, pointer: '/linux/rootfsPropagation' });
});

const admin: Edit = (c) => {
  const sets = ['bounding', 'permitted', 'effective'];
  c.process.capabilities = Object.fromEntries(sets.map((set) => [set, ['CAP_SYS_ADMIN']]));
};

for (const value of ['shared', 'slave', 'private'])
  conformance(`what the container mounts into its ${value} root is not seen by the host`, (t, box) => {
    mkdirSync(join(box.rootfs(), 'mine'));
    const bundle = box.bundle(probing('mount', '/mine'), propagating(value), admin, writableRoot);
    box.startReady(box.id(), bundle);
    t.notMatch(mounts().join('\n'), join(box.rootfs(), 'mine'));
  });
