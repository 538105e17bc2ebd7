import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Edit } from '../lib/config.ts';
import { conformance } from '../lib/conformance.ts';
import { isStandalone } from '../lib/runtime.ts';
import type { Report } from '../lib/report.ts';
import type { Sandbox } from '../lib/sandbox.ts';
import { attacker, lines } from './outside.ts';

/** Files of procfs that a runtime writes to or trusts. */
const files = [
  ...['self/attr/exec', 'self/attr/current', 'self/attr/keycreate', 'self/attr/apparmor/exec', 'self/oom_score_adj'],
  ...['self/mountinfo', 'self/status', 'self/setgroups', 'self/timens_offsets', 'self/uid_map', 'self/cgroup'],
  ...['sys/net/ipv4/ip_forward', 'sys/kernel/domainname', 'sys/kernel/shm_rmid_forced', 'sys/kernel/cap_last_cap'],
  ...['thread-self/attr/exec', '1/attr/exec', 'cmdline', 'filesystems', 'mounts'],
];

const text = 'nothing of the kernel’s\n';

const fake = (directory: string): string => {
  for (const file of files) {
    mkdirSync(join(directory, dirname(file)), { recursive: true });
    writeFileSync(join(directory, file), text);
  }
  mkdirSync(join(directory, 'self/fd'), { recursive: true });
  return directory;
};

const hash = (directory: string): string => {
  const sum = createHash('sha256');
  for (const name of readdirSync(directory, { recursive: true, encoding: 'utf8' }).sort()) sum.update(`${name}\n`);
  for (const file of files) sum.update(readFileSync(join(directory, file)));
  return sum.digest('hex');
};

/** Watched by who could be misled by it: nothing may be read from a fake, or written to it. */
const running = (
  box: Sandbox,
  directory: string,
): { status: number; stdout: string; stderr: string; events: string[] } => {
  const through = [attacker, 'watch', box.path('events'), directory, '--'];
  const result = box.call(['run', '--bundle', box.path('bundle'), box.id()], { through });
  // To mount over it, it may be opened.
  const events = lines(box.path('events')).filter((event) => event !== `opened ${directory}/`);
  return { ...result, events };
};

const sysctl: Edit = (config) => void (config.linux['sysctl'] = { 'net.ipv4.ip_forward': '1' });
const withoutProc: Edit = (config) =>
  void (config.mounts = config.mounts.filter(({ destination }) => destination !== '/proc'));
const nothingHidden: Edit = (config) => {
  config.linux.maskedPaths = [];
  config.linux.readonlyPaths = [];
};

conformance('a directory of the image in the place of /proc is covered by a real one', (t, box) => {
  const directory = fake(join(box.rootfs(), 'proc'));
  const before = hash(directory);
  box.bundle(sysctl, (c) => void (c.process.args = ['/probe', 'report', '/proc/sys/net/ipv4/ip_forward']));
  const { status, stdout, events, stderr } = running(box, directory);
  t.equal(status, 0, stderr);
  t.match((JSON.parse(stdout) as Report).mounts.join('\n'), / \/proc [^-]*- proc /);
  t.strictSame(events, [], 'nothing is read from the fake');
  t.equal(hash(directory), before, 'nor written to it');
});

conformance('without a mount at /proc a directory of the image there is not believed', (t, box) => {
  const directory = fake(join(box.rootfs(), 'proc'));
  const before = hash(directory);
  box.bundle(withoutProc, nothingHidden, (c) => void (c.process.args = ['/probe', 'exit', '0']));
  const { events } = running(box, directory);
  t.strictSame(events, [], 'nothing is read from the fake');
  t.equal(hash(directory), before, 'nor written to it');
});

conformance('without a mount at /proc a sysctl is set in the kernel, or refused', (t, box) => {
  const directory = fake(join(box.rootfs(), 'proc'));
  const before = hash(directory);
  box.bundle(withoutProc, nothingHidden, sysctl, (c) => void (c.process.args = ['/probe', 'exit', '0']));
  const { events } = running(box, directory);
  t.strictSame(events, [], 'nothing is read from the fake');
  t.equal(hash(directory), before, 'nor written to it');
});

conformance('a link of the image in the place of /proc is refused', (t, box) => {
  const directory = fake(join(box.rootfs(), 'elsewhere'));
  rmSync(join(box.rootfs(), 'proc'), { recursive: true });
  symlinkSync('/elsewhere', join(box.rootfs(), 'proc'));
  const before = hash(directory);
  box.bundle((c) => void (c.process.args = ['/probe', 'exit', '0']));
  const { status, stderr } = running(box, directory);
  t.not(status, 0, 'a procfs is mounted at no link');
  t.match(stderr, /proc/);
  t.equal(hash(directory), before);
});

const mountAt =
  (destination: string, type: string, source: string, options: string[]): Edit =>
  (config) =>
    void config.mounts.push({ destination, type, source, options });

