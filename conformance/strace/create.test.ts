import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { conformance } from '../lib/conformance.ts';
import { probing } from '../lib/config.ts';
import { isStandalone } from '../lib/runtime.ts';
import { until } from '../lib/wait.ts';
import type { Sandbox } from '../lib/sandbox.ts';

const scope = { only: 'ocirun' } as const;
const native = { only: 'ocirun', unless: isStandalone ? false : 'Node opens files of its own' } as const;

/** One traced system call. */
interface Call {
  readonly pid: string;
  readonly name: string;
  readonly args: string;
  readonly failed: boolean;
  /** The string arguments. */
  readonly strings: string[];
}

const parse = (line: string): Call | undefined => {
  const match = /^(\d+)\s+(\w+)\((.*)$/.exec(line);
  if (!match) return undefined;
  const [, pid = '', name = '', rest = ''] = match;
  const strings = [...rest.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((found) => found[1] ?? '');
  return { pid, name, args: rest, failed: /= -1 E/.test(rest), strings };
};

/** Trace a create to its end; the container is deleted, so that the tracer ends too. */
const trace = (box: Sandbox, ...flags: string[]): Call[] => {
  const through = ['strace', '-D', '-f', '-y', '-s', '4096', '-o', box.path('trace')];
  box.must(['create', '--bundle', box.path('bundle'), ...flags, box.id()], { through });
  box.must(['delete', '--force', box.id()]);
  until(() => /\+\+\+ killed by SIGKILL \+\+\+\s*$/.test(readFileSync(box.path('trace'), 'utf8')), 2000);
  return readFileSync(box.path('trace'), 'utf8')
    .split('\n')
    .map(parse)
    .filter((call) => call !== undefined);
};

/** Calls that take a path and use what it leads to. */
const followsPath = new RegExp(
  `^(${[
    'open|openat|open_tree|creat|mkdir|mkdirat|mknod|mknodat|symlink|symlinkat|link|linkat|unlink|unlinkat|rmdir',
    'rename|renameat|renameat2|chmod|fchmodat|chown|fchownat|mount|umount2|chdir|chroot|truncate',
    'stat|lstat|newfstatat|statx|access|faccessat|faccessat2|readlink|readlinkat|name_to_handle_at',
  ].join('|')})$`,
);

conformance(
  'no string path inside the root filesystem is opened',
  (t, box) => {
    const rootfs = join(box.bundle(), 'rootfs');
    const calls = trace(box);
    const inside = calls.filter((call) => call.strings.some((text) => text.startsWith(`${rootfs}/`)));
    t.strictSame(inside, [], 'no path below the root filesystem');
    const whole = calls.filter((call) => call.strings.includes(rootfs) && followsPath.test(call.name) && !call.failed);
    t.ok(whole.length >= 1, 'the root filesystem itself is opened by its path');
    const pivot = calls.findIndex((call) => /^(pivot_root|chroot)$/.test(call.name) && !call.failed);
    t.ok(pivot > 0, 'the root is changed');
    const pid = calls[pivot]?.pid;
    const later = calls.slice(pivot + 1).filter((call) => call.pid === pid && followsPath.test(call.name));
    // Looking for the program of process.args is no opening: execve(2) takes it by its path, inside the new root.
    const looking = (call: Call) => /^(stat|newfstatat|statx|access|faccessat2?)$/.test(call.name);
    const absolute = later.filter((call) => !looking(call) && call.strings.some((text) => /^\/./.test(text)));
    t.strictSame(absolute, [], 'no absolute path once the root is changed');
  },
  native,
);

conformance(
  'every lookup inside the root filesystem is held there by openat2',
  (t, box) => {
    const rootfs = join(box.bundle(), 'rootfs');
    const loose = trace(box).filter(
      (call) =>
        /^(open|openat)$/.test(call.name) &&
        new RegExp(`^\\d+<${rootfs}(/[^>]*)?>, "[^"]`).test(call.args) &&
        call.strings.some((text) => text.includes('/')),
    );
    t.strictSame(loose, []);
    const held = trace(box).filter((call) => call.name === 'openat2' && call.strings[0] !== '');
    t.ok(held.length > 0, 'openat2 is what opens');
    for (const call of held) t.match(call.args, /RESOLVE_(IN_ROOT|BENEATH|NO_)/);
  },
  native,
);

conformance(
  'init is a sealed file in memory',
  (t, box) => {
    box.must(['create', '--bundle', box.bundle(), box.id()]);
    const exe = `/proc/${Number(box.state()?.['pid'])}/exe`;
    t.match(readlinkSync(exe), /^\/memfd:.*\(deleted\)$/);
    const script = 'import fcntl,os,sys;print(fcntl.fcntl(os.open(sys.argv[1],os.O_RDONLY),1034))';
    const seals = Number(execFileSync('python3', ['-c', script, exe], { encoding: 'utf8' }));
    // F_SEAL_SEAL, F_SEAL_SHRINK, F_SEAL_GROW, F_SEAL_WRITE
    t.equal(seals & 0xf, 0xf);
    t.throws(() => execFileSync('sh', ['-c', `: >> ${exe}`], { stdio: 'ignore' }), 'it cannot be written');
  },
  scope,
);

conformance(
  'while it waits, init has the descriptors of the container and its own, none of the runtime',
  (t, box) => {
    box.must(['create', '--bundle', box.bundle(), box.id()]);
    const directory = `/proc/${Number(box.state()?.['pid'])}/fd`;
    const open = readdirSync(directory).map((fd) => readlinkSync(join(directory, fd)));
    t.notOk(
      open.some((target) => target.includes('ocirun-test') && !/out\.|err\.|exec\.fifo/.test(target)),
      open.join(' '),
    );
  },
  scope,
);

const times = (directory: string): string[] =>
  readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((name) => join(directory, name))
    .concat(directory)
    .map((path) => `${path} ${lstatSync(path).ctimeMs}`)
    .sort();

/** Calls that change a file, by the runtime or by stage 1, which are outside the container. */
const changes =
  /^(open|openat|openat2|creat|mkdir|mkdirat|mknod|mknodat|rename|renameat2?|unlink|unlinkat|symlinkat?|linkat?|truncate|fchmodat|fchownat|rmdir)$/;

conformance(
  'create writes to nothing but the state directory and the cgroup',
  (t, box) => {
    const bundle = box.bundle();
    const before = times(bundle);
    const calls = trace(box);
    t.strictSame(times(bundle), before, 'the bundle is untouched');
    const first = calls[0]?.pid;
    const places = new RegExp(`${box.root}|/sys/fs/cgroup|"/dev/null"|/proc/|exec\\.fifo|ocirun-memfd|memfd:`);
    const elsewhere = calls
      .filter((call) => call.pid === first && changes.test(call.name) && !call.failed)
      .filter((call) => !/^open/.test(call.name) || /O_(WRONLY|RDWR|CREAT)/.test(call.args))
      .filter((call) => !places.test(call.args));
    t.strictSame(elsewhere, []);
  },
  native,
);

const planBytes = (box: Sandbox): Buffer => {
  const file = box.path('plan');
  execFileSync('sh', ['-c', 'exec "$@" > "$0"', file, ...command(box)]);
  return readFileSync(file);
};

const command = (box: Sandbox): string[] => [
  box.runtime,
  '--root',
  box.root,
  'plan',
  '--bundle',
  box.path('bundle'),
  '--format=bytes',
  box.id(),
];

conformance(
  'create logs the digest of the plan that init got, and it is that of ocirun plan',
  (t, box) => {
    const args = ['--debug', '--log', box.path('log'), '--log-format', 'json'];
    const bundle = box.bundle(probing('exit', '0'));
    const digest = createHash('sha256').update(planBytes(box)).digest('hex');
    t.strictSame(box.ids(), [], 'plan makes nothing');
    box.must([...args, 'create', '--bundle', bundle, box.id()]);
    const logged = /plan sha256:([0-9a-f]{64})/.exec(readFileSync(box.path('log'), 'utf8'))?.[1];
    t.equal(logged, digest);
  },
  scope,
);

conformance(
  'plan touches nothing',
  (t, box) => {
    const before = times(box.bundle());
    for (const format of ['text', 'json', 'bytes'])
      box.must(['plan', '--bundle', box.path('bundle'), '--format', format, box.id()]);
    t.strictSame(times(box.path('bundle')), before);
    t.strictSame(readdirSync(box.root), []);
  },
  scope,
);
