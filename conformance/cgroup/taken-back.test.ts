/** What an update has done by the time that it fails is taken back: what systemd was told, and the device program. */
import { mkdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { conformance } from '../lib/conformance.ts';
import { probing } from '../lib/config.ts';
import { answersIn, nodes, ruled, rules } from '../lib/devices.ts';
import { until } from '../lib/wait.ts';
import { playSystemd } from '../systemd/played.ts';

const ocirun = { only: 'ocirun' } as const;

const fileOf = (...texts: string[]): string => JSON.stringify({ devices: rules(...texts) });

conformance(
  'update: where the devices cannot be changed, those of the unit are what they were',
  async (t, box) => {
    const asked = await playSystemd(box, {});
    const bundle = box.bundle(probing('sleep'), ruled(rules('deny a rwm', 'allow c 7:1 r')), (config) => {
      config.linux.cgroupsPath = `-.slice:${box.name}:x`;
    });
    box.must(['--systemd-cgroup', 'create', '--bundle', bundle, box.id()]);
    const file = box.file('resources.json', fileOf('deny a rwm', 'allow c 7:2 r'));
    const through = ['strace', '-f', '-qq', '-o', box.path('strace'), '-e', 'inject=bpf:error=EPERM:when=1'];
    const { status, stderr } = box.call(['update', '--resources', file, box.id()], { through });
    t.equal(status, 1);
    t.match(stderr, 'load the device program');
    t.notMatch(stderr, 'while undoing');
    const told = asked()
      .filter(({ member }) => member === 'SetUnitProperties')
      .map((call) => /\/dev\/char\/7:\d/.exec(JSON.stringify(call.arguments))?.[0]);
    t.strictSame(told, ['/dev/char/7:2', '/dev/char/7:1']);
    box.must(['delete', '--force', box.id()]);
  },
  ocirun,
);

conformance(
  'update: where the new limits cannot be kept, the devices are what they were',
  (t, box) => {
    const questions = ['c:1:11:r', 'c:1:3:r'];
    nodes(box, questions);
    const bundle = box.bundle(ruled(rules('deny a rwm')), probing('access', ...questions));
    box.must(['create', '--bundle', bundle, box.id()]);
    const call = box.calls;
    const inTheWay = join(box.root, box.id(), '.resources.json');
    mkdirSync(inTheWay);
    const file = box.file('resources.json', fileOf('deny a rwm', 'allow c 1:11 r'));
    const { status, stderr } = box.call(['update', '--resources', file, box.id()]);
    rmdirSync(inTheWay);
    t.equal(status, 1);
    t.match(stderr, 'write resources.json: is a directory');
    t.notMatch(stderr, 'while undoing');
    box.must(['start', box.id()]);
    t.ok(until(() => box.output(call).includes('}')));
    t.equal(answersIn(box.output(call), questions), '01');
  },
  ocirun,
);
