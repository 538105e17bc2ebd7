/** What the unit of every container has, and its devices: as systemd itself tells it. The guest has systemd 252. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { conformance } from '../lib/conformance.ts';
import type { Edit } from '../lib/config.ts';
import type { Sandbox } from '../lib/sandbox.ts';
import { until } from '../lib/wait.ts';
import { disk } from './cases.ts';
import { create, resources, shown, working, type Limited } from './limited.ts';

const ocirun = { only: 'ocirun' } as const;

const reload = (): void => void execFileSync('systemctl', ['daemon-reload']);

const accounting = ['CPUAccounting', 'IOAccounting', 'MemoryAccounting', 'TasksAccounting'];

/** Have systemd count nothing that it is not asked to. */
function countNothing(box: Sandbox): void {
  const directory = '/run/systemd/system.conf.d';
  const file = `${directory}/zz-ocirun-test.conf`;
  mkdirSync(directory, { recursive: true });
  writeFileSync(file, `[Manager]\n${accounting.map((name) => `Default${name}=no\n`).join('')}`);
  box.undo(() => {
    rmSync(file);
    reload();
  });
  reload();
}

const show = ({ unit }: Limited, properties: readonly string[]): Record<string, string> =>
  shown([unit], properties).get(unit) ?? {};

const always = {
  ...Object.fromEntries(accounting.map((name) => [name, 'yes'])),
  DefaultDependencies: 'no',
  CollectMode: 'inactive-or-failed',
};

conformance(
  'systemd: a unit counts what it uses, is forgotten when it ends, and has the name of its container',
  (t, box) => {
    countNothing(box);
    const pod = box.name.replaceAll('-', '');
    const slice: Edit = (config) => void (config.linux.cgroupsPath = `system.slice:x:${pod}-b.slice`);
    for (const [suffix, edits, own] of [
      ['scope', [], { Slice: 'system.slice', Delegate: 'yes' }],
      ['slice', [slice], { Wants: 'system.slice' }],
    ] as const) {
      const limited = create(box, edits, suffix);
      const expected = { Description: `ocirun container ${box.id(suffix)}`, ...own, ...always };
      t.match(show(limited, Object.keys(expected)), expected, suffix);
      box.must(['delete', '--force', limited.id]);
    }
    execFileSync('systemctl', ['stop', `${pod}.slice`]);
  },
  ocirun,
);

const disks: Edit = (config) => {
  config.linux['devices'] = [{ path: disk.path, type: 'b', major: disk.major, minor: disk.minor, fileMode: 0o666 }];
};

const nothing = { allow: false, access: 'rwm' };
const everything = { allow: true, access: 'rwm' };
const aDisk = { allow: true, type: 'b', major: disk.major, minor: disk.minor, access: 'rwm' };

/** How systemd names the disk. */
const named = `/dev/block/${disk.major}:${disk.minor}`;

conformance(
  'systemd: a device that is allowed can be opened, also when it has read its units again',
  (t, box) => {
    const limited = create(box, [disks, resources({ devices: [nothing, aDisk] }), working('open', disk.path)]);
    t.match(show(limited, ['DevicePolicy', 'DeviceAllow']), {
      DevicePolicy: 'strict',
      DeviceAllow: new RegExp(`${named} rwm`),
    });
    reload();
    box.must(['start', limited.id]);
    t.ok(until(() => limited.output().includes('\n')));
    t.equal(limited.output().trim(), 'opened');
  },
  ocirun,
);

conformance(
  'systemd: an update of the devices is one of the unit, too',
  (t, box) => {
    const limited = create(box, []);
    for (const [devices, DevicePolicy, DeviceAllow] of [
      [[nothing, aDisk], 'strict', new RegExp(named)],
      [[everything], 'auto', /^$/],
      [[nothing], 'strict', /^(?!.*\/dev\/block)/],
    ] as const) {
      box.must(['update', '-r', box.file('resources', JSON.stringify({ devices })), limited.id]);
      const found = { DevicePolicy: '', DeviceAllow: '', ...show(limited, ['DevicePolicy', 'DeviceAllow']) };
      t.match(found, { DevicePolicy, DeviceAllow });
    }
  },
  ocirun,
);
