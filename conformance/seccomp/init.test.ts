import { existsSync } from 'node:fs';
import { conformance } from '../lib/conformance.ts';
import type { Edit } from '../lib/config.ts';
import { allowing, dockerProfile, filtering, privileges, type Profile } from './profile.ts';

const isX86 = process.arch === 'x64' ? false : 'the numbers of system calls are those of x86-64';
const scope = { unless: isX86 } as const;

const user: Edit = (c) => void (c.process.user = { uid: 1000, gid: 1000 });

/** Docker's profile without these names. */
function without(...gone: string[]): Profile {
  const profile = dockerProfile();
  const rules = (profile.syscalls ?? []).map((rule) => ({
    ...rule,
    names: rule.names.filter((name) => !gone.includes(name)),
  }));
  return { ...profile, syscalls: rules.filter(({ names }) => names.length > 0) };
}

/** What init could call behind the filter and runc does not need. */
const dispensable = ['sendmsg', 'recvmsg', 'close_range', 'faccessat2', 'openat2', 'fcntl', 'poll', 'umask', 'writev'];

for (const names of [...dispensable.map((name) => [name]), dispensable])
  conformance(
    `a profile without ${names.length > 1 ? 'all of them' : String(names[0])} is no hindrance to init`,
    (t, box) => {
      const bundle = box.bundle(filtering(without(...names)), privileges(false), user, (c) => {
        c.process.args = ['probe', 'write', 'here'];
        c.process.env = ['PATH=/nowhere:/'];
        c.process.cwd = '/tmp';
      });
      t.equal(box.must(['run', '--bundle', bundle, box.id()]).stdout, 'here');
      const created = box.id('created');
      box.must(['create', '--bundle', bundle, created]);
      const number = box.calls;
      box.must(['start', created]);
      t.ok(box.reaches('stopped', created));
      t.equal(box.output(number), 'here');
    },
    scope,
  );

const appending = (name: string, index: number) => ({
  names: [name],
  action: 'SCMP_ACT_ERRNO',
  args: [{ index, op: 'SCMP_CMP_MASKED_EQ', value: 0o2000, valueTwo: 0o2000 }],
});

/** Files cannot be opened for appending. */
const noAppending: Edit = allowing(appending('open', 1), appending('openat', 2));

for (const noNewPrivileges of [true, false])
  conformance(
    `startContainer hooks run under the filter, noNewPrivileges ${noNewPrivileges}`,
    (t, box) => {
      const hook = { path: '/probe', args: ['probe', 'hook', '/tmp/calls', 'startContainer'] };
      const running = (name: string, filter: Edit): string => {
        const bundle = box.bundle(filter, privileges(noNewPrivileges), (c) => {
          c.root.readonly = false;
          c.hooks = { startContainer: [hook] };
          c.process.args = ['/probe', 'write', 'here'];
        });
        const { stdout, stderr } = box.call(['run', '--bundle', bundle, box.id(name)]);
        return stdout + stderr;
      };
      const calls = box.path('bundle/rootfs/tmp/calls');
      running('refused', noAppending);
      t.notOk(existsSync(calls), 'the hook could not write');
      t.equal(running('docker', filtering(dockerProfile())), 'here', 'a hook works under Docker’s profile');
      t.ok(existsSync(calls));
    },
    scope,
  );

/** What a rule does to init, and what is said of that. */
const harmful: readonly [call: string, action: string, noNewPrivileges: boolean, said: RegExp][] = [
  [
    'capset',
    'KILL_PROCESS',
    false,
    /config\.json:\d+:\d+ \/linux\/seccomp: init ended by signal 31 .*linux\.seccomp kills/,
  ],
  ['capset', 'ERRNO', false, /set capabilities: operation not permitted .*in force for init.*process\.noNewPrivileges/],
  ['execve', 'ERRNO', false, /without CAP_DAC_OVERRIDE; .*has refused it .*seccomp explain/],
  ['execve', 'ERRNO', true, /operation not permitted.*linux\.seccomp is in force by then: `ocirun seccomp explain`/],
];

for (const [call, action, noNewPrivileges, said] of harmful)
  conformance(
    `init is told of as what its own filter has done to it: ${call} ${action}, noNewPrivileges ${noNewPrivileges}`,
    (t, box) => {
      const rules = allowing({ names: [call], action: `SCMP_ACT_${action}` });
      const bundle = box.bundle(rules, privileges(noNewPrivileges));
      t.match(box.call(['run', '--bundle', bundle, box.id('run')]).stderr, said);
      const created = box.call(['create', '--bundle', bundle, box.id()]);
      t.match(created.status === 0 ? box.call(['start', box.id()]).stderr : created.stderr, said);
    },
    { ...scope, only: 'ocirun' },
  );
