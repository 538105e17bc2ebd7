// Whatever can be written to a cgroup, or told systemd, is left out once by tools/cgroup-mutants.mjs: each has a row in
// conformance/vm/mutants.txt. What there is comes from the tables and functions that the runtime itself has.
import { readFileSync } from 'node:fs';
import t from 'tap';
import { type Control, resourceControls } from '../plan/cgroup/index.ts';
import { deviceFilter } from '../plan/device-filter/rules.ts';
import { deviceProperties } from '../plan/systemd/devices.ts';
import { conversions, type Property, resourceProperties } from '../plan/systemd/properties.ts';
import { processProperties, unitProperties } from '../plan/systemd/unit.ts';
import type { Resources } from '../spec/types.ts';
import { coreFiles } from '../sys/control-files.ts';

const rows = readFileSync(new URL('../../conformance/vm/mutants.txt', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => line.split(' | '));

/** What is left out of any command, and what the tests of `update` have to notice. */
const listed = new Set(rows.map(([, what = '']) => what));
const ofUpdate = new Set(
  rows.flatMap(([, what = '', test]) => (what.startsWith('update ') || test === 'cgroup/update.guest' ? [what] : [])),
);
const isUpdated = (what: string): boolean => ofUpdate.has(what) || ofUpdate.has(`update ${what}`);

type Whole<T> = T extends object ? { readonly [K in keyof T]-?: Whole<T[K]> } : T;

const devices = [{ major: 8, minor: 0, rate: 1 }];

/** Every field that there is: the type says when one is missing. */
const resources: Whole<Resources> = {
  unified: { 'memory.high': '1' },
  devices: [{ allow: true, type: 'c', major: 1, minor: 3, access: 'rwm' }],
  pids: { limit: 5 },
  blockIO: {
    weight: 100,
    leafWeight: 100,
    weightDevice: [{ major: 8, minor: 0, weight: 100, leafWeight: 100 }],
    throttleReadBpsDevice: devices,
    throttleWriteBpsDevice: devices,
    throttleReadIOPSDevice: devices,
    throttleWriteIOPSDevice: devices,
  },
  // An idle cgroup would have no weight.
  cpu: {
    shares: 5,
    quota: 5,
    burst: 5,
    period: 5,
    realtimeRuntime: 5,
    realtimePeriod: 5,
    cpus: '0',
    mems: '0',
    idle: 0,
  },
  hugepageLimits: [{ pageSize: '2MB', limit: 1 }],
  memory: {
    limit: 5,
    reservation: 5,
    swap: 9,
    kernel: 5,
    kernelTCP: 5,
    swappiness: 5,
    disableOOMKiller: true,
    useHierarchy: true,
    checkBeforeUpdate: true,
  },
  network: { classID: 1, priorities: [{ name: 'x', priority: 1 }] },
  rdma: { x: { hcaHandles: 1, hcaObjects: 1 } },
};

const controls = resourceControls(resources);
const files = [
  ...new Set([...controls.flatMap(({ file, instead }) => [file, instead?.file ?? file]), ...Object.keys(conversions)]),
];

t.test('every file for a limit', async (t) => {
  for (const file of files) {
    t.ok(listed.has(`write ${file}`), file);
    t.ok(isUpdated(`write ${file}`), `update: ${file}`);
  }
});

t.test('every file that all cgroups have', async (t) => {
  for (const file of coreFiles)
    t.ok(
      [...listed].some((what) => what === `write ${file}` || what.startsWith(`write ${file} `)),
      file,
    );
});

const host = { version: Infinity, bfq: false };
const control = (file: string, value: string): Control => ({ pointer: '', controller: '', file, value });

/** What each file with a property has systemd be told. */
const limitsOf = (moment: 'start' | 'update'): Property[] =>
  Object.keys(conversions).flatMap((file) =>
    ['1', '8:0 1'].flatMap((value) => resourceProperties([control(file, value)], host, moment)),
  );

const names = (properties: readonly Property[]): Set<string> => new Set(properties.map(([name]) => name));
const scope = { name: 'x.scope', slice: 'a.slice' };
const slice = { name: 'a-x.slice', slice: 'a.slice' };
const ofDevices = deviceProperties(deviceFilter(resources.devices));

t.test('every property of a unit', async (t) => {
  for (const file of Object.keys(conversions))
    t.not(resourceProperties([control(file, '1')], host, 'start').length, 0, `${file} is made something of`);
  const given = names([
    ...[scope, slice].flatMap((unit) => [...unitProperties(unit, ''), ...processProperties(unit, 1)]),
    ...ofDevices,
    ...limitsOf('start'),
  ]);
  for (const name of given) t.ok(listed.has(`property ${name}`) || listed.has(`start property ${name}`), name);
});

/** The guest has systemd 252, which does not know it; only the guest has the controllers that an update of it takes. */
const newer = ['MemoryZSwapMax'];

t.test('every property that an update gives', async (t) => {
  for (const name of names([...ofDevices, ...limitsOf('update')]))
    if (!newer.includes(name)) t.ok(isUpdated(`property ${name}`), name);
});
