import { chmodSync, existsSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { conformance } from '../lib/conformance.ts';
import { probing, type Edit } from '../lib/config.ts';

const cwd = (path: string): Edit => {
  return (config) => void (config.process.cwd = path);
};
const writable: Edit = (config) => void (config.root.readonly = false);

conformance('cwd: a missing one is made, as root’s, though the root becomes read-only', (t, box) => {
  const report = box.report([cwd('/new/deep'), (c) => void (c.process.user = { uid: 1000, gid: 1000 })]);
  t.equal(report.cwd, '/new/deep');
  const made = statSync(`${box.path('bundle')}/rootfs/new/deep`);
  t.equal(made.mode & 0o777, 0o755);
  t.equal(made.uid, 0);
});

conformance('cwd: a symbolic link leads inside the root', (t, box) => {
  const rootfs = `${box.bundle()}/rootfs`;
  mkdirSync(`${rootfs}/real`);
  symlinkSync('/real', `${rootfs}/absolute`);
  symlinkSync('real', `${rootfs}/relative`);
  t.equal(box.report([cwd('/absolute')]).cwd, '/real');
  t.equal(box.report([cwd('/relative')]).cwd, '/real');
});

conformance('cwd: a link that points out of the root does not lead out', (t, box) => {
  const rootfs = `${box.bundle()}/rootfs`;
  mkdirSync(`${rootfs}/usr`);
  symlinkSync('../../../../../../../../../usr', `${rootfs}/out`);
  const report = box.report([writable, cwd('/out/made/here')]);
  t.equal(report.cwd, '/usr/made/here');
  t.ok(existsSync(`${rootfs}/usr/made/here`), 'it is made inside');
  t.notOk(existsSync('/usr/made'), 'and not outside');
});

conformance('cwd: dots are resolved', (t, box) => {
  mkdirSync(`${box.bundle()}/rootfs/a/b`, { recursive: true });
  t.equal(box.report([cwd('/a/../a/./b/')]).cwd, '/a/b');
  t.equal(box.report([cwd('/../../a')]).cwd, '/a');
});

conformance('cwd: one that only the runtime may enter will do', (t, box) => {
  const rootfs = `${box.bundle()}/rootfs`;
  mkdirSync(`${rootfs}/private`);
  chmodSync(`${rootfs}/private`, 0o700);
  const bundle = box.bundle(cwd('/private'), probing('exit', '7'), (c) => {
    c.process.user = { uid: 1000, gid: 1000 };
  });
  t.equal(box.call(['run', '--bundle', bundle, box.id()]).status, 7);
});

conformance('cwd: a file is none', (t, box) => {
  const rootfs = `${box.bundle()}/rootfs`;
  writeFileSync(`${rootfs}/file`, '');
  const result = box.call(['create', '--bundle', box.bundle(cwd('/file')), box.id()]);
  t.equal(result.status, 1);
  t.match(result.stderr, '/file');
  t.match(result.stderr, 'not a directory');
  t.strictSame(box.ids(), []);
});

conformance('cwd: it must be absolute and not empty', (t, box) => {
  for (const path of ['relative', './x', '']) {
    const result = box.call(['create', '--bundle', box.bundle(cwd(path)), box.id()]);
    t.equal(result.status, 1, path);
    t.match(result.stderr, /[Cc]wd must be an absolute path|cwd.*empty|Cwd property must not be empty/, path);
  }
});

conformance('cwd: it may lie on a mount of the container', (t, box) => {
  const mounted: Edit = (config) =>
    void config.mounts.push({ destination: '/scratch', type: 'tmpfs', source: 'tmpfs', options: ['mode=0755'] });
  t.equal(box.report([mounted, cwd('/scratch/inside')]).cwd, '/scratch/inside');
  t.notOk(existsSync(`${box.path('bundle')}/rootfs/scratch/inside`));
});
