import t from 'tap';
import type { Device, Mount, Spec } from '../spec/types.ts';
import { deviceSteps } from './devices.ts';
import { type SlotSource, Sources } from './sources.ts';
import { type Step, slots } from './steps.ts';

const [block, character, fifo] = [0o060000, 0o020000, 0o010000];

interface Wish {
  readonly devices?: Device[];
  readonly mounts?: Mount[];
  readonly namespaces?: ('mount' | 'user' | 'pid')[];
  readonly kcore?: boolean;
}

function planned({ devices, mounts = [], namespaces = ['mount'], kcore = false }: Wish): {
  steps: Step[];
  sources: readonly SlotSource[];
} {
  const linux = { namespaces: namespaces.map((type) => ({ type })), ...(devices ? { devices } : {}) };
  const spec: Spec = { ociVersion: '1.3.0', mounts, linux };
  const sources = new Sources();
  return { steps: deviceSteps(spec, kcore, sources), sources: sources.list };
}

/** The paths of the steps. */
const madeOf = (wish: Wish): unknown => planned(wish).steps.map(({ strs }) => strs.at(-1));

const defaults = ['/dev/null', '/dev/zero', '/dev/full', '/dev/random', '/dev/urandom', '/dev/tty'];
const links = ['/dev/fd', '/dev/stdin', '/dev/stdout', '/dev/stderr', '/dev/ptmx'];

t.test('every container gets the default devices and links', async (t) => {
  t.same(madeOf({}), [...defaults, ...links]);
  t.same(madeOf({ kcore: true, devices: [] }), [...defaults, ...links, '/dev/core']);
  t.same(planned({}).steps[0], {
    op: 'device',
    pointer: '',
    slots: [slots.root],
    nums: [character | 0o666, 1, 3, 0, 0],
    strs: ['/dev/null'],
  });
});

t.test('devices of the config come behind', async (t) => {
  const { steps } = planned({
    devices: [
      { type: 'c', path: '/dev/fuse', major: 10, minor: 229 },
      { type: 'u', path: '/dev/u', major: 1, minor: 2, fileMode: 0, uid: 5, gid: 6 },
      { type: 'b', path: '/opt/../dev/b', major: 7, minor: 0, fileMode: block | 0o640 },
      { type: 'p', path: '/dev/p' },
    ],
  });
  t.same(
    steps.slice(6, 10).map(({ op, pointer, nums, strs }) => [op, pointer, nums, strs]),
    [
      ['device', '/linux/devices/0', [character | 0o666, 10, 229, 0, 0], ['/dev/fuse']],
      ['device', '/linux/devices/1', [character, 1, 2, 5, 6], ['/dev/u']],
      ['device', '/linux/devices/2', [block | 0o640, 7, 0, 0, 0], ['/dev/b']],
      ['device', '/linux/devices/3', [fifo | 0o666, 0, 0, 0, 0], ['/dev/p']],
    ],
  );
});

t.test('a device of the config replaces a default one', async (t) => {
  const { steps } = planned({ devices: [{ type: 'c', path: '/dev/null', major: 1, minor: 3, fileMode: 0o600 }] });
  t.same(steps[0], {
    op: 'device',
    pointer: '/linux/devices/0',
    slots: [slots.root],
    nums: [character | 0o600, 1, 3, 0, 0],
    strs: ['/dev/null'],
  });
  t.equal(steps.length, 11);
  t.same(madeOf({ devices: [{ type: 'c', path: '/dev/ptmx', major: 5, minor: 2 }] }), [...defaults, ...links]);
});

t.test('in a user namespace they are those of the host', async (t) => {
  const { steps, sources } = planned({
    namespaces: ['mount', 'user'],
    devices: [
      { type: 'b', path: '/dev/b', major: 7, minor: 1 },
      { type: 'p', path: '/dev/p' },
    ],
  });
  t.same(steps[0], {
    op: 'attachDevice',
    pointer: '',
    slots: [slots.root, slots.first],
    nums: [character, 1, 3],
    strs: ['/dev/null'],
  });
  t.match(steps[6], { op: 'attachDevice', pointer: '/linux/devices/0', nums: [block, 7, 1], strs: ['/dev/b'] });
  t.match(steps[7], { op: 'device', strs: ['/dev/p'] }, 'a fifo is no device of the host');
  t.same(
    sources.map((source) => ('path' in source ? source.path : '')),
    [...defaults, '/dev/b'],
  );
  t.match(sources[6], { slot: slots.first + 6, pointer: '/linux/devices/0/path', recursive: false });
  t.equal(sources[0]?.pointer, '');
});

t.test('there is nothing to do in a /dev of somebody else', async (t) => {
  const devices: Device[] = [{ type: 'c', path: '/dev/fuse', major: 10, minor: 229 }];
  for (const mount of [{ options: ['rbind'] }, { options: ['ro', 'bind'] }, { type: 'bind' }])
    for (const destination of ['/dev', 'dev/', '/x/../dev'])
      t.same(planned({ devices, mounts: [{ destination, source: '/dev', ...mount }] }), { steps: [], sources: [] });
  t.same(planned({ devices, namespaces: ['pid'] }), { steps: [], sources: [] });
  for (const mount of [
    { destination: '/dev', type: 'tmpfs' },
    { destination: '/dev/x', options: ['bind'] },
    { destination: '/device', options: ['bind'] },
  ])
    t.equal(planned({ mounts: [mount] }).steps.length, 11);
});
