import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { chmodSync, closeSync, openSync, readFileSync, symlinkSync, writeFileSync, writeSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { conformance } from '../lib/conformance.ts';
import type { Sandbox } from '../lib/sandbox.ts';
import { arm, attacking } from './outside.ts';

const hash = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

/** The file that is the runtime. */
const program = (box: Sandbox): string =>
  isAbsolute(box.runtime)
    ? box.runtime
    : execFileSync('sh', ['-c', `command -v ${box.runtime}`], { encoding: 'utf8' }).trim();

const pidOf = (box: Sandbox): number => Number(box.state()?.['pid']);

/** CVE-2019-5736: a container that can write to what its /proc/1/exe was, writes to the runtime. */
const entries: Readonly<Record<string, (rootfs: string) => string[]>> = {
  'as its program': () => ['/proc/self/exe'],
  'as its program, by way of a link': (rootfs) => {
    symlinkSync('/proc/self/exe', join(rootfs, 'entry'));
    return ['/entry'];
  },
  'as the interpreter of a script': (rootfs) => {
    writeFileSync(join(rootfs, 'entry'), '#!/proc/self/exe\n', { mode: 0o755 });
    return ['/entry'];
  },
  'from inside': () => ['/attacker', 'overwrite', '/proc/self/exe', '/proc/1/exe', '/proc/1/root/proc/self/exe'],
};

for (const [how, args] of Object.entries(entries))
  conformance(`a container that takes /proc/self/exe ${how} does not get at the runtime`, (t, box) => {
    const before = hash(program(box));
    const bundle = arm(box.bundle());
    const wanted = args(join(bundle, 'rootfs'));
    box.bundle((config) => void (config.process.args = wanted));
    const { stdout } = box.call(['run', '--bundle', bundle, box.id()]);
    t.notMatch(stdout, 'written', 'nothing that runs is written to');
    t.equal(hash(program(box)), before, 'the runtime is unchanged');
  });

conformance('the program that waits in a created container cannot be changed, then or later', (t, box) => {
  const before = hash(program(box));
  const bundle = box.bundle((config) => void (config.process.args = ['/probe', 'sleep']));
  box.must(['create', '--bundle', bundle, box.id()]);
  const exe = `/proc/${pidOf(box)}/exe`;
  const init = hash(exe);
  // A descriptor of it stays when it has become the container's program: then nothing runs it any more.
  const held = openSync(exe, 'r');
  t.throws(() => openSync(exe, 'r+'), 'while it runs');
  box.must(['start', box.id()]);
  t.throws(() => {
    const again = openSync(`/proc/self/fd/${held}`, 'r+');
    writeSync(again, 'overwritten', 0);
  }, 'once it has become the container’s program');
  closeSync(held);
  box.must(['create', '--bundle', bundle, box.id('b')]);
  t.equal(hash(`/proc/${Number(box.state(box.id('b'))?.['pid'])}/exe`), init, 'the next container gets the same');
  t.equal(hash(program(box)), before, 'the runtime is unchanged');
});

conformance('a neighbour in the pid namespace cannot write to the program that waits', (t, box) => {
  const bundle = arm(box.bundle((config) => void (config.process.args = ['/probe', 'sleep'])));
  box.must(['create', '--bundle', bundle, box.id()]);
  const neighbour = box.bundleIn('neighbour', attacking('overwrite', '/proc/1/exe', '/proc/1/root/probe'), (config) => {
    config.linux.namespaces = config.linux.namespaces.map((namespace) =>
      namespace.type === 'pid' ? { type: 'pid', path: `/proc/${pidOf(box)}/ns/pid` } : namespace,
    );
  });
  const result = box.call(['run', '--bundle', arm(neighbour), box.id('b')]);
  t.match(result, { status: 0, stdout: /^\/proc\/1\/exe open / });
  t.notMatch(result.stdout, 'written');
});

conformance('file capabilities that wait for inheritable ones give nothing', (t, box) => {
  const bundle = box.bundle((config) => {
    config.process.user = { uid: 1000, gid: 1000 };
    config.process.noNewPrivileges = false;
    delete config.process.capabilities['ambient'];
    delete config.process.capabilities['inheritable'];
  });
  const probe = join(bundle, 'rootfs/probe');
  chmodSync(probe, 0o755);
  // VFS_CAP_REVISION_2 with the effective flag; inheritable: every capability (CVE-2022-29162).
  const attribute = Buffer.from('0100000200000000ffffffff00000000ffffffff'.replace(/(?<=^.{32}).*/, 'ff010000'), 'hex');
  execFileSync('python3', [
    '-c',
    'import os,sys; os.setxattr(sys.argv[1], "security.capability", bytes.fromhex(sys.argv[2]))',
    probe,
    attribute.toString('hex'),
  ]);
  const { stdout } = box.must(['run', '--bundle', bundle, box.id()]);
  const { status } = JSON.parse(stdout) as { status: Record<string, string> };
  for (const set of ['inheritable', 'permitted', 'effective']) t.match(status[set], /^0+$/, set);
});
