import { chmodSync, chownSync, copyFileSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { probing } from '../lib/config.ts';
import { conformance } from '../lib/conformance.ts';
import { isStandalone } from '../lib/runtime.ts';
import { Outside, attacking, arm } from './outside.ts';

const native = { only: 'ocirun', unless: isStandalone ? false : 'Node takes its own options' } as const;

/** What changes which code some program runs; every value leads to the same place outside. */
const names = [
  ...['LD_PRELOAD', 'LD_LIBRARY_PATH', 'LD_AUDIT', 'LD_DEBUG_OUTPUT', 'LD_BIND_NOT', 'GLIBC_TUNABLES', 'GCONV_PATH'],
  ...['NODE_OPTIONS', 'NODE_PATH', 'NODE_EXTRA_CA_CERTS', 'QJS_STD', 'QUICKJS_PATH', 'BASH_ENV', 'ENV', 'PYTHONPATH'],
  ...['LOCPATH', 'NLSPATH', 'TMPDIR', 'TZ', 'TZDIR', 'MALLOC_TRACE', 'HOSTALIASES', 'RESOLV_HOST_CONF', 'PATH', 'HOME'],
  ...['OCIRUN_PRELOAD', 'OCIRUN_INIT', 'OCIRUN_LIB', 'XDG_CONFIG_HOME', 'XDG_DATA_DIRS', 'XDG_CACHE_HOME'],
];

conformance(
  'no variable of the environment changes what code runs, or has a file opened',
  (t, box) => {
    const outside = new Outside(box);
    try {
      const bundle = arm(box.bundle(attacking('search', outside.text)));
      const value = (name: string) =>
        name === 'NODE_OPTIONS' ? `--require=${outside.directory}/file` : outside.directory;
      const env = Object.fromEntries(names.map((name) => [name, value(name)]));
      for (const preload of [outside.directory, `${outside.directory}/file`]) {
        const options = { env: { ...env, LD_PRELOAD: preload, NODE_PATH: preload } };
        const { result, events } = outside.watching(['run', '--bundle', bundle, box.id()], options);
        t.match(result, { status: 0, stdout: / \/proc / });
        t.notMatch(result.stderr, /preload|cannot open/);
        t.strictSame(events, []);
      }
      t.strictSame(outside.changes(), []);
    } finally {
      outside.close();
    }
  },
  native,
);

conformance(
  'every file that the runtime opens is the container’s, the kernel’s or its own',
  (t, box) => {
    const bundle = box.bundle(probing('exit', '0'));
    const file = box.path('trace');
    box.must(['run', '--bundle', bundle, box.id()], { through: ['strace', '-f', '-o', file, '-e', 'trace=%file'] });
    const opened = [...readFileSync(file, 'utf8').matchAll(/(?:open|openat|openat2|execve)\([^"]*"(\/[^"]*)"/g)];
    const allowed = new RegExp(`^(${box.directory}|/proc|/sys|/dev|/run|/probe|/etc/passwd|/$)`);
    const places = opened.map(([, path = '']) => path).filter((path) => path !== box.runtime && !allowed.test(path));
    t.strictSame(places, []);
    t.notOk(
      opened.some(([, path = '']) => path.startsWith(`${tmpdir()}/`) && !path.startsWith(box.directory)),
      'nothing of /tmp but the bundle of the test',
    );
  },
  native,
);

conformance(
  'a runtime with more privileges than its caller refuses to run',
  (t, box) => {
    const program = box.path('privileged');
    copyFileSync(box.runtime, program);
    chownSync(program, 0, 0);
    chmodSync(program, 0o4755);
    chmodSync(box.directory, 0o755);
    const through = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', program, '--version'];
    const { status, stdout, stderr } = box.plain([], { through, alone: true });
    t.not(status, 0);
    t.equal(stdout, '');
    t.match(stderr, /AT_SECURE/);
    t.match(box.plain([], { through: [program, '--version'], alone: true }), { status: 0 }, 'root has as many');
  },
  native,
);

conformance('an id that is a path is refused', (t, box) => {
  const state = readFileSync('/proc/self/mountinfo', 'utf8');
  const bundle = box.bundle(probing('exit', '0'));
  // A runtime that takes one leaves things that bear our name, and so go with it.
  for (const id of [
    '..',
    '.',
    '',
    ...['%/b', '../%-x', './%-y', '%\nb', '% b', '%:b'].map((id) => id.replace('%', box.name)),
  ])
    t.not(box.call(['create', '--bundle', bundle, id]).status, 0, `the id ${JSON.stringify(id)}`);
  t.strictSame(box.ids(), []);
  t.equal(readFileSync('/proc/self/mountinfo', 'utf8'), state);
});

conformance('a number that is none is refused', (t, box) => {
  const bundle = box.bundle(probing('exit', '0'));
  for (const number of ['1x', 'x', '1e0', '1.0', '+-1', '99999999999999999999']) {
    const { status, stderr } = box.call(['run', '--bundle', bundle, `--preserve-fds=${number}`, box.id()]);
    t.not(status, 0, number);
    t.not(stderr, '', number);
  }
});

conformance('a NUL byte in any string is refused', (t, box) => {
  const nul = '\0/tmp';
  const edits = {
    'a mount': (c: { mounts: object[] }) => c.mounts.push({ destination: `/a${nul}`, type: 'tmpfs', source: 'tmpfs' }),
    'a masked path': (c: { linux: { maskedPaths?: string[] } }) => c.linux.maskedPaths?.push(`/a${nul}`),
    'an argument': (c: { process: { args: string[] } }) => c.process.args.push(`a${nul}`),
    'the environment': (c: { process: { env: string[] } }) => c.process.env.push(`A=${nul}`),
    'the working directory': (c: { process: { cwd: string } }) => (c.process.cwd = `/${nul}`),
  };
  for (const [where, edit] of Object.entries(edits)) {
    const bundle = box.bundle(probing('exit', '0'), (config) => void edit(config));
    const { status, stderr } = box.call(['run', '--bundle', bundle, box.id()]);
    t.not(status, 0, where);
    t.not(stderr, '', where);
  }
});
