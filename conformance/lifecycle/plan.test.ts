import { spawnSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { binding, probing } from '../lib/config.ts';
import { conformance } from '../lib/conformance.ts';
import { runtime } from '../lib/runtime.ts';
import type { Sandbox } from '../lib/sandbox.ts';

const ours = { only: 'ocirun' } as const;

/** Nobody, with no rights at all. */
const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--no-new-privs', '--bounding-set=-all'];

/** The same where the directories of cgroups cannot be looked into. */
const withoutCgroups = [
  ...['unshare', '--mount', 'sh', '-c'],
  'mount -t tmpfs -o mode=000 none /sys/fs/cgroup && exec "$@"',
  'sh',
  ...nobody,
];

const canRead = spawnSync('setpriv', [...nobody.slice(1), 'cat', runtime], { stdio: 'ignore' }).status === 0;
const readable = { ...ours, unless: canRead ? false : 'nobody may read the checkout' } as const;

const publicBundle = (box: Sandbox): string => {
  chmodSync(box.directory, 0o755);

  return box.bundle(probing('exit', '0'), binding('/', '/host', 'rbind', 'ro'), (config) => {
    config.process.env = ['TEXT=two words', 'EVIL=\u001b[31m'];
    config.process.rlimits = [{ type: 'RLIMIT_CORE', soft: 1, hard: 1 << 20 }];
    config.hooks = { createRuntime: [{ path: '/bin/true' }] };
  });
};

conformance(
  'plan as text is the default, and the same every time',
  (t, box) => {
    const bundle = publicBundle(box);
    const { stdout } = box.must(['plan', '--bundle', bundle]);
    t.equal(box.must(['plan', '--bundle', bundle, '--format', 'text']).stdout, stdout);
    t.match(
      stdout,
      /^ +\d+ attach +\/ and below \(slot \d+\) on \/host: ro\b.* {2}config\.json:\d+:\d+ \/mounts\/\d+$/m,
    );
    t.match(stdout, /^ +createRuntime +\/bin\/true as \/bin\/true +config\.json:\d+:\d+ \/hooks\/createRuntime\/0$/m);
    t.match(stdout, 'environment: "TEXT=two words"\n');
    t.match(stdout, 'environment: "EVIL=\\u001b[31m"\n');
    t.match(stdout, /RLIMIT_CORE \(4\) soft 1, hard 1048576 \(1 MiB\)/);
    t.notMatch(stdout, '\u001b');
  },
  ours,
);

conformance(
  'plan says what the runtime does with the state directory, the cgroup and a pid file',
  (t, box) => {
    const { stdout } = box.must(['plan', '--bundle', publicBundle(box), box.id()]);
    t.match(stdout, `make ${box.root}/${box.id()},`);
    t.match(stdout, new RegExp(`^ +cgroup +make /\\S+${box.id()};`, 'm'));
  },
  ours,
);

conformance(
  'plan as JSON has the place of each step',
  (t, box) => {
    const { stdout } = box.must(['plan', '--bundle', publicBundle(box), '--format', 'json']);
    const { stage2 } = JSON.parse(stdout) as { stage2: { pointer: string; location?: string }[] };
    for (const { pointer, location } of stage2)
      t.equal(/^config\.json:\d+:\d+$/.test(location ?? ''), pointer !== '', pointer);
  },
  ours,
);

for (const [name, through] of [
  ['plan needs no rights', nobody],
  ['plan needs no cgroups to be readable', withoutCgroups],
] as const)
  conformance(
    name,
    (t, box) => {
      const bundle = publicBundle(box);
      const { stdout, stderr, status } = box.call(['plan', '--bundle', bundle], { through });
      t.equal(status, 0, stderr);
      t.match(stdout, /^ +\d+ execute +\/probe exit 0 +config\.json:/m);
    },
    readable,
  );

conformance(
  'explain tells of a code, in any case and without its beginning, and of all',
  (t, box) => {
    const { stdout } = box.must(['explain', 'E_MOUNT_LOCKED']);
    t.match(stdout, /^E_MOUNT_LOCKED\n\n {2}A mount flag .*\n\nHow it comes about:\n {2}.*\n\nWhat to do:\n {2}.*\n$/s);
    for (const word of ['mount_locked', 'e_mount_locked', 'Mount-Locked'])
      t.equal(box.must(['explain', word]).stdout, stdout, word);
    t.match(box.must(['explain']).stdout, /^E_INTERNAL {2,}\S.*\n(E_\w+ {2,}\S.*\n)+$/);
  },
  ours,
);

conformance(
  'explain of what is no code says which may be meant',
  (t, box) => {
    for (const [word, hint] of [
      ['E_MOUNT_LOKED', 'did you mean E_MOUNT_LOCKED?'],
      ['nonsense', 'ocirun explain'],
    ] as const) {
      const { status, stdout, stderr } = box.call(['explain', word]);
      t.equal(status, 1);
      t.equal(stdout, '');
      t.match(stderr, hint);
    }
  },
  ours,
);
