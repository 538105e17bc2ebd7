/** What is asked of systemd, and what becomes of a container where systemd does not do it. The real one is in the guest. */
import { existsSync, mkdirSync, readFileSync, rmdirSync } from 'node:fs';
import type { Edit } from '../lib/config.ts';
import { conformance } from '../lib/conformance.ts';
import { beginLogged, givesUp, tells } from '../lib/waiting.ts';
import { create, directoryOf, members, unitOf, withoutSystemd } from './contained.ts';
import { hierarchy, playBus, playSystemd } from './played.ts';

const ocirun = { only: 'ocirun' } as const;

const unitExists = { error: 'org.freedesktop.systemd1.UnitExists', text: 'Unit x.scope already exists.' };

conformance(
  'systemd: a container is a unit, started and stopped with as few calls as possible',
  async (t, box) => {
    const asked = await playSystemd(box, {});
    box.must(create(box));
    const pid = Number(box.state()?.['pid']);
    t.equal(readFileSync(`${directoryOf(box)}/cgroup.procs`, 'utf8').trim(), String(pid));
    const [start, ...more] = asked();
    t.strictSame(more, []);
    t.match(start, { member: 'StartTransientUnit', path: '/org/freedesktop/systemd1' });
    t.match(start, { interface: 'org.freedesktop.systemd1.Manager', destination: undefined });
    const [name, mode, properties, others] = start?.arguments ?? [];
    t.strictSame([name, mode, others], [unitOf(box), 'replace', []]);
    t.match(Object.fromEntries(properties as [string, unknown][]), {
      Slice: '-.slice',
      Delegate: true,
      PIDs: [Number],
      DefaultDependencies: false,
      MemoryAccounting: true,
      DevicePolicy: 'strict',
    });
    box.must(['start', box.id()]);
    box.must(['kill', box.id(), 'KILL']);
    t.ok(box.reaches('stopped'));
    t.strictSame(members(asked()), ['StartTransientUnit'], 'what does not change the unit asks nothing');
    box.must(['delete', box.id()]);
    t.strictSame(members(asked()).slice(1, 4), ['Get', 'Get', 'Stop']);
    t.notOk(existsSync(directoryOf(box)));
  },
  ocirun,
);

conformance(
  'systemd: where its own socket cannot be got at, it is asked over the bus',
  async (t, box) => {
    const bus = await playBus(box);
    const asked = await playSystemd(box, {}, bus);
    const env = { ...process.env, DBUS_SYSTEM_BUS_ADDRESS: `unix:path=${bus}` };
    box.must(create(box), { env });
    t.ok(existsSync(directoryOf(box)));
    box.must(['delete', '--force', box.id()], { env });
    t.notOk(existsSync(directoryOf(box)));
    const calls = ['Subscribe', 'StartTransientUnit', 'Get', 'Get', 'Subscribe', 'Stop', 'ResetFailed'];
    t.strictSame(members(asked()), calls);
    for (const { destination } of asked()) t.equal(destination, 'org.freedesktop.systemd1');
  },
  ocirun,
);

conformance(
  'systemd: a unit of that name that has failed is forgotten, once',
  async (t, box) => {
    const asked = await playSystemd(box, { StartTransientUnit: [unitExists, 'done'] });
    box.must(create(box));
    t.strictSame(members(asked()), ['StartTransientUnit', 'ResetFailedUnit', 'StartTransientUnit']);
    box.must(['delete', '--force', box.id()]);
  },
  ocirun,
);

