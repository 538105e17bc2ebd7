import { execFileSync, spawn } from 'node:child_process';
import { readlinkSync, writeFileSync } from 'node:fs';
import { conformance } from '../lib/conformance.ts';
import { namespace, probing, type Edit } from '../lib/config.ts';
import { refuses } from '../lib/refused.ts';
import { mountAt, type Report } from '../lib/report.ts';
import { flavour } from '../lib/runtime.ts';
import type { Sandbox } from '../lib/sandbox.ts';
import { until } from '../lib/wait.ts';

const gone = <T>(read: () => T): T | undefined => {
  try {
    return read();
  } catch {
    return undefined;
  }
};

/** What unshare(1) and /proc/PID/ns call the types. */
const names = {
  pid: 'pid',
  network: 'net',
  ipc: 'ipc',
  uts: 'uts',
  cgroup: 'cgroup',
  user: 'user',
  mount: 'mnt',
} as const;

type Type = keyof typeof names;

/** A process of ours in new namespaces of these types; its pid. */
const holder = (box: Sandbox, ...types: Type[]): number => {
  const flags = types.map((type) => (type === 'network' ? '--net' : `--${type}`));
  const child = spawn('unshare', [...flags, '--fork', '--kill-child', 'sleep', '300'], { stdio: 'ignore' });
  box.undo(() => {
    child.kill('SIGKILL');
    until(() => gone(() => readlinkSync(`/proc/${child.pid}/exe`)) === undefined);
  });
  const path = (type: Type) => `/proc/${child.pid}/ns/${type === 'pid' ? 'pid_for_children' : names[type]}`;
  const other = (type: Type) => {
    const link = gone(() => readlinkSync(path(type)));
    return link !== undefined && link !== readlinkSync(`/proc/self/ns/${names[type]}`);
  };
  if (!until(() => types.every(other))) throw new Error('no new namespaces');
  return child.pid ?? 0;
};

for (const type of ['network', 'ipc', 'uts', 'cgroup'] as const)
  conformance(`a ${type} namespace can be joined`, (t, box) => {
    const path = `/proc/${holder(box, type)}/ns/${names[type]}`;
    const report = box.report([namespace(type, path), (c) => void (type === 'uts' && delete c.hostname)]);
    t.equal(report.namespaces[names[type]], readlinkSync(path));
    for (const other of ['pid', 'mnt']) t.not(report.namespaces[other], readlinkSync(`/proc/self/ns/${other}`), other);
  });

conformance('the pid namespace of another container can be joined', (t, box) => {
  const pid = box.startReady();
  const path = `/proc/${pid}/ns/pid`;
  const bundle = box.bundle(namespace('pid', path));
  const report = JSON.parse(box.must(['run', '--bundle', bundle, box.id('b')]).stdout) as Report;
  t.equal(report.namespaces['pid'], readlinkSync(path));
  t.ok(report.pid > 1);
  t.ok(report.processes.includes(1), 'the other container’s process is seen');
});

conformance('all of another container’s namespaces but mount can be joined', (t, box) => {
  const pid = box.startReady();
  const types = ['network', 'ipc', 'uts', 'pid'] as const;
  const edits = types.map((type) => namespace(type, `/proc/${pid}/ns/${names[type]}`));
  const bundle = box.bundle(...edits, (c) => void delete c.hostname);
  const report = JSON.parse(box.must(['run', '--bundle', bundle, box.id('b')]).stdout) as Report;
  for (const type of types)
    t.equal(report.namespaces[names[type]], readlinkSync(`/proc/${pid}/ns/${names[type]}`), type);
});

conformance('a mount namespace can be joined, and the root is made in it', (t, box) => {
  const bundle = box.path('bundle');
  const pid = holder(box, 'mount');
  const report = box.report([namespace('mount', `/proc/${pid}/ns/mnt`), probing('report', '/probe')]);
  t.equal(report.namespaces['mnt'], readlinkSync(`/proc/${pid}/ns/mnt`));
  t.equal(mountAt(report, '/')?.root, `${bundle}/rootfs`);
});

