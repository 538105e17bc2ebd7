/** What the driver of systemd does besides limits; the guest has systemd as its first process. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { conformance } from '../lib/conformance.ts';
import type { Edit } from '../lib/config.ts';
import { cgroups } from '../lib/machine.ts';
import type { Sandbox } from '../lib/sandbox.ts';
import { until } from '../lib/wait.ts';
import { create, creating, limitedBundle, shown, unitsLeft, type Limited } from './limited.ts';

const ocirun = { only: 'ocirun' } as const;

const placed =
  (path: string | undefined): Edit =>
  (config) =>
    void (path === undefined ? delete config.linux.cgroupsPath : (config.linux.cgroupsPath = path));

const annotated =
  (annotations: Record<string, string>): Edit =>
  (config) =>
    void (config.annotations = { ...config.annotations, ...annotations });

/** Its processes are those of the guest. */
const sharing: Edit = (config) =>
  void (config.linux.namespaces = (config.linux.namespaces ?? []).filter(({ type }) => type !== 'pid'));

const show = ({ unit }: Limited, ...properties: string[]): Record<string, string> =>
  shown([unit], properties).get(unit) ?? {};

/** A create that is refused, what it says, and that nothing came of it. */
const refused = (box: Sandbox, edits: readonly Edit[]): string => {
  const { status, stderr } = box.call(creating(limitedBundle(box, edits, 'no'), box.id('no')));
  return status === 1 ? stderr : `status ${status}`;
};

conformance(
  'systemd: annotations are properties of the unit',
  (t, box) => {
    const limited = create(box, [
      annotated({
        'org.systemd.property.TimeoutStopSec': 'uint64 123',
        'org.systemd.property.CollectMode': "'inactive'",
        'org.systemd.property.Documentation': "['https://example.org/a', 'https://example.org/b']",
      }),
    ]);
    t.match(show(limited, 'TimeoutStopUSec', 'CollectMode', 'Documentation'), {
      TimeoutStopUSec: '2min 3s',
      CollectMode: 'inactive',
      Documentation: 'https://example.org/a https://example.org/b',
    });
  },
  ocirun,
);

conformance(
  'systemd: an annotation that it does not take is to blame',
  (t, box) => {
    t.match(
      refused(box, [annotated({ 'org.systemd.property.NoSuchThing': 'true' })]),
      /config\.json:\d+:\d+ \/annotations\/org\.systemd\.property\.NoSuchThing: .*NoSuchThing/,
    );
    t.match(refused(box, [annotated({ 'org.systemd.property.X': 'true' })]), /name incorrect: too short/);
    t.match(refused(box, [annotated({ 'org.systemd.property.After': '[' })]), /value parse error/);
    t.strictSame([...box.ids(), ...cgroups(box.name), ...unitsLeft(box)], []);
  },
  ocirun,
);

conformance(
  'systemd: a unit is where its slice and its name say',
  (t, box) => {
    const pod = `${box.name.replaceAll('-', '')}`;
    const table: [string | undefined, string][] = [
      [undefined, `/system.slice/ocirun-${box.id('0')}.scope`],
      [`${pod}-a.slice:${box.name}:1`, `/${pod}.slice/${pod}-a.slice/${box.name}-1.scope`],
      [`-.slice:${box.name}:2`, `/${box.name}-2.scope`],
      // What could be a file of the cgroup above gets a _ from systemd.
      [`memory.slice:_${box.name}:3`, `/_memory.slice/__${box.name}-3.scope`],
      [`system.slice:x:${pod}-b.slice`, `/${pod}.slice/${pod}-b.slice`],
    ];
    for (const [index, [path, directory]] of table.entries()) {
      const { directory: found, unit, id } = create(box, [placed(path)], String(index));
      t.equal(found, `/sys/fs/cgroup${directory}`);
      box.must(['delete', '--force', id]);
      t.notOk(existsSync(found), `${unit} is gone`);
    }
    execFileSync('systemctl', ['stop', 'memory.slice', `${pod}.slice`]);
  },
  ocirun,
);

conformance(
  'systemd: a unit that is there is refused, and stays',
  (t, box) => {
    const limited = create(box, []);
    const path = `system.slice:${box.name}:a`;
    t.match(
      refused(box, [placed(path)]),
      `container's cgroup is not empty: /sys/fs/cgroup/system.slice/${box.name}-a.scope`,
    );
    t.match(show(limited, 'ActiveState'), { ActiveState: 'active' });
    t.equal(box.state(limited.id)?.['status'], 'created');
  },
  ocirun,
);

/** A process in a unit of its own, with these options of systemd-run; gives whether that still runs. */
function runs(box: Sandbox, unit: string, ...options: readonly string[]): () => boolean {
  execFileSync(
    'systemd-run',
    ['--quiet', '--scope', `--unit=${unit}`, ...options, 'setsid', '--fork', 'sleep', '600'],
    { stdio: 'ignore' },
  );
  box.undo(() => void spawnSync('systemctl', ['stop', unit], { stdio: 'ignore' }));
  return () => shown([unit], ['ActiveState']).get(unit)?.['ActiveState'] === 'active';
}

