import fc from 'fast-check';
import t from 'tap';
import { attr, propagation, superblock } from './mount-flags.ts';
import { type MountOptions, mountOptionNames, mountOptions, superblockOptions } from './mount-options.ts';

const none: MountOptions = {
  attributes: [0, 0, 0, 0],
  superblock: [0, 0],
  first: 0,
  propagation: 0,
  bind: 'no',
  idmap: 'no',
  remount: false,
  copyUp: false,
  data: [],
};

const { rdonly, nosuid, nodev, noexec, nodiratime, nosymfollow, atime, noatime, strictatime } = attr;
const { recursive } = propagation;

/** What each option does alone. */
const alone: Readonly<Record<string, Partial<MountOptions>>> = {
  async: { superblock: [0, superblock.sync] },
  atime: { attributes: [0, atime, 0, 0] },
  bind: { bind: 'bind' },
  defaults: {},
  dev: { attributes: [0, nodev, 0, 0] },
  diratime: { attributes: [0, nodiratime, 0, 0] },
  dirsync: { superblock: [superblock.dirsync, 0] },
  exec: { attributes: [0, noexec, 0, 0] },
  idmap: { idmap: 'idmap' },
  iversion: {},
  lazytime: { superblock: [superblock.lazytime, 0] },
  loud: {},
  mand: { superblock: [superblock.mand, 0] },
  noatime: { attributes: [noatime, atime, 0, 0] },
  nodev: { attributes: [nodev, 0, 0, 0] },
  nodiratime: { attributes: [nodiratime, 0, 0, 0] },
  noexec: { attributes: [noexec, 0, 0, 0] },
  noiversion: {},
  nolazytime: { superblock: [0, superblock.lazytime] },
  nomand: { superblock: [0, superblock.mand] },
  norelatime: { attributes: [0, atime, 0, 0] },
  nostrictatime: { attributes: [0, atime, 0, 0] },
  nosuid: { attributes: [nosuid, 0, 0, 0] },
  nosymfollow: { attributes: [nosymfollow, 0, 0, 0] },
  private: { propagation: propagation.private },
  ratime: { attributes: [0, 0, 0, atime] },
  rbind: { bind: 'rbind' },
  rdev: { attributes: [0, 0, 0, nodev] },
  rdiratime: { attributes: [0, 0, 0, nodiratime] },
  relatime: { attributes: [0, atime, 0, 0] },
  remount: { remount: true },
  rexec: { attributes: [0, 0, 0, noexec] },
  ridmap: { idmap: 'ridmap' },
  rnoatime: { attributes: [0, 0, noatime, atime] },
  rnodev: { attributes: [0, 0, nodev, 0] },
  rnodiratime: { attributes: [0, 0, nodiratime, 0] },
  rnoexec: { attributes: [0, 0, noexec, 0] },
  rnorelatime: { attributes: [0, 0, 0, atime] },
  rnostrictatime: { attributes: [0, 0, 0, atime] },
  rnosuid: { attributes: [0, 0, nosuid, 0] },
  rnosymfollow: { attributes: [0, 0, nosymfollow, 0] },
  ro: { attributes: [rdonly, 0, 0, 0], superblock: [superblock.ro, 0] },
  rprivate: { propagation: propagation.private | recursive },
  rrelatime: { attributes: [0, 0, 0, atime] },
  rro: { attributes: [0, 0, rdonly, 0] },
  rrw: { attributes: [0, 0, 0, rdonly] },
  rshared: { propagation: propagation.shared | recursive },
  rslave: { propagation: propagation.slave | recursive },
  rstrictatime: { attributes: [0, 0, strictatime, atime] },
  rsuid: { attributes: [0, 0, 0, nosuid] },
  rsymfollow: { attributes: [0, 0, 0, nosymfollow] },
  runbindable: { propagation: propagation.unbindable | recursive },
  rw: { attributes: [0, rdonly, 0, 0], superblock: [0, superblock.ro] },
  shared: { propagation: propagation.shared },
  silent: {},
  slave: { propagation: propagation.slave },
  strictatime: { attributes: [strictatime, atime, 0, 0] },
  suid: { attributes: [0, nosuid, 0, 0] },
  symfollow: { attributes: [0, nosymfollow, 0, 0] },
  sync: { superblock: [superblock.sync, 0] },
  tmpcopyup: { copyUp: true },
  unbindable: { propagation: propagation.unbindable },
};