// Where this is not refused, the machine has the container's root from then on.
for (const path of ['/proc/self/ns/mnt', '/proc/1/ns/mnt'])
  conformance(
    `the runtime’s own mount namespace is refused: ${path}`,
    (t, box) => {
      const edit: Edit = (c) => {
        c.linux.namespaces = [{ type: 'mount', path }, ...c.linux.namespaces.filter((n) => n.type !== 'mount')];
      };
      refuses(t, box, [edit], { says: /own mount namespace/, pointer: '/linux/namespaces/0/path' });
    },
    { only: 'ocirun' },
  );

conformance('a namespace file that is bound elsewhere can be joined', (t, box) => {
  const pid = holder(box, 'ipc');
  box.mount('private', '-t', 'tmpfs', '--make-private', 'tmpfs');
  const file = box.path('private/namespace');
  writeFileSync(file, '');
  const link = readlinkSync(`/proc/${pid}/ns/ipc`);
  execFileSync('mount', ['--bind', `/proc/${pid}/ns/ipc`, file]);
  box.undo(() => execFileSync('umount', [file]));
  t.equal(box.report([namespace('ipc', file)]).namespaces['ipc'], link);
});

conformance('the runtime’s own namespace can be given by path', (t, box) => {
  const report = box.report([namespace('ipc', '/proc/self/ns/ipc')]);
  t.equal(report.namespaces['ipc'], readlinkSync('/proc/self/ns/ipc'));
});

conformance('the loopback interface of a joined network namespace is left as it is', (t, box) => {
  const report = box.report([namespace('network', `/proc/${holder(box, 'network')}/ns/net`)]);
  t.equal(report.interfaces['lo'], false);
});

conformance('the hostname of a joined uts namespace is set where the config has one', (t, box) => {
  const path = `/proc/${holder(box, 'uts')}/ns/uts`;
  t.equal(box.report([namespace('uts', path), (c) => void (c.hostname = 'joined')]).hostname, 'joined');
  t.equal(box.report([namespace('uts', path), (c) => void delete c.hostname]).hostname, 'joined', 'and left where not');
});

conformance('joined namespaces outlive the container', (t, box) => {
  const path = `/proc/${holder(box, 'network')}/ns/net`;
  const first = box.report([namespace('network', path)]);
  const second = box.report([namespace('network', path)]);
  t.equal(first.namespaces['net'], second.namespaces['net']);
});

/** runc’s first stage says why on standard error only. */
const says = /namespace|child's PID from pipe/;

for (const [type, of] of [
  ['network', 'uts'],
  ['uts', 'ipc'],
  ['ipc', 'mnt'],
  ['pid', 'net'],
  ['mount', 'pid'],
  ['cgroup', 'user'],
] as const)
  conformance(`a file of a ${of} namespace is refused as a ${type} namespace`, (t, box) => {
    const edit: Edit = (c) => {
      c.linux.namespaces = [
        { type, path: `/proc/self/ns/${of}` },
        ...c.linux.namespaces.filter((n) => n.type !== type),
      ];
    };
    refuses(t, box, [edit], { says, pointer: '/linux/namespaces/0/path' });
  });

for (const [title, make] of [
  ['is missing', (box: Sandbox) => box.path('nothing')],
  ['is an ordinary file', (box: Sandbox) => box.file('file')],
  ['is a directory', (box: Sandbox) => box.directory],
  ['is of a process that is gone', () => '/proc/4194304/ns/ipc'],
] as const)
  conformance(`a namespace path that ${title} is refused`, (t, box) => {
    const path = make(box);
    const edit: Edit = (c) => {
      c.linux.namespaces = [{ type: 'ipc', path }, ...c.linux.namespaces.filter((n) => n.type !== 'ipc')];
    };
    refuses(t, box, [edit], {
      says: flavour === 'runc' ? says : new RegExp(path),
      pointer: '/linux/namespaces/0/path',
    });
  });

for (const [title, list] of [
  ['an unknown type', [{ type: 'mount' }, { type: 'planet' }]],
  ['a type that is there twice', [{ type: 'mount' }, { type: 'ipc' }, { type: 'ipc' }]],
  ['a relative path', [{ type: 'mount' }, { type: 'ipc', path: 'self/ns/ipc' }]],
] as const)
  conformance(`${title} is refused`, (t, box) => {
    const edit: Edit = (c) => {
      c.linux.namespaces = list.map((entry) => ({ ...entry }));
      delete c.hostname;
    };
    refuses(t, box, [edit], { says: /namespace|duplicated ns|absolute|no such file/i });
  });
