/** What becomes of a unit when its container is deleted, and of a container that systemd has nothing to say of. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Edit } from '../lib/config.ts';
import { conformance } from '../lib/conformance.ts';
import type { Sandbox } from '../lib/sandbox.ts';
import { until } from '../lib/wait.ts';
import { beginLogged, givesUp, tells } from '../lib/waiting.ts';
import { create, directoryOf, members, withoutSystemd } from './contained.ts';
import { playSystemd } from './played.ts';

const ocirun = { only: 'ocirun' } as const;

conformance(
  'systemd: a delete that waits for systemd says so, and can be repeated where it gives up',
  async (t, box) => {
    await playSystemd(box, { Stop: ['silent', 'done'] });
    box.must(create(box));
    const waiting = beginLogged(box, ['delete', '--force', '--timeout', '3.2', box.id()]);
    const says = /waiting for the answer of systemd: stop unit .*-x\.scope/;
    await tells(t, waiting, says);
    await givesUp(t, waiting, 3.2, says);
    box.must(['delete', '--force', box.id()]);
    t.notOk(existsSync(directoryOf(box)));
  },
  ocirun,
);

conformance(
  'systemd: a container whose unit systemd does not know any more can be deleted',
  async (t, box) => {
    const unknown = {
      error: 'org.freedesktop.systemd1.NoUnitForInvocationID',
      text: 'No unit with that invocation ID.',
    };
    await playSystemd(box, { Stop: [unknown] });
    box.must(create(box));
    box.must(['delete', '--force', box.id()]);
    t.strictSame(box.ids(), []);
    t.notOk(existsSync(directoryOf(box)));
  },
  ocirun,
);

function removes(directory: string): boolean {
  try {
    rmdirSync(directory);
    return true;
  } catch {
    return false;
  }
}

/** Have a process that is not the container's in its cgroup; gives whether it is still there. */
function guest(box: Sandbox): () => boolean {
  const sleep = spawn('sleep', ['600'], { stdio: 'ignore' });
  box.undo(() => {
    sleep.kill('SIGKILL');
    until(() => !existsSync(directoryOf(box)) || removes(directoryOf(box)));
  });
  writeFileSync(`${directoryOf(box)}/cgroup.procs`, String(sleep.pid));
  return () => /^State:\s+[^ZX]/m.test(readFileSync(`/proc/${sleep.pid}/status`, 'utf8'));
}

/** Have a container whose create was cut off when its unit was there, and before it had an init to be recorded. */
function cutOff(box: Sandbox): void {
  box.must(create(box));
  process.kill(Number(box.state()?.['pid']), 'SIGKILL');
  box.reaches('stopped');
  rmSync(join(box.root, box.id(), 'init'));
}

conformance(
  'systemd: what a create that was cut off has left is deleted, with who is in its unit',
  async (t, box) => {
    const asked = await playSystemd(box, {});
    cutOff(box);
    const isThere = guest(box);
    box.must(['delete', '--force', box.id()]);
    t.notOk(isThere());
    t.notOk(existsSync(directoryOf(box)));
    const [start, , , stop] = asked();
    t.equal(stop?.member, 'Stop');
    t.match(
      stop?.path,
      /^\/org\/freedesktop\/systemd1\/unit\/[0-9a-f_]{32,34}$/,
      'that unit, and no other of its name',
    );
    const { Description } = Object.fromEntries(start?.arguments[2] as [string, unknown][]);
    t.match(Description, new RegExp(`^ocirun container ${box.id()}, created \\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z$`));
  },
  ocirun,
);

conformance(
  'systemd: what a create that was cut off would have made, and another container has now, is left alone',
  async (t, box) => {
    const asked = await playSystemd(box, { Description: ['ocirun container other, created a moment ago'] });
    cutOff(box);
    const isThere = guest(box);
    const { status, stderr } = box.call(['delete', '--force', box.id()]);
    t.equal(status, 0);
    t.match(
      stderr,
      /-x\.scope stays: unit .*-x\.scope is another's by now, which systemd describes as "ocirun contain/,
    );
    t.ok(isThere());
    t.strictSame(box.ids(), []);
    t.notOk(members(asked()).includes('Stop'));
  },
  ocirun,
);

