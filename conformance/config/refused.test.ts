import { conformance } from '../lib/conformance.ts';
import type { Edit } from '../lib/config.ts';

/** What this version does nothing with yet must be refused: to ignore it would make another container than asked for. */
const notYet: readonly (readonly [string, Edit])[] = [
  ['/process/terminal', (c) => void (c.process.terminal = true)],
  ['/process/apparmorProfile', (c) => void (c.process['apparmorProfile'] = 'x')],
  ['/process/selinuxLabel', (c) => void (c.process['selinuxLabel'] = 'x')],
  ['/linux/netDevices', (c) => void (c.linux['netDevices'] = { eth0: { name: 'eth1' } })],
  ['/linux/intelRdt', (c) => void (c.linux['intelRdt'] = { closID: 'x' })],
  ['/linux/mountLabel', (c) => void (c.linux['mountLabel'] = 'x')],
];

interface Line {
  readonly level: string;
  readonly msg: string;
  readonly code?: string;
  readonly pointer?: string;
}

const lastLine = (text: string): Line => JSON.parse(text.trimEnd().split('\n').at(-1) ?? '') as Line;

for (const [pointer, edit] of notYet)
  conformance(
    `${pointer} is refused as not supported yet`,
    (t, box) => {
      const bundle = box.bundle(edit);
      const result = box.call(['--log-format', 'json', 'create', '--bundle', bundle, box.id()]);
      t.equal(result.status, 1);
      t.match(lastLine(result.stderr), { level: 'error', code: 'E_NOT_SUPPORTED_YET', pointer });
      t.strictSame(box.ids(), [], 'nothing is made');
    },
    { only: 'ocirun' },
  );

conformance(
  'an empty field asks for nothing and is no reason to refuse',
  (t, box) => {
    const bundle = box.bundle((c) => {
      c['hooks'] = { prestart: [], poststop: [] };
      c.linux['sysctl'] = {};
      c.linux['devices'] = [];
      c.process['apparmorProfile'] = '';
      c.process.args = ['/probe', 'exit', '0'];
    });
    t.equal(box.call(['run', '--bundle', bundle, box.id()]).status, 0);
  },
  { only: 'ocirun' },
);

const wrong: readonly (readonly [string, Edit])[] = [
  ['/process/cwd', (c) => void (c.process.cwd = 'relative')],
  ['/process/env/0', (c) => void (c.process.env = ['NOVALUE'])],
  ['/process/args', (c) => void (c.process.args = [])],
  ['/linux/namespaces/1', (c) => void (c.linux.namespaces = [{ type: 'mount' }, { type: 'mount' }])],
  ['/process/rlimits/0/type', (c) => void (c.process.rlimits = [{ type: 'RLIMIT_X', soft: 1, hard: 1 }])],
  ['/process/scheduler/priority', (c) => void (c.process['scheduler'] = { policy: 'SCHED_BATCH', priority: 1 })],
  ['/process/ioPriority/priority', (c) => void (c.process['ioPriority'] = { class: 'IOPRIO_CLASS_BE', priority: 8 })],
  ['/process/oomScoreAdj', (c) => void (c.process['oomScoreAdj'] = 1001)],
  ['/hooks/prestart/0/path', (c) => void (c['hooks'] = { prestart: [{ path: 'bin/true' }] })],
  ['/linux/sysctl/vm.swappiness', (c) => void (c.linux['sysctl'] = { 'vm.swappiness': '1' })],
  ['/linux/timeOffsets', (c) => void (c.linux['timeOffsets'] = { monotonic: { secs: 1 } })],
  ['/linux/uidMappings', (c) => void (c.linux['uidMappings'] = [{ containerID: 0, hostID: 0, size: 1 }])],
  ['/linux/memoryPolicy/nodes', (c) => void (c.linux['memoryPolicy'] = { mode: 'MPOL_BIND' })],
  ['/linux/namespaces/0/path', (c) => void (c.linux.namespaces[0] = { type: 'pid', path: 'ns/pid' })],
];

for (const [pointer, edit] of wrong)
  conformance(
    `${pointer} that is wrong is refused by line and column`,
    (t, box) => {
      const result = box.call(['--log-format', 'json', 'create', '--bundle', box.bundle(edit), box.id()]);
      t.equal(result.status, 1);
      const line = lastLine(result.stderr);
      t.match(line, { level: 'error', code: /^E_CONFIG_(SCHEMA|RULE)$/ });
      t.ok(line.pointer?.startsWith(pointer.replace(/\/type$/, '')), `pointer ${line.pointer}`);
      t.match(line.msg, /config\.json:\d+:\d+/);
      t.strictSame(box.ids(), []);
    },
    { only: 'ocirun' },
  );

conformance('unknown fields are ignored, as the specification says', (t, box) => {
  const bundle = box.bundle((c) => {
    c['org.example'] = { anything: true };
    c.process.args = ['/probe', 'exit', '0'];
  });
  t.equal(box.call(['run', '--bundle', bundle, box.id()]).status, 0);
});
