import { chmodSync, copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { conformance } from '../lib/conformance.ts';
import type { Edit } from '../lib/config.ts';
import type { Report } from '../lib/report.ts';
import type { Sandbox } from '../lib/sandbox.ts';

const program = (path: string, ...args: string[]): Edit => {
  return (config) => void (config.process.args = [path, ...args]);
};
const env = (...list: string[]): Edit => {
  return (config) => void (config.process.env = list);
};

/** A root with the probe at more places. */
const withCopies = (box: Sandbox, ...places: string[]): string => {
  const rootfs = `${box.bundle()}/rootfs`;
  for (const place of places) {
    mkdirSync(`${rootfs}${place.slice(0, place.lastIndexOf('/'))}`, { recursive: true });
    copyFileSync(`${rootfs}/probe`, `${rootfs}${place}`);
    chmodSync(`${rootfs}${place}`, 0o755);
  }
  return rootfs;
};

conformance('program: the first directory of PATH that has it wins', (t, box) => {
  withCopies(box, '/first/tool', '/second/tool');
  const report = box.report([program('tool', 'report'), env('PATH=/missing:/first:/second')]);
  t.equal(report.exe, '/first/tool');
});

conformance('program: what cannot be executed is passed over', (t, box) => {
  const rootfs = withCopies(box, '/first/tool', '/second/tool', '/third/tool');
  chmodSync(`${rootfs}/first/tool`, 0o644);
  mkdirSync(`${rootfs}/zeroth/tool`, { recursive: true });
  const report = box.report([program('tool', 'report'), env('PATH=/zeroth:/first:/third')]);
  t.equal(report.exe, '/third/tool');
});

conformance('program: a name with a slash is no matter for PATH', (t, box) => {
  withCopies(box, '/first/tool', '/dir/tool');
  const report = box.report([program('dir/tool', 'report'), env('PATH=/first'), (c) => void (c.process.cwd = '/')]);
  t.equal(report.exe, '/dir/tool');
  t.equal(report.argv[0], 'dir/tool');
});

conformance('program: a path is relative to the working directory', (t, box) => {
  withCopies(box, '/dir/tool');
  const report = box.report([program('./tool', 'report'), (c) => void (c.process.cwd = '/dir')]);
  t.equal(report.exe, '/dir/tool');
});

conformance('program: of two PATHs the last counts', (t, box) => {
  withCopies(box, '/first/tool', '/second/tool');
  const report = box.report([program('tool', 'report'), env('PATH=/first', 'A=1', 'PATH=/second')]);
  t.equal(report.exe, '/second/tool');
});

conformance('program: one that is nowhere on PATH is named', (t, box) => {
  const result = box.call(['create', '--bundle', box.bundle(program('nowhere')), box.id()]);
  t.equal(result.status, 1, 'create finds out already');
  t.match(result.stderr, 'nowhere');
  t.match(result.stderr, 'executable file not found in $PATH');
  t.strictSame(box.ids(), []);
});

conformance('program: a path that does not exist is named', (t, box) => {
  const result = box.call(['create', '--bundle', box.bundle(program('/no/such/file')), box.id()]);
  t.equal(result.status, 1);
  t.match(result.stderr, '/no/such/file');
  t.match(result.stderr, 'no such file or directory');
});

conformance('program: PATH of the caller is of no account', (t, box) => {
  const result = box.call(['create', '--bundle', box.bundle(program('probe', 'report'), env('PATH=/bin')), box.id()], {
    env: { ...process.env, PATH: `/:${process.env['PATH']}` },
  });
  t.equal(result.status, 1);
  t.match(result.stderr, 'executable file not found in $PATH');
});

conformance('program: a symbolic link in the root filesystem leads inside it', (t, box) => {
  const rootfs = `${box.bundle()}/rootfs`;
  mkdirSync(`${rootfs}/bin`);
  symlinkSync('/probe', `${rootfs}/bin/tool`);
  const report = box.report([program('tool', 'report'), env('PATH=/bin')]);
  t.equal(report.exe, '/probe');
  t.equal(report.argv[0], 'tool');
});

conformance('program: one without execute permission is refused', (t, box) => {
  const rootfs = withCopies(box, '/tool');
  chmodSync(`${rootfs}/tool`, 0o600);
  const result = box.call(['run', '--bundle', box.bundle(program('/tool')), box.id()]);
  t.equal(result.status, 1);
  t.match(result.stderr, '/tool');
  t.match(result.stderr, 'permission denied');
});

conformance('program: a script without an interpreter line is refused as it is', (t, box) => {
  writeFileSync(`${box.bundle()}/rootfs/script`, 'echo hello\n', { mode: 0o755 });
  const result = box.call(['run', '--bundle', box.bundle(program('/script')), box.id()]);
  t.equal(result.status, 1);
  t.match(result.stderr, '/script');
  t.match(result.stderr, 'exec format error');
});

conformance('program: a script runs by its interpreter line', (t, box) => {
  writeFileSync(`${box.bundle()}/rootfs/script`, '#!/probe report\n', { mode: 0o755 });
  const report = box.report([program('/script')]);
  t.equal(report.exe, '/probe');
  t.strictSame(report.argv, ['/probe', 'report', '/script']);
});

conformance('program: a script whose interpreter is missing is named', (t, box) => {
  writeFileSync(`${box.bundle()}/rootfs/script`, '#!/no/interpreter\n', { mode: 0o755 });
  const result = box.call(['run', '--bundle', box.bundle(program('/script')), box.id()]);
  t.equal(result.status, 1);
  t.match(result.stderr, '/script');
  t.match(result.stderr, 'no such file or directory');
});

const homes = (box: Sandbox, passwd: string | undefined, ...edits: Edit[]): string[] => {
  const bundle = box.bundle(...edits);
  if (passwd !== undefined) writeFileSync(`${bundle}/rootfs/etc/passwd`, passwd);
  const report = JSON.parse(box.must(['run', '--bundle', bundle, box.id()]).stdout) as Report;
  return report.env.filter((variable) => variable.startsWith('HOME='));
};

const passwd = [
  'root:x:0:0:root:/root:/bin/sh',
  'short:x:1',
  'none:x:1001:1001:::',
  'first:x:1002:1002::/home/first:/bin/sh',
  'second:x:1002:1002::/home/second:/bin/sh',
  'last:x:1003:1003::/home/last',
].join('\n');
const user = (uid: number): Edit => {
  return (config) => void (config.process.user = { uid, gid: 0 });
};

conformance('HOME: of two entries of a uid the first counts', (t, box) => {
  t.strictSame(homes(box, passwd, user(1002)), ['HOME=/home/first']);
});

conformance('HOME: a file without a line end at its end is read whole', (t, box) => {
  t.strictSame(homes(box, passwd, user(1003)), ['HOME=/home/last']);
});

conformance('HOME: a uid that has no entry gives /', (t, box) => {
  t.strictSame(homes(box, passwd, user(4242)), ['HOME=/']);
});

conformance('HOME: one that is empty in the config is found as if it were missing', (t, box) => {
  t.strictSame(homes(box, passwd, env('PATH=/', 'HOME='), program('/probe', 'report')), ['HOME=/root']);
});

conformance('HOME: a passwd that is a link to the host’s is looked up inside', (t, box) => {
  const bundle = box.bundle();
  symlinkSync('../../../../../../../../etc/other', `${bundle}/rootfs/etc/passwd`);
  writeFileSync(`${bundle}/rootfs/etc/other`, 'root:x:0:0::/inside:/x\n');
  t.strictSame(homes(box, undefined), ['HOME=/inside']);
});