conformance(
  'systemd: who has come into the unit of a container that has ended is not killed with it',
  async (t, box) => {
    const asked = await playSystemd(box, {});
    box.must(create(box));
    box.must(['kill', box.id(), 'KILL']);
    t.ok(box.reaches('stopped'));
    const isThere = guest(box);
    const { status, stderr } = box.call(['delete', box.id()]);
    t.equal(status, 0);
    t.match(stderr, /stays: there are processes in it that are not this container's/);
    t.ok(isThere());
    t.notOk(members(asked()).includes('Stop'));
  },
  ocirun,
);

conformance(
  'systemd: where it is not there any more, what is left of a container can be deleted by force',
  async (t, box) => {
    await playSystemd(box, {});
    box.must(create(box));
    box.must(['kill', box.id(), 'KILL']);
    t.ok(box.reaches('stopped'));
    const refused = box.call(['delete', box.id()], withoutSystemd);
    t.equal(refused.status, 1);
    t.match(refused.stderr, /systemd not running on this host/);
    t.strictSame(box.ids(), [box.id()]);
    const { status, stderr } = box.call(['delete', '--force', box.id()], withoutSystemd);
    t.equal(status, 0);
    t.match(stderr, /unit .*-x\.scope is left to systemd, its processes have ended: systemd not running on this host/);
    t.strictSame(box.ids(), []);
    t.notOk(existsSync(directoryOf(box)));
  },
  ocirun,
);

conformance(
  'systemd: where it is not there any more, nobody knows whose processes are in the cgroup',
  async (t, box) => {
    await playSystemd(box, {});
    cutOff(box);
    const isThere = guest(box);
    const { status, stderr } = box.call(['delete', '--force', box.id()], withoutSystemd);
    t.equal(status, 1);
    t.match(stderr, /systemd not running on this host.*; and there are processes in cgroup .*-x\.scope/);
    t.match(
      stderr,
      /only systemd can tell whose they are: process \d+ \(sleep 600\).*echo 1 >.*-x\.scope\/cgroup\.kill/,
    );
    t.ok(isThere());
    box.must(['delete', '--force', box.id()]);
    t.notOk(isThere());
  },
  ocirun,
);

const denied = { error: 'org.freedesktop.DBus.Error.AccessDenied', text: 'Permission denied' };
for (const [what, behaviours, says] of [
  ['does not say what its unit is', { InvocationID: ['hang up'] }, /systemd has closed the connection/],
  ['hangs up', { Stop: ['hang up'] }, /stop unit .*-x\.scope: systemd has closed the connection/],
  ['does not stop it', { Stop: [denied] }, /stop unit .*-x\.scope: Permission denied/],
] as const)
  conformance(
    `systemd: where it ${what}, what is left of a container can be deleted by force`,
    async (t, box) => {
      await playSystemd(box, behaviours as never);
      box.must(create(box));
      const { status, stderr } = box.call(['delete', '--force', box.id()]);
      t.equal(status, 0);
      t.match(stderr, says);
      t.strictSame(box.ids(), []);
      t.notOk(existsSync(directoryOf(box)));
    },
    ocirun,
  );

/** Processes of it outlive its init. */
const sharing: Edit = (config) => {
  config.linux.namespaces = config.linux.namespaces.filter(({ type }) => type !== 'pid');
};

/** Have a container that has ended; gives whether the process that is in its cgroup since before that is there. */
function ended(box: Sandbox, ...edits: Edit[]): () => boolean {
  box.must(create(box, ...edits));
  const isThere = guest(box);
  process.kill(Number(box.state()?.['pid']), 'SIGKILL');
  box.reaches('stopped');
  return isThere;
}

conformance(
  'systemd: where it is not there any more, delete --force kills what the container has left',
  async (t, box) => {
    await playSystemd(box, {});
    const isThere = ended(box, sharing);
    const { status, stderr } = box.call(['delete', '--force', box.id()], withoutSystemd);
    t.equal(status, 0);
    t.match(stderr, /unit .*-x\.scope is left to systemd, its processes have ended/);
    t.notOk(isThere());
    t.notOk(existsSync(directoryOf(box)));
    t.strictSame(box.ids(), []);
  },
  ocirun,
);

conformance(
  'systemd: however the unit is described, its cgroup tells that it is the container’s',
  async (t, box) => {
    const asked = await playSystemd(box, { Description: ['what the administrator says'] });
    const isThere = ended(box, sharing);
    const { status, stderr } = box.call(['delete', box.id()]);
    t.equal(status, 0);
    t.equal(stderr, '');
    t.notOk(isThere());
    t.notOk(existsSync(directoryOf(box)));
    t.ok(members(asked()).includes('Stop'));
  },
  ocirun,
);

/** The cgroup of a container that has ended goes, and another gets its name; gives whether that one's process is there. */
function succeeded(box: Sandbox, ...edits: Edit[]): () => boolean {
  box.must(create(box, ...edits));
  process.kill(Number(box.state()?.['pid']), 'SIGKILL');
  box.reaches('stopped');
  until(() => removes(directoryOf(box)));
  mkdirSync(directoryOf(box));
  return guest(box);
}

for (const edits of [[], [sharing]])
  conformance(
    `systemd: who has the name of a stopped container’s unit by now is none of its processes${edits.length > 0 ? ', shared pids or not' : ''}`,
    async (t, box) => {
      const asked = await playSystemd(box, {});
      const isThere = succeeded(box, ...edits);
      for (const signal of ['TERM', 'KILL']) box.must(['kill', '--all', box.id(), signal]);
      t.equal(box.must(['ps', '--format', 'json', box.id()]).stdout.trim(), 'null');
      t.ok(isThere());
      const { status, stderr } = box.call(['delete', '--force', box.id()]);
      t.equal(status, 0);
      t.match(stderr, /-x\.scope stays: unit .*-x\.scope is another's by now/);
      t.ok(isThere());
      t.notOk(members(asked()).includes('Stop'));
      t.strictSame(box.ids(), []);
    },
    ocirun,
  );
