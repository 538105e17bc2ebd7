import { chmodSync, closeSync, copyFileSync, openSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Edit } from '../lib/config.ts';
import { conformance } from '../lib/conformance.ts';
import { isStandalone } from '../lib/runtime.ts';
import type { Sandbox } from '../lib/sandbox.ts';
import { arm, attacker, attacking, found, Outside } from './outside.ts';

/** Descriptors of directories of the host that the caller has forgotten to close. */
const leaking = <T>(paths: readonly string[], body: (extra: number[]) => T): T => {
  const extra = paths.map((path) => openSync(path, 'r'));
  try {
    return body(extra);
  } finally {
    extra.forEach((fd) => closeSync(fd));
  }
};

const withOutside = (box: Sandbox, body: (outside: Outside) => void): void => {
  const outside = new Outside(box);
  try {
    body(outside);
  } finally {
    outside.close();
  }
};

const cwd =
  (path: string): Edit =>
  (config) => {
    config.process.cwd = path;
    config.root.readonly = false;
  };

/** Numbers under which a runtime or its init may have a directory of the host open. */
const numbers = [...Array.from({ length: isStandalone ? 32 : 8 }, (_, index) => index), 100, 255, 1000];

conformance('a directory of the host that the caller leaks is not reached from inside', (t, box) => {
  withOutside(box, (outside) => {
    const bundle = arm(box.bundle(attacking('escape', join(outside.directory, 'canary').slice(1))));
    leaking([outside.directory, '/', outside.directory], (extra) => {
      const { result } = outside.watching(['run', '--bundle', bundle, box.id()], { extra });
      t.match(result, { status: 0, stdout: /^cwd No such file or directory\n$/ }, 'no descriptor, no way up');
    });
    t.strictSame(outside.changes(), []);
  });
});

/** CVE-2024-21626: the working directory is a descriptor of the runtime, or of its caller. */
conformance('a working directory that is a descriptor is inside the container, or refused', (t, box) => {
  withOutside(box, (outside) => {
    const canary = join(outside.directory, 'canary').slice(1);
    for (const number of numbers)
      for (const path of [`/proc/self/fd/${number}`, `/proc/self/fd/${number}/..`]) {
        const bundle = arm(box.bundle(attacking('escape', canary), cwd(path)));
        leaking([outside.directory, '/'], (extra) => {
          const { result, events } = outside.watching(['run', '--bundle', bundle, box.id()], { extra });
          t.notMatch(result.stdout, 'reached', `${path} leads out`);
          if (result.status !== 0) t.not(result.stderr, '', `${path}: it says why it fails`);
          t.strictSame(events, [], `${path}: nothing outside is opened`);
        });
      }
    t.strictSame(outside.changes(), []);
  });
});

conformance('a working directory that is a link to a descriptor is inside the container, or refused', (t, box) => {
  withOutside(box, (outside) => {
    const canary = join(outside.directory, 'canary').slice(1);
    const links = { fd: '/proc/self/fd/3', root: '/proc/self/root/..', cwd: '/proc/self/cwd', one: '/proc/1/cwd' };
    for (const [name, content] of Object.entries(links)) {
      symlinkSync(content, join(box.rootfs(), name));
      const bundle = arm(box.bundle(attacking('escape', canary), cwd(`/${name}`)));
      leaking([outside.directory], (extra) => {
        const { result } = outside.watching(['run', '--bundle', bundle, box.id()], { extra, cwd: outside.directory });
        t.notMatch(result.stdout, 'reached', `${content} leads out`);
      });
    }
    t.strictSame(outside.changes(), []);
  });
});

/** The other half of CVE-2024-21626: the program itself is found through a descriptor that is still open. */
conformance('a program that is reached through a descriptor of the host is not executed', (t, box) => {
  const program = box.path('attacker-outside');
  copyFileSync(attacker, program);
  chmodSync(program, 0o755);
  for (const number of numbers) {
    const args = [`/proc/self/fd/${number}/attacker-outside`, 'escape', 'attacker-outside'];
    const bundle = box.bundle((config) => void (config.process.args = args));
    leaking([box.directory, box.directory], (extra) => {
      const result = box.call(['run', '--bundle', bundle, box.id()], { extra });
      t.not(result.status, 0, `descriptor ${number}`);
      t.equal(result.stdout, '', `descriptor ${number}`);
    });
  }
});

conformance('a mount at a descriptor does not come out of the container', (t, box) => {
  withOutside(box, (outside) => {
    for (const number of numbers) {
      const destination = `/proc/self/fd/${number}/directory`;
      const bundle = arm(
        box.bundle(
          attacking('search', outside.text),
          (config) => void config.mounts.push({ destination, type: 'tmpfs', source: 'tmpfs' }),
        ),
      );
      leaking([outside.directory, outside.directory], (extra) => {
        const { result, events } = outside.watching(['run', '--bundle', bundle, box.id()], { extra });
        t.not(result.status, found, destination);
        if (result.status !== 0) t.not(result.stderr, '', `${destination}: it says why it fails`);
        t.strictSame(events, [], destination);
      });
    }
    t.strictSame(outside.changes(), []);
  });
});

conformance('a hidden path that is a descriptor hides nothing outside', (t, box) => {
  withOutside(box, (outside) => {
    for (const number of numbers.slice(0, 12)) {
      const path = `/proc/self/fd/${number}/directory`;
      const bundle = arm(
        box.bundle(attacking('search', outside.text), (config) => {
          config.linux.maskedPaths?.push(path);
          config.linux.readonlyPaths?.push(path);
        }),
      );
      leaking([outside.directory, outside.directory], (extra) => {
        const { result, events } = outside.watching(['run', '--bundle', bundle, box.id()], { extra });
        t.ok(result.status === 0 || result.stderr !== '', path);
        t.strictSame(events, [], path);
      });
    }
    t.strictSame(outside.changes(), []);
  });
});
