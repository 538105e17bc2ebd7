import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { conformance } from '../lib/conformance.ts';
import { binding, mounting, probing, writableRoot } from '../lib/config.ts';
import { refuses } from '../lib/refused.ts';
import { mountAt, mountsOf } from '../lib/report.ts';

conformance('a directory is bound with what is in it', (t, box) => {
  box.file('source/inside/file', 'hello');
  const report = box.report([
    probing('report', '/tmp', '/tmp/inside/file'),
    mounting({ destination: '/tmp', type: 'bind', source: box.path('source'), options: ['bind'] }),
  ]);
  t.equal(report.paths['/tmp/inside/file']?.text, 'hello');
  t.match(mountAt(report, '/tmp')?.root, new RegExp(`${box.name}/source$`));
});

conformance('a file is bound', (t, box) => {
  const report = box.report([
    probing('report', '/etc/file'),
    mounting({ destination: '/etc/file', type: 'bind', source: box.file('source', 'hello'), options: ['bind'] }),
  ]);
  t.match(report.paths['/etc/file'], { kind: 'file', text: 'hello', write: 'yes' });
});

conformance('a device, a fifo and a socket are bound over a file that is made', (t, box) => {
  mkdirSync(box.path('source'));
  execFileSync('mknod', ['-m', '0666', box.path('source/device'), 'c', '1', '5']);
  execFileSync('mknod', ['-m', '0666', box.path('source/fifo'), 'p']);
  execFileSync('python3', ['-c', `import socket; socket.socket(1).bind('${box.path('source/socket')}')`]);
  const names = ['device', 'fifo', 'socket'];
  const edits = names.map((name) => binding(box.path(`source/${name}`), `/new/${name}`));
  const { paths } = box.report([probing('report', ...names.map((name) => `/new/${name}`)), ...edits]);
  t.match(paths['/new/device'], { kind: 'c', major: 1, minor: 5, read: 4096 });
  t.match([paths['/new/fifo']?.kind, paths['/new/socket']?.kind], ['p', 'socket']);
});

conformance('what the container writes into a bind mount is in the source', (t, box) => {
  const file = box.file('source', '');
  const bundle = box.bundle(
    (c) => void (c.process.args = ['/probe', 'hold', '/etc/file']),
    mounting({ destination: '/etc/file', type: 'bind', source: file, options: ['bind'] }),
  );
  box.must(['create', '--bundle', bundle, box.id()]);
  box.must(['start', box.id()]);
  for (let i = 0; i < 100 && readFileSync(file, 'utf8') === ''; i++) box.state();
  t.equal(readFileSync(file, 'utf8'), 'ready\n');
});

for (const kind of ['bind', 'none', '', undefined])
  conformance(`a bind mount is one by its option, whatever its type: ${kind ?? 'absent'}`, (t, box) => {
    const source = box.file('source', 'hello');
    const bind = { destination: '/etc/file', source, options: ['bind', 'nodev'] };
    const report = box.report([
      probing('report', '/etc/file'),
      mounting(kind === undefined ? bind : { ...bind, type: kind }),
    ]);
    t.equal(report.paths['/etc/file']?.text, 'hello');
    t.ok(mountAt(report, '/etc/file')?.options.includes('nodev'));
  });

conformance('bind takes the mount alone, rbind those below as well', (t, box) => {
  box.mount('source', '-t', 'tmpfs', 'top');
  box.mount('source/below', '-t', 'tmpfs', 'below');
  const source = box.path('source');
  const report = box.report([
    mounting({ destination: '/tmp', source, options: ['bind'] }, { destination: '/etc', source, options: ['rbind'] }),
  ]);
  t.equal(mountAt(report, '/tmp/below'), undefined);
  t.equal(mountAt(report, '/etc/below')?.source, 'below');
});

conformance('a relative source counts from the bundle', (t, box) => {
  box.file('bundle/data/file', 'hello');
  const edits = ['data/file', './data/../data/file'].map((source, i) =>
    mounting({ destination: `/etc/file${i}`, type: 'bind', source, options: ['bind'] }),
  );
  const { paths } = box.report([probing('report', '/etc/file0', '/etc/file1'), ...edits], { cwd: '/usr' });
  t.match([paths['/etc/file0']?.text, paths['/etc/file1']?.text], ['hello', 'hello']);
});

conformance('a source that is a symbolic link is followed on the host', (t, box) => {
  box.file('real/file', 'hello');
  symlinkSync('real', box.path('directory'));
  symlinkSync('real/file', box.path('file'));
  const { paths } = box.report([
    probing('report', '/tmp/file', '/etc/file'),
    binding(box.path('directory'), '/tmp'),
    binding(box.path('file'), '/etc/file'),
  ]);
  t.match([paths['/tmp/file']?.text, paths['/etc/file']], ['hello', { kind: 'file', text: 'hello' }]);
});