conformance(
  'systemd: a slice that is there is refused, and stays',
  (t, box) => {
    const slice = `${box.name.replaceAll('-', '')}.slice`;
    const isThere = runs(box, 'ocirun-test-a.scope', `--slice=${slice}`);
    t.match(refused(box, [placed(`::${slice}`)]), `container's cgroup is not empty: /sys/fs/cgroup/${slice}`);
    t.match(refused(box, [placed('::system.slice')]), "container's cgroup is not empty: /sys/fs/cgroup/system.slice");
    t.match(refused(box, [placed('::-.slice')]), '-.slice is the slice of all units');
    t.ok(isThere());
    execFileSync('systemctl', ['stop', 'ocirun-test-a.scope']);
    t.match(refused(box, [placed(`::${slice}`)]), `systemd has a slice ${slice} already`, 'without a process in it');
    t.match(shown([slice], ['ActiveState', 'Description']).get(slice), {
      ActiveState: 'active',
      Description: /^Slice /,
    });
    execFileSync('systemctl', ['stop', slice]);
    const { id, directory } = create(box, [placed(`::${slice}`)]);
    t.equal(directory, `/sys/fs/cgroup/${slice}`);
    box.must(['delete', '--force', id]);
    t.notOk(existsSync(directory));
  },
  ocirun,
);

conformance(
  'systemd: a unit of that name that another has made meanwhile stays',
  (t, box) => {
    const { id, unit, pid, directory } = create(box, []);
    // As a create leaves it that was cut off before its init was ready.
    rmSync(join(box.root, id, 'init'));
    process.kill(pid, 'SIGKILL');
    t.ok(until(() => !existsSync(directory)));
    const isThere = runs(box, unit);
    const { status, stderr } = box.call(['delete', '--force', id]);
    t.equal(status, 0);
    t.match(stderr, /stays: unit .* is another's by now, which systemd describes as /);
    t.ok(isThere());
    t.strictSame(box.ids(), []);
  },
  ocirun,
);

const described = (text: string): Edit => annotated({ 'org.systemd.property.Description': `'${text}'` });

conformance(
  'systemd: who has the name of its unit by now is none of a stopped container’s, though both are described alike',
  (t, box) => {
    const alike = [placed(`system.slice:${box.name}:x`), described('alike'), sharing];
    const first = create(box, alike);
    process.kill(first.pid, 'SIGKILL');
    t.ok(until(() => !existsSync(first.directory)));
    const second = create(box, alike, 'b');
    for (const signal of ['TERM', 'KILL']) box.must(['kill', '--all', first.id, signal]);
    t.equal(box.must(['ps', '--format', 'json', first.id]).stdout.trim(), 'null');
    t.match(box.call(['delete', '--force', first.id]).stderr, /stays: unit .* is another's by now/);
    t.match(show(second, 'ActiveState'), { ActiveState: 'active' });
  },
  ocirun,
);

conformance(
  'systemd: a slice that is described in any other way is deleted, too',
  (t, box) => {
    const slice = `${box.name.replaceAll('-', '')}.slice`;
    const { id, directory } = create(box, [placed(`::${slice}`), described(''), sharing]);
    t.equal(box.must(['delete', '--force', id]).stderr, '');
    t.notOk(existsSync(directory));
  },
  ocirun,
);

conformance(
  'systemd: a unit that has failed does not stand in the way',
  (t, box) => {
    const unit = `${box.name}-a.scope`;
    // Ended after a second, which is a failure; --scope has it wait for that.
    const ended = ['--quiet', '--scope', `--unit=${unit}`, '--property=RuntimeMaxSec=1', 'sleep', '600'];
    spawnSync('systemd-run', ended, { stdio: 'ignore' });
    t.match(shown([unit], ['ActiveState']).get(unit), { ActiveState: 'failed' });
    const limited = create(box, []);
    t.match(show(limited, 'ActiveState'), { ActiveState: 'active' });
  },
  ocirun,
);

conformance(
  'systemd: what is paused or deaf is deleted at once',
  (t, box) => {
    for (const [suffix, edits] of [
      ['paused', []],
      ['deaf', [sharing]],
    ] as const) {
      const { id, directory } = create(box, edits, suffix);
      box.must(['start', id]);
      if (suffix === 'paused') box.must(['pause', id]);
      const began = Date.now();
      box.must(['delete', '--force', id]);
      // systemd itself would wait for 90 s.
      t.ok(Date.now() - began < 60_000, suffix);
      t.notOk(existsSync(directory));
    }
    t.strictSame(unitsLeft(box), []);
  },
  ocirun,
);

conformance(
  'systemd: a container that has ended leaves no unit',
  (t, box) => {
    const limited = create(box, []);
    box.must(['kill', limited.id, 'KILL']);
    t.ok(box.reaches('stopped', limited.id));
    box.must(['delete', limited.id]);
    t.strictSame(unitsLeft(box), []);
    t.notOk(existsSync(limited.directory));
  },
  ocirun,
);

conformance(
  'systemd: a container that is idle no more is not made so when it reads its units again',
  (t, box) => {
    const limited = create(box, []);
    for (const idle of ['1', '0']) {
      box.must(['update', '--cpu-idle', idle, limited.id]);
      execFileSync('systemctl', ['daemon-reload']);
      t.equal(limited.read('cpu.idle'), idle);
    }
    t.equal(limited.read('cpu.weight'), '100');
  },
  ocirun,
);
