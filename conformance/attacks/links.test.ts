import { closeSync, mkdirSync, openSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Config, Edit } from '../lib/config.ts';
import { conformance } from '../lib/conformance.ts';
import { isStandalone } from '../lib/runtime.ts';
import type { Sandbox } from '../lib/sandbox.ts';
import { arm, attacking, found, Outside } from './outside.ts';

/** What a link may stand for, by its place and the directory outside. */
const kinds: Readonly<Record<string, (place: string, outside: string) => string>> = {
  'a directory': (_, outside) => `${outside}/directory`,
  'a file': (_, outside) => `${outside}/file`,
  'a place where nothing is': (_, outside) => `${outside}/missing`,
  'another filesystem': (_, outside) => `${outside}/mounted`,
  'a directory, by a relative path': (_, outside) => `${'../'.repeat(24)}${outside.slice(1)}/directory`,
  'a place where nothing is, by way of another': (_, outside) =>
    `nowhere/${'../'.repeat(24)}${outside.slice(1)}/missing`,
  itself: (place) => basename(place),
  'a descriptor': () => '/proc/self/fd/3/directory',
  'the root of the process': (_, outside) => `/proc/self/root${outside}/directory`,
  'the working directory of the process': () => '/proc/self/cwd/directory',
};

/** Every place of the root filesystem that init touches with this config. */
const places = [
  ...['dev', 'dev/pts', 'dev/shm', 'dev/mqueue', 'dev/null', 'dev/tty', 'dev/fd', 'dev/ptmx', 'proc', 'sys'],
  ...['etc', 'etc/passwd', 'work', 'work/cwd', 'data', 'data/tmpfs', 'data/tree', 'data/file'],
  ...['hidden', 'hidden/file', 'hidden/directory', 'frozen', 'frozen/file', 'frozen/directory'],
];

const touching =
  (box: Sandbox): Edit =>
  (config: Config) => {
    // Without a filesystem of its own at /dev, devices and links are made in the root filesystem.
    config.mounts = config.mounts.filter(({ destination }) => destination !== '/dev');
    config.mounts.push(
      { destination: '/data/tmpfs', type: 'tmpfs', source: 'data-tmpfs' },
      { destination: '/data/tree', type: 'bind', source: box.path('tree'), options: ['rbind', 'ro'] },
      { destination: '/data/file', type: 'bind', source: box.path('file'), options: ['bind'] },
    );
    config.root.readonly = false;
    config.process.cwd = '/work/cwd';
    // HOME is looked up in /etc/passwd where the environment has none.
    config.process.env = ['PATH=/'];
    config.linux.maskedPaths?.push('/hidden/file', '/hidden/directory');
    config.linux.readonlyPaths?.push('/frozen/file', '/frozen/directory');
  };

/** A root filesystem in which everything is as it should be, but for one link, if any. */
const rootfsWith = (rootfs: string, place: string, content: string): void => {
  const isFile = (path: string) => /\/(file|passwd|null|tty)$/.test(path);
  const missing = ['dev/null', 'dev/tty', 'dev/fd', 'dev/ptmx'];
  for (const path of places) {
    if (path === place || (place && path.startsWith(`${place}/`)) || missing.includes(path)) continue;
    if (isFile(path)) writeFileSync(join(rootfs, path), 'of the image\n');
    else mkdirSync(join(rootfs, path), { recursive: true });
  }
  if (place === '') return;
  mkdirSync(dirname(join(rootfs, place)), { recursive: true });
  symlinkSync(content, join(rootfs, place));
};

const attempt = (box: Sandbox, outside: Outside, place: string, content: string) => {
  const empty = () => rmSync(box.path('bundle/rootfs'), { recursive: true, force: true });
  empty();
  const bundle = box.bundle(attacking('search', outside.text), touching(box));
  empty();
  mkdirSync(join(bundle, 'rootfs'));
  arm(bundle);
  rootfsWith(join(bundle, 'rootfs'), place, content);
  const extra = [openSync(outside.directory, 'r')];
  try {
    return outside.watching(['run', '--bundle', bundle, box.id()], { cwd: outside.directory, extra });
  } finally {
    closeSync(extra[0] as number);
  }
};

/** The mounts that the container has to have, wherever the links of the image have led them. */
const wanted = [
  / - proc /,
  / - sysfs /,
  / - devpts /,
  / - mqueue /,
  / - tmpfs shm /,
  / - tmpfs data-tmpfs /,
  /^\S+ \S+ \S+ \S+\/tree /m,
  /^\S+ \S+ \S+ \S+\/file /m,
];

conformance('without hostile links every place is taken', (t, box) => {
  mkdirSync(box.path('tree'));
  writeFileSync(box.path('file'), 'of the bind mount\n');
  const outside = new Outside(box);
  try {
    const { result, events } = attempt(box, outside, '', '');
    t.match(result, { status: 0 });
    for (const target of ['data/tmpfs', 'data/tree', 'data/file', 'hidden/file', 'hidden/directory', 'frozen/file'])
      t.match(result.stdout, ` /${target} `, target);
    t.strictSame(events, []);
  } finally {
    outside.close();
  }
});

/** Every combination for the product; of the others, which are slow, each place with one of the kinds at least. */
const every = isStandalone || process.env['OCIRUN_TEST_FULL'] ? 1 : 6;

/** By themselves: what a runtime makes below `/dev` without a filesystem there. */
const groups = { '/dev': places.slice(0, 1), 'any other place': places.slice(1) };

for (const [number, [kind, contentOf]] of Object.entries(kinds).entries())
  for (const [name, group] of Object.entries(groups))
    conformance(`a link at ${name} of the image to ${kind} outside leads nowhere`, (t, box) => {
      mkdirSync(box.path('tree'));
      writeFileSync(box.path('file'), 'of the bind mount\n');
      const outside = new Outside(box);
      try {
        for (const place of group.filter((_, index) => group.length === 1 || (index + number) % every === 0)) {
          const { result, events } = attempt(box, outside, place, contentOf(place, outside.directory));
          t.not(result.status, found, `${place}: the container sees nothing of it`);
          t.strictSame(events, [], `${place}: nothing outside is opened or changed`);
          if (result.status !== 0) t.not(result.stderr, '', `${place}: it says why it fails`);
          if (result.status === 0)
            for (const mount of wanted) t.match(result.stdout, mount, `${place}: the container has its mounts`);
          t.equal(box.state(), undefined, `${place}: no state is left`);
        }
        t.strictSame(outside.changes(), [], 'nothing outside is written, made or mounted');
      } finally {
        outside.close();
      }
    });