conformance(
  'systemd: a unit of that name that is there is left alone',
  async (t, box) => {
    const asked = await playSystemd(box, { StartTransientUnit: [unitExists] });
    const result = box.call(create(box));
    t.equal(result.status, 1);
    t.match(result.stderr, /container's cgroup is not empty: systemd has a unit .*-x\.scope already/);
    t.notOk(members(asked()).includes('Stop'));
    t.strictSame(box.ids(), []);
  },
  ocirun,
);

for (const [what, behaviour, says] of [
  [
    'refuses the unit',
    { error: 'org.freedesktop.DBus.Error.PropertyReadOnly', text: 'Cannot set property X, or unknown property.' },
    /start unit .*-x\.scope: Cannot set property X, or unknown property\. \(org\.freedesktop\.DBus\.Error\.PropertyReadOnly\)/,
  ],
  ['fails to start the unit', 'failed', /error creating systemd unit .*-x\.scope: got failed/],
  ['hangs up', 'hang up', /start unit .*-x\.scope: systemd has closed the connection/],
] as const)
  conformance(
    `systemd: a create of which it ${what} fails, says so and leaves nothing`,
    async (t, box) => {
      await playSystemd(box, { StartTransientUnit: [behaviour] });
      const result = box.call(create(box));
      t.equal(result.status, 1);
      t.match(result.stderr, says);
      t.strictSame(box.ids(), []);
      t.notOk(existsSync(directoryOf(box)));
    },
    ocirun,
  );

for (const [what, behaviours] of [
  ['does not answer', { StartTransientUnit: ['silent', 'done'] }],
  ['lets nobody in', { handshake: ['silent', 'done'] }],
  ['does not end its job', { StartTransientUnit: ['no end', 'done'] }],
] as const)
  conformance(
    `systemd: a create that waits for systemd, which ${what}, says so, and leaves nothing where it gives up`,
    async (t, box) => {
      await playSystemd(box, behaviours as never);
      const waiting = beginLogged(box, ['--systemd-cgroup', 'create', '--timeout', '3.2', ...create(box).slice(2)]);
      const says = /waiting for the answer of systemd: start unit .*-x\.scope/;
      await tells(t, waiting, says);
      await givesUp(t, waiting, 3.2, says);
      t.strictSame(box.ids(), []);
      t.notOk(existsSync(directoryOf(box)));
    },
    ocirun,
  );

conformance(
  'systemd: an update tells it, and fails where it refuses',
  async (t, box) => {
    const refusal = { error: 'org.freedesktop.DBus.Error.InvalidArgs', text: 'no such device' };
    const asked = await playSystemd(box, { SetUnitProperties: ['done', refusal] });
    box.must(create(box));
    const devices = [
      { allow: false, access: 'rwm' },
      { allow: true, type: 'c', major: 7, minor: 1, access: 'r' },
    ];
    const stdin = box.file('resources.json', JSON.stringify({ devices }));
    box.must(['update', '--resources', '-', box.id()], { stdin });
    const { member, arguments: given } = asked()[1] ?? { arguments: [] };
    t.strictSame([member, given[0], given[1]], ['SetUnitProperties', unitOf(box), true]);
    t.match(given[2], [
      ['DevicePolicy', 'strict'],
      ['DeviceAllow', []],
    ]);
    t.match(JSON.stringify(given[2]), /"\/dev\/char\/7:1","r"/);
    const result = box.call(['update', '--resources', '-', box.id()], { stdin });
    t.equal(result.status, 1);
    t.match(
      result.stderr,
      /set properties of unit .*-x\.scope: no such device \(org\.freedesktop\.DBus\.Error\.InvalidArgs\)/,
    );
    box.must(['delete', '--force', box.id()]);
  },
  ocirun,
);

conformance(
  'systemd: a directory with the name of a slice is in the way, and is not said to be a slice',
  async (t, box) => {
    await playSystemd(box, {});
    const slice = `${box.name.replaceAll('-', '')}.slice`;
    const directory = `${hierarchy}/${slice}`;
    mkdirSync(directory);
    box.undo(() => rmdirSync(directory));
    const inSlice: Edit = (config) => void (config.linux.cgroupsPath = `-.slice:x:${slice}`);
    const { status, stderr } = box.call(create(box, inSlice));
    t.equal(status, 1);
    t.match(stderr, `container's cgroup is not empty: ${directory} is there already, and is no slice of systemd's`);
    t.match(stderr, `rmdir ${directory}`);
    t.notMatch(stderr, 'systemctl');
    t.ok(existsSync(directory));
    t.strictSame(box.ids(), []);
  },
  ocirun,
);

conformance(
  'systemd: where the container is not idle, no idleness ends: its weight stays',
  async (t, box) => {
    const asked = await playSystemd(box, { Version: ['252'] });
    box.must(create(box));
    box.must(['update', '--cpu-idle', '0', box.id()]);
    t.notOk(members(asked()).includes('SetUnitProperties'));
    box.must(['delete', '--force', box.id()]);
  },
  ocirun,
);

conformance(
  'systemd: where it is not there, --systemd-cgroup says so',
  (t, box) => {
    const result = box.call(create(box), withoutSystemd);
    t.equal(result.status, 1);
    t.match(result.stderr, /systemd not running on this host, cannot use systemd cgroups manager/);
    t.strictSame(box.ids(), []);
  },
  ocirun,
);
