import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { conformance } from '../lib/conformance.ts';
import { flavour } from '../lib/runtime.ts';
import type { Config } from '../lib/config.ts';

conformance('spec writes config.json into the current directory', (t, box) => {
  mkdirSync(box.path('new'));
  t.equal(box.must(['spec'], { cwd: box.path('new') }).stdout, '');
  const text = readFileSync(box.path('new/config.json'), 'utf8');
  t.equal(text, JSON.stringify(JSON.parse(text), null, '\t'), 'indented by tabs');
});

conformance('spec writes into the bundle it is told', (t, box) => {
  mkdirSync(box.path('new'));
  box.must(['spec', '--bundle', box.path('new')]);
  mkdirSync(box.path('short'));
  box.must(['spec', '-b', box.path('short')]);
  t.equal(readFileSync(box.path('new/config.json'), 'utf8'), readFileSync(box.path('short/config.json'), 'utf8'));
});

conformance('spec refuses to overwrite', (t, box) => {
  mkdirSync(box.path('new'));
  box.must(['spec', '--bundle', box.path('new')]);
  const result = box.call(['spec', '--bundle', box.path('new')]);
  t.equal(result.status, 1);
  t.match(result.stderr, 'File config.json exists. Remove it first');
});

conformance('spec proposes what runc proposes', (t, box) => {
  mkdirSync(box.path('new'));
  box.must(['spec', '--bundle', box.path('new')]);
  const config = JSON.parse(readFileSync(box.path('new/config.json'), 'utf8')) as Config;
  t.equal(config.process.terminal, true);
  t.strictSame(config.process.args, ['sh']);
  t.strictSame(config.process.env, ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'TERM=xterm']);
  t.equal(config.process.cwd, '/');
  t.equal(config.process.noNewPrivileges, true);
  t.strictSame(config.process.rlimits, [{ type: 'RLIMIT_NOFILE', hard: 1024, soft: 1024 }]);
  for (const set of ['bounding', 'effective', 'permitted'])
    t.strictSame(config.process.capabilities[set], ['CAP_AUDIT_WRITE', 'CAP_KILL', 'CAP_NET_BIND_SERVICE']);
  t.strictSame(config.root, { path: 'rootfs', readonly: true });
  t.equal(config.hostname, flavour);
  t.strictSame(
    config.mounts.map((m) => m.destination),
    ['/proc', '/dev', '/dev/pts', '/dev/shm', '/dev/mqueue', '/sys', '/sys/fs/cgroup'],
  );
  const namespaces = config.linux.namespaces.map((n) => n.type).filter((type) => type !== 'cgroup');
  t.strictSame(namespaces, ['pid', 'network', 'ipc', 'uts', 'mount']);
});

/** What newer versions of runc write otherwise than the one of this machine, whatever that is. */
const vary = (config: Config) => {
  const { ociVersion: _version, hostname: _hostname, ...rest } = config;
  const { ambient: _ambient, ...capabilities } = config.process.capabilities; // gone since runc 1.2
  const masked = config.linux.maskedPaths?.filter((p) => !/^\/proc\/interrupts|^\/sys\/devices\//.test(p)); // added later
  const namespaces = config.linux.namespaces.filter((n) => n.type !== 'cgroup'); // with pure cgroup v2 only
  return {
    ...rest,
    process: { ...config.process, capabilities },
    linux: { ...config.linux, maskedPaths: new Set(masked), namespaces },
  };
};

conformance(
  'spec is the document of the runc of this machine',
  (t, box) => {
    for (const name of ['ours', 'theirs']) mkdirSync(box.path(name));
    box.must(['spec', '--bundle', box.path('ours')]);
    execFileSync('runc', ['spec', '--bundle', box.path('theirs')]);
    const [a, b] = ['ours', 'theirs'].map((name) =>
      vary(JSON.parse(readFileSync(box.path(`${name}/config.json`), 'utf8')) as Config),
    );
    t.strictSame(a, b);
  },
  { only: 'ocirun' },
);