const refused: Readonly<Record<string, (box: Sandbox) => Edit[]>> = {
  'a tmpfs at /proc': () => [mountAt('/proc', 'tmpfs', 'tmpfs', [])],
  'a directory at /proc': (box) => [mountAt('/proc', 'bind', fake(box.path('fake')), ['rbind'])],
  'a tmpfs at /proc, the long way round': () => [mountAt('/dev/../proc/.', 'tmpfs', 'tmpfs', [])],
  'a tmpfs at /proc, where nothing else is': () => [withoutProc, nothingHidden, mountAt('/proc', 'tmpfs', 'tmpfs', [])],
  'a directory at /proc, where nothing else is': (box) => [
    withoutProc,
    nothingHidden,
    mountAt('/proc', 'bind', fake(box.path('fake')), ['rbind']),
  ],
  'a tmpfs in /proc': () => [mountAt('/proc/self/attr', 'tmpfs', 'tmpfs', [])],
  'a tmpfs in /proc, by way of a link': (box) => {
    symlinkSync('proc', join(box.rootfs(), 'link'));
    return [mountAt('/link/self/attr', 'tmpfs', 'tmpfs', [])];
  },
  'a directory in /proc': (box) => [mountAt('/proc/sys', 'bind', fake(box.path('fake')), ['bind'])],
  'a directory in /proc, by way of a link': (box) => {
    symlinkSync('/proc/sys', join(box.rootfs(), 'link'));
    return [mountAt('/link', 'bind', fake(box.path('fake')), ['bind'])];
  },
};

for (const [what, edits] of Object.entries(refused))
  conformance(`${what} is refused`, (t, box) => {
    const bundle = box.bundle(...edits(box), (c) => void (c.process.args = ['/probe', 'exit', '0']));
    const { status, stderr } = box.call(['run', '--bundle', bundle, box.id()]);
    t.not(status, 0);
    t.match(stderr, /proc/, 'it says what is wrong');
  });

/** A directory that looks like a procfs: every file is a link into a real one, and so are the processes to come. */
const lookalike = (directory: string, real: string): string => {
  const pids = Array.from({ length: 2000 }, (_, index) => String(process.pid + index));
  mkdirSync(directory);
  for (const name of ['self', 'sys', 'kcore', 'filesystems', 'mounts', ...pids])
    symlinkSync(join(real, name), join(directory, name));
  return directory;
};

/** Where the kernel gives no procfs of its own, the one of the caller has to be one. */
conformance(
  'a fake /proc of the caller is not taken for one where the kernel refuses a new one',
  (t, box) => {
    const bundle = box.bundle(withoutProc, nothingHidden, (c) => void (c.process.args = ['/probe', 'exit', '0']));
    const [real, unreal] = [box.path('proc'), lookalike(box.path('fake'), box.path('proc'))];
    mkdirSync(real);
    const script = `mount --bind /proc ${real} && mount --bind ${unreal} /proc && exec "$@"`;
    const through = ['unshare', '--mount', 'sh', '-c', script, 'sh'];
    const refusing = ['strace', '-D', '-f', '-o', '/dev/null', '-e', 'inject=fsmount:error=EPERM:when=1'];
    const args = ['run', '--bundle', bundle, box.id()];
    t.match(box.call(args, { through }), { status: 0 }, 'a fake harms nobody who needs none');
    t.match(box.call(args, { through: refusing }), { status: 0 }, 'a real one is taken');
    const { status, stderr } = box.call(args, { through: [...through, ...refusing] });
    t.not(status, 0);
    t.match(stderr, /\/proc is not a procfs/);
  },
  { only: 'ocirun', unless: isStandalone ? false : 'Node makes threads and processes of its own' },
);

conformance(
  'a score for the out-of-memory killer is not written to a fake /proc of the caller',
  (t, box) => {
    const edits: Edit[] = [withoutProc, nothingHidden, (c) => void (c.process.args = ['/probe', 'exit', '0'])];
    const [real, unreal] = [box.path('proc'), lookalike(box.path('fake'), box.path('proc'))];
    mkdirSync(real);
    rmSync(join(unreal, 'self'));
    box.file('fake/self/oom_score_adj', 'untouched');
    for (const name of ['cgroup', 'mountinfo', 'ns', 'fd', 'exe', 'status', 'stat'])
      symlinkSync(join(real, 'self', name), join(unreal, 'self', name));
    const script = `mount --bind /proc ${real} && mount --bind ${unreal} /proc && exec "$@"`;
    const through = ['unshare', '--mount', 'sh', '-c', script, 'sh'];
    const run = (...more: Edit[]) =>
      box.call(['run', '--bundle', box.bundle(...edits, ...more), box.id()], { through });
    t.match(run(), { status: 0 }, 'a fake harms nobody who needs none');
    const { status, stderr } = run((c) => void (c.process['oomScoreAdj'] = 500));
    t.not(status, 0);
    t.match(stderr, /oom_score_adj.*\/proc is not a procfs/);
    t.equal(readFileSync(join(unreal, 'self/oom_score_adj'), 'utf8'), 'untouched');
  },
  { only: 'ocirun', unless: isStandalone ? false : 'Node makes threads and processes of its own' },
);