conformance('targets that are missing are made with their parents', (t, box) => {
  mkdirSync(box.path('directory'));
  const report = box.report([
    probing('report', '/a', '/a/b', '/a/b/directory', '/c/d/file'),
    binding(box.path('directory'), '/a/b/directory'),
    binding(box.file('file', 'hello'), '/c/d/file'),
  ]);
  for (const path of ['/a', '/a/b']) t.match(report.paths[path], { kind: 'directory', mode: 0o755, uid: 0, gid: 0 });
  t.ok(mountAt(report, '/a/b/directory'));
  t.equal(report.paths['/c/d/file']?.text, 'hello');
  t.ok(statSync(box.path('bundle/rootfs/a/b/directory')).isDirectory());
  t.equal(statSync(box.path('bundle/rootfs/c/d/file')).size, 0, 'the file in the root filesystem is empty');
});

conformance('a target below another mount is made there', (t, box) => {
  const report = box.report([
    probing('report', '/tmp/deep/file'),
    mounting({ destination: '/tmp', type: 'tmpfs', source: 'tmpfs' }),
    binding(box.file('file', 'hello'), '/tmp/deep/file'),
  ]);
  t.equal(report.paths['/tmp/deep/file']?.text, 'hello');
  t.throws(() => statSync(box.path('bundle/rootfs/tmp/deep')), { code: 'ENOENT' });
});

conformance('a target that is a symbolic link leads to a place inside the root', (t, box) => {
  const outside = mkdtempSync(box.path('outside-'));
  symlinkSync(outside, `${box.rootfs()}/absolute`);
  symlinkSync('../../../../../../../../etc', `${box.rootfs()}/dots`);
  const report = box.report([
    probing('report', `${outside}/file`, '/etc/file'),
    binding(box.file('file', 'hello'), '/absolute/file'),
    binding(box.path('file'), '/dots/file'),
    writableRoot,
  ]);
  t.equal(report.paths[`${outside}/file`]?.text, 'hello', 'the same path, in the root filesystem');
  t.equal(report.paths['/etc/file']?.text, 'hello');
  t.throws(() => statSync(`${outside}/file`), { code: 'ENOENT' }, 'nothing is made outside');
});

conformance('a relative destination counts from the root', (t, box) => {
  const report = box.report([probing('report', '/etc/file'), binding(box.file('file', 'hello'), 'etc/file')]);
  t.equal(report.paths['/etc/file']?.text, 'hello');
});

conformance('a bind mount without flags has those of its source', (t, box) => {
  const source = box.mount('source', '-t', 'tmpfs', '-o', 'nosuid,nodev,noexec,noatime', 'tmpfs');
  const { options } = mountAt(box.report([binding(source, '/tmp')]), '/tmp') ?? {};
  t.match(new Set(options), new Set(['nosuid', 'nodev', 'noexec', 'noatime']));
});

conformance('a read-only bind mount can be stacked on another path of the same source', (t, box) => {
  const source = box.path('source');
  box.file('source/file', 'hello');
  const { paths } = box.report([
    probing('report', '/tmp/file', '/etc/file'),
    binding(source, '/tmp', 'ro'),
    binding(source, '/etc'),
  ]);
  t.match([paths['/tmp/file']?.write, paths['/etc/file']?.write], ['EROFS', 'yes']);
});

conformance('a source that was removed and made anew between two creates is the new one', (t, box) => {
  const source = box.file('source', 'old');
  const edits = [probing('report', '/etc/file'), binding(source, '/etc/file')];
  linkSync(source, box.path('kept'));
  t.equal(box.report(edits).paths['/etc/file']?.text, 'old');
  rmSync(source);
  box.file('source', 'new');
  t.equal(box.report(edits).paths['/etc/file']?.text, 'new');
});

conformance('more than 250 bind mounts are no problem', (t, box) => {
  const count = 300;
  for (let i = 0; i < count; i++) box.file(`source/${i}`, `text ${i}`);
  const all = Array.from({ length: count }, (_, i) => binding(box.path(`source/${i}`), `/tmp/${i}`, 'ro'));
  const report = box.report([probing('report', '/tmp/0', '/tmp/299'), ...all]);
  t.equal(mountsOf(report).filter((m) => m.target.startsWith('/tmp/')).length, count);
  t.match([report.paths['/tmp/0'], report.paths['/tmp/299']], [{ text: 'text 0' }, { text: 'text 299' }]);
});

conformance('a source that is missing is refused by its name', (t, box) => {
  const edits = [binding(box.path('nothing'), '/tmp')];
  refuses(t, box, edits, {
    says: new RegExp(`${box.path('nothing')}.*no such file or directory`, 'i'),
    pointer: '/mounts/7/source',
  });
});

conformance('a directory is not bound over a file', (t, box) => {
  mkdirSync(box.path('directory'));
  const edits = [binding(box.path('directory'), '/probe')];
  refuses(t, box, edits, { says: /\/probe.*not a directory/i, pointer: '/mounts/7' });
});

conformance('a file is not bound over a directory', (t, box) => {
  refuses(t, box, [binding(box.file('file'), '/etc')], { says: /\/etc.*not a directory/i, pointer: '/mounts/7' });
});

conformance('an option that no bind mount knows is refused', (t, box) => {
  const edits = [binding(box.file('file'), `/etc/${basename('file')}`, 'size=4k')];
  refuses(t, box, edits, { says: /bind mounts? cannot have any filesystem-specific options|size=4k/ });
});