// runtime-spec config.md "Linux mount options", word by word.
const specification =
  'async atime bind defaults dev diratime dirsync exec iversion lazytime loud noatime nodev nodiratime noexec ' +
  'noiversion nolazytime norelatime nostrictatime nosuid private rbind relatime remount ro rprivate rshared rslave ' +
  'runbindable rw shared silent slave strictatime suid sync unbindable nosymfollow symfollow rro rrw rnosuid rsuid ' +
  'rnodev rdev rnoexec rexec rnodiratime rdiratime rrelatime rnorelatime rnoatime ratime rstrictatime ' +
  'rnostrictatime rnosymfollow rsymfollow idmap ridmap mand nomand tmpcopyup';

t.test('every option of the specification does its own thing', async (t) => {
  t.same(mountOptionNames().sort(), specification.split(' ').sort());
  t.same(Object.keys(alone).sort(), mountOptionNames().sort());
  for (const [option, change] of Object.entries(alone)) t.same(mountOptions([option]), { ...none, ...change }, option);
});

const rows: readonly (readonly [options: string, change: Partial<MountOptions>])[] = [
  ['', {}],
  ['nosuid noexec nodev', { attributes: [nosuid | noexec | nodev, 0, 0, 0] }],
  ['ro rw', { attributes: [0, rdonly, 0, 0], superblock: [0, superblock.ro] }],
  ['rw ro ro', { attributes: [rdonly, 0, 0, 0], superblock: [superblock.ro, 0] }],
  ['rro rrw', { attributes: [0, 0, 0, rdonly] }],
  ['nosuid suid', { attributes: [0, nosuid, 0, 0] }],
  ['noatime strictatime', { attributes: [strictatime, atime, 0, 0] }],
  ['strictatime relatime', { attributes: [0, atime, 0, 0] }],
  ['noatime norelatime', { attributes: [noatime, atime, 0, 0] }],
  ['noatime atime', { attributes: [0, atime, 0, 0] }],
  ['rnoatime rstrictatime', { attributes: [0, 0, strictatime, atime] }],
  ['shared private', { first: propagation.shared, propagation: propagation.private }],
  ['rslave rshared', { first: propagation.slave | recursive, propagation: propagation.shared | recursive }],
  ['rbind bind', { bind: 'rbind' }],
  ['bind rbind', { bind: 'rbind' }],
  ['sync async lazytime', { superblock: [superblock.lazytime, superblock.sync] }],
  ['newinstance gid=5 mode=755', { data: ['newinstance', 'gid=5', 'mode=755'] }],
  ['constructor __proto__ toString', { data: ['constructor', '__proto__', 'toString'] }],
  ['RO rO', { data: ['RO', 'rO'] }],
  ['size=1k,mode=755', { data: ['size=1k', 'mode=755'] }],
  ['context="a:b:c1,c2"', { data: ['context=a:b:c1,c2'] }],
  ['size=1k,rootcontext="a,b",x', { data: ['size=1k', 'rootcontext=a,b', 'x'] }],
  ['context=a:b', { data: ['context=a:b'] }],
  ['source="a"', { data: ['source="a"'] }],
  ['lowerdir=/a\\,b:/c,upperdir=/d', { data: ['lowerdir=/a\\,b:/c', 'upperdir=/d'] }],
  ['a="b,c', { data: ['a="b', 'c'] }],
  [',', { data: [] }],
];

t.test('options together', async (t) => {
  for (const [options, change] of rows)
    t.same(mountOptions(options.split(' ')), { ...none, ...change }, options || '(none)');
});

t.test('nothing is both set and cleared, but the field of the access times', async (t) => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...mountOptionNames())), (options) => {
      const { attributes, superblock, data } = mountOptions(options);
      const [set, clear, allSet, allClear] = attributes;
      t.equal(set & clear & ~atime, 0);
      t.equal(allSet & allClear & ~atime, 0);
      t.equal(superblock[0] & superblock[1], 0);
      // The kernel takes no part of the field (mount_setattr(2)), and no unknown value of it.
      for (const [on, off] of [[set, clear] as const, [allSet, allClear] as const]) {
        t.ok((off & atime) === 0 || (off & atime) === atime);
        t.ok((on & atime) === 0 || (off & atime) === atime);
        t.ok([0, noatime, strictatime].includes(on & atime));
      }
      t.same(data, []);
    }),
  );
});

t.test('the superblock’s flags have names of their own', async (t) => {
  const of = (options: string, existing: boolean): string[] =>
    superblockOptions(mountOptions(options.split(' ')), existing);
  t.same(of('ro sync dirsync lazytime mand', false), ['ro', 'sync', 'mand', 'dirsync', 'lazytime']);
  t.same(of('rw async nolazytime nomand nosuid', true), ['rw', 'async', 'nomand', 'nolazytime']);
  t.same(of('rw async nolazytime nomand nosuid', false), []);
});
