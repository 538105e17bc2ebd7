import { execFileSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Test } from 'tap';
import type { Config } from '../lib/config.ts';
import { conformance } from '../lib/conformance.ts';
import { isStandalone } from '../lib/runtime.ts';
import type { Sandbox } from '../lib/sandbox.ts';
import { arm, attacking, found, Outside, swapping } from './outside.ts';

/** A twentieth by default; of the runtimes that are slow, less. */
const containers = process.env['OCIRUN_TEST_FULL'] ? 1000 : isStandalone ? 50 : 20;

const seed = Number(process.env['OCIRUN_TEST_SEED'] ?? randomInt(1 << 30));

/** Places of the image that are exchanged for links, with the place outside that the link leads to. */
const swapped: readonly (readonly [place: string, outside: string])[] = [
  ['dev', 'directory'],
  ['dev/pts', 'directory/pts'],
  ['dev/shm', 'directory/shm'],
  ['dev/null', 'null'],
  ['proc', 'directory'],
  ['sys', 'directory'],
  ['etc', 'directory'],
  ['etc/passwd', 'passwd'],
  ['work', 'directory'],
  ['work/cwd', 'cwd'],
  ['data', 'directory'],
  ['data/tmpfs', 'mounted'],
  ['data/tree', 'tree'],
  ['data/file', 'file'],
  ['hidden', 'directory'],
  ['hidden/file', 'file'],
  ['hidden/directory', 'mounted/directory'],
  ['frozen', 'directory'],
  ['frozen/directory', 'tree'],
];

const isFile = (path: string): boolean => /\/(file|passwd|null)$/.test(path);

/** The image with every place as it should be, and beside it the links: pairs to exchange, from the rootfs. */
function prepare(rootfs: string, outside: Outside): [string, string][] {
  const pairs: [string, string][] = [];
  for (const [place, target] of swapped) {
    mkdirSync(join(rootfs, isFile(place) ? dirname(place) : place), { recursive: true });
    if (place === 'dev/null') execFileSync('mknod', ['-m', '666', join(rootfs, place), 'c', '1', '3']);
    else if (isFile(place)) writeFileSync(join(rootfs, place), 'of the image\n');
    const link = `swap-${place.replaceAll('/', '-')}`;
    symlinkSync(join(outside.directory, target), join(rootfs, link));
    pairs.push([place, link]);
  }
  return pairs;
}

/** A directory that is moved out of the image, while a path with `..` below it is being walked. */
function movable(box: Sandbox, rootfs: string): [string, string] {
  mkdirSync(join(rootfs, 'deep/moving/a/b'), { recursive: true });
  mkdirSync(join(box.path('away'), 'moving/a/b'), { recursive: true });
  return ['deep/moving', '../../away/moving'];
}

const touching =
  (box: Sandbox) =>
  (config: Config): void => {
    config.mounts = config.mounts.filter(({ destination }) => !['/dev', '/sys'].includes(destination));
    config.mounts.push(
      { destination: '/data/tmpfs', type: 'tmpfs', source: 'tmpfs' },
      { destination: '/data/tree', type: 'bind', source: box.path('tree'), options: ['rbind', 'ro'] },
      { destination: '/data/file', type: 'bind', source: box.path('file'), options: ['bind'] },
      { destination: '/deep/moving/a/b/../../../../outside/made', type: 'tmpfs', source: 'tmpfs' },
    );
    config.root.readonly = false;
    config.process.cwd = '/work/cwd';
    config.process.env = ['PATH=/'];
    config.linux.maskedPaths?.push('/hidden/file', '/hidden/directory');
    config.linux.readonlyPaths?.push('/frozen/directory');
  };

/** Numbers that a seed determines (mulberry32). */
const randomNumbers = (state: number) => (below: number) => {
  state = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), state | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
};

/** So many containers of one image; a new one for the next, with other places exchanged. */
const batch = 5;

/** How many of the containers ran; every one that did not has said why. */
function runBatch(t: Test, box: Sandbox, outside: Outside, bundle: string, places: string): number {
  let ran = 0;
  for (let number = 0; number < batch; number += 1) {
    const { result, events } = outside.watching(['run', '--bundle', bundle, box.id(`n${number}`)]);
    const good = result.status === 0;
    if (good) ran += 1;
    if (result.status === found || (!good && result.stderr === '') || events.length > 0)
      t.fail(`exchanging ${places}: ${JSON.stringify({ result, events }).slice(0, 2000)}`);
    // A mount goes with the directory that it is on: what is exchanged once it is there is the neighbour's own doing.
    if (good && !/\bproc\b/.test(places))
      t.match(result.stdout, / \/proc \S+ [^-]*- proc /, `exchanging ${places}: it has its procfs`);
  }
  return ran;
}

conformance('an image whose files are exchanged for links while containers are made leads nowhere', async (t, box) => {
  t.comment(`seed ${seed}: OCIRUN_TEST_SEED repeats it; ${containers} containers`);
  mkdirSync(box.path('tree'));
  writeFileSync(box.path('file'), 'of the bind mount\n');
  const outside = new Outside(box);
  const random = randomNumbers(seed);
  let ran = 0;
  try {
    for (let round = 0; round < containers / batch; round += 1) {
      rmSync(box.path('bundle'), { recursive: true, force: true });
      const bundle = arm(box.bundle(attacking('search', outside.text), touching(box)));
      const rootfs = join(bundle, 'rootfs');
      const all = [...prepare(rootfs, outside), movable(box, rootfs)];
      const pairs = [0, 1].map(() => all[random(all.length)] as [string, string]);
      await swapping(box, rootfs, random(1 << 30), pairs, () => {
        ran += runBatch(t, box, outside, bundle, pairs.map(([place]) => place).join(' and '));
      });
    }
    t.comment(`${ran} of ${containers} ran`);
    t.ok(ran > 0, 'not every container fails');
    t.strictSame(outside.changes(), [], 'nothing outside is written, made or mounted');
    t.strictSame(box.ids(), [], 'no state is left');
  } finally {
    outside.close();
  }
});

/** CVE-2025-31133: what covers a masked file is a device that was checked, not what has its name by then. */
conformance('a null device that is exchanged for a link hides a file all the same', async (t, box) => {
  const rounds = Math.min(containers, 100);
  const bundle = box.bundle((config) => {
    config.process.args = ['/probe', 'report', '/hidden/file'];
    config.mounts = config.mounts.filter(({ destination }) => destination !== '/dev');
    config.linux.maskedPaths = Array.from({ length: 20 }, () => '/hidden/file');
  });
  const rootfs = join(bundle, 'rootfs');
  for (const name of ['hidden', 'dev/pts', 'dev/shm', 'dev/mqueue']) mkdirSync(join(rootfs, name));
  writeFileSync(join(rootfs, 'hidden/file'), 'to be hidden\n');
  writeFileSync(join(rootfs, 'other'), 'may be seen\n', { mode: 0o666 });
  symlinkSync('/other', join(rootfs, 'link'));
  box.call(['run', '--bundle', bundle, box.id('first')]);
  await swapping(box, rootfs, seed, [['dev/null', 'link']], () => {
    for (let number = 0; number < rounds; number += 1) {
      const { status, stdout } = box.call(['run', '--bundle', bundle, box.id(`n${number}`)]);
      if (status === 0)
        t.match(JSON.parse(stdout), { paths: { '/hidden/file': { kind: 'c', major: 1, minor: 3 } } }, `${number}`);
    }
  });
});
