import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { conformance } from '../lib/conformance.ts';
import { probing } from '../lib/config.ts';
import { isStandalone } from '../lib/runtime.ts';
import { until } from '../lib/wait.ts';

const through = (script: string): string[] => [
  'python3',
  '-c',
  `import os, signal, sys\n${script}\nos.execvp(sys.argv[1], sys.argv[1:])`,
];
const ours = { only: 'ocirun' } as const;
const binary = {
  only: 'ocirun',
  unless: isStandalone ? false : 'Node opens its own standard streams and marks descriptors',
} as const;

conformance('a container of an ordinary user is created and started', (t, box) => {
  const user = { uid: 1000, gid: 1001, additionalGids: [7] };
  box.must([
    'create',
    '--bundle',
    box.bundle(probing('write', 'hello'), (c) => void (c.process.user = user)),
    box.id(),
  ]);
  box.must(['start', box.id()]);
  t.ok(until(() => box.output(1).endsWith('hello')));
});

conformance('a working directory that only root may enter will do for an ordinary user', (t, box) => {
  const bundle = box.bundle(probing('exit', '7'), (c) => {
    c.process.user = { uid: 1000, gid: 1000 };
    c.process.cwd = '/private';
  });
  mkdirSync(`${bundle}/rootfs/private`, { mode: 0o700 });
  t.equal(box.call(['run', '--bundle', bundle, box.id()]).status, 7);
});

conformance('annotations of a megabyte do not hide a container', (t, box) => {
  const annotations = { long: 'x'.repeat(1_100_000) };
  box.must(['create', '--bundle', box.bundle((c) => void Object.assign(c, { annotations })), box.id()]);
  t.equal(box.state()?.['status'], 'created');
  box.must(['delete', '--force', box.id()]);
  t.strictSame(box.ids(), []);
});

conformance('run of a caller that ignores SIGCHLD gives back the exit status', (t, box) => {
  const ignoring = through('signal.signal(signal.SIGCHLD, signal.SIG_IGN)');
  const result = box.call(['run', '--bundle', box.bundle(probing('exit', '5')), box.id()], { through: ignoring });
  t.equal(result.status, 5);
  t.strictSame(box.ids(), []);
});

conformance(
  'a caller without standard streams gets a container with null devices',
  (t, box) => {
    const closing = through('for fd in range(3): os.close(fd)');
    box.must(['create', '--bundle', box.bundle((c) => void (c.process.args = ['/probe', 'sleep'])), box.id()], {
      through: closing,
    });
    const pid = Number(box.state()?.['pid']);
    t.match(readFileSync(`/proc/${pid}/fdinfo/0`, 'utf8'), /flags:\s+0?\d+2$/m);
    box.must(['start', box.id()]);
    t.equal(box.state()?.['status'], 'running');
  },
  binary,
);

conformance(
  'our own descriptors are not the ones that a caller may preserve',
  (t, box) => {
    const log = box.path('log');
    const closing = through('os.closerange(3, 20)');
    const bundle = box.bundle(probing('exit', '0'));
    const args = ['--log', log, '--root', box.root, 'run', '--preserve-fds', '1', '--bundle', bundle, box.id()];
    const result = box.plain(args, { through: closing });
    t.equal(result.status, 1);
    t.match(result.stderr, /bad file descriptor/);
  },
  binary,
);

conformance(
  'a log that cannot be written hides no error and fails nothing',
  (t, box) => {
    const missing = box.plain(['--log', '/dev/full', '--root', box.root, 'state', box.id()]);
    t.match(missing.stderr, 'container does not exist');
  },
  ours,
);

conformance(
  'a pid file that cannot be put in its place leaves nothing',
  (t, box) => {
    mkdirSync(box.path('taken/inside'), { recursive: true });
    const create = ['create', '--pid-file', box.path('taken'), '--bundle', box.bundle(), box.id()];
    for (let round = 0; round < 2; round += 1) {
      const result = box.call(create);
      t.equal(result.status, 1);
      t.match(result.stderr, /directory/);
    }
    t.notOk(existsSync(box.path('.taken')));
    t.strictSame(box.ids(), []);
  },
  ours,
);

conformance(
  'a state of another format is refused, not thrown away',
  (t, box) => {
    mkdirSync(`${box.root}/${box.id()}`, { recursive: true });
    for (const text of ['{"version":2}', 'null', '{']) {
      writeFileSync(`${box.root}/${box.id()}/state.json`, text);
      t.equal(box.call(['delete', '--force', box.id()]).status, 1, text);
      t.ok(existsSync(`${box.root}/${box.id()}/state.json`), text);
    }
    rmSync(`${box.root}/${box.id()}`, { recursive: true });
  },
  ours,
);
