import { conformance } from '../lib/conformance.ts';
import { type Edit, binding, namespace, probing } from '../lib/config.ts';

interface Told {
  readonly severity: string;
  readonly code: string;
  readonly pointer: string;
}

/** What `validate --host` says cannot be done here, and `create` cannot do. */
const impossible: readonly (readonly [title: string, pointer: string, edit: Edit])[] = [
  ['a bind source that is missing', '/mounts/7/source', binding('/nonexistent/ocirun-test', '/mnt')],
  ['a bind source below a file', '/mounts/7/source', binding('/proc/version/nothing', '/mnt')],
  [
    'a namespace of another kind',
    '/linux/namespaces/0/path',
    (c) => void (c.linux.namespaces[0] = { type: 'pid', path: '/proc/self/ns/uts' }),
  ],
  [
    'a namespace that is a file',
    '/linux/namespaces/0/path',
    (c) => void (c.linux.namespaces[0] = { type: 'pid', path: '/proc/version' }),
  ],
  [
    'a namespace that is missing',
    '/linux/namespaces/0/path',
    (c) => void (c.linux.namespaces[0] = { type: 'pid', path: '/nonexistent/ocirun-test' }),
  ],
  [
    'a limit above what the kernel has',
    '/process/rlimits/0/hard',
    (c) => void (c.process['rlimits'] = [{ type: 'RLIMIT_NOFILE', soft: 1, hard: 9007199254740991 }]),
  ],
  [
    'a hook that is no program',
    '/hooks/createRuntime/0/path',
    (c) => void (c['hooks'] = { createRuntime: [{ path: '/etc/passwd' }] }),
  ],
  ['a root filesystem that is missing', '/root/path', (c) => void (c.root.path = 'nonexistent')],
  [
    'a clock before zero',
    '/linux/timeOffsets/boottime/secs',
    (c) => {
      namespace('time')(c);
      c.linux['timeOffsets'] = { boottime: { secs: -1000000000 } };
    },
  ],
  [
    'a memory node that there is not',
    '/linux/memoryPolicy/nodes',
    (c) => void (c.linux['memoryPolicy'] = { mode: 'MPOL_BIND', nodes: '1000' }),
  ],
];

for (const [title, pointer, edit] of impossible)
  conformance(
    `validate --host tells of ${title}, which create cannot do`,
    (t, box) => {
      const bundle = box.bundle(probing('exit', '0'), edit);
      const result = box.call(['validate', '--host', '--format', 'json', bundle]);
      t.equal(result.status, 1);
      const { findings } = JSON.parse(result.stdout) as { findings: readonly Told[] };
      t.match(
        findings.filter(({ severity }) => severity === 'error'),
        [{ code: 'E_HOST', pointer }],
      );
      t.not(box.call(['create', '--bundle', bundle, box.id()]).status, 0);
      t.strictSame(box.ids(), [], 'nothing is made');
    },
    { only: 'ocirun' },
  );

conformance(
  'validate --host has nothing against what runs',
  (t, box) => {
    const bundle = box.bundle(probing('exit', '0'), namespace('time'));
    t.match(box.must(['validate', '--host', bundle]).stdout, /: (nothing is wrong|0 errors, .*)\n$/);
    t.equal(box.call(['run', '--bundle', bundle, box.id()]).status, 0);
  },
  { only: 'ocirun' },
);
