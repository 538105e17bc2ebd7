import { spawn } from 'node:child_process';
import { mkdirSync, openSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { conformance } from '../lib/conformance.ts';
import type { Edit } from '../lib/config.ts';
import { repository } from '../lib/runtime.ts';
import type { Sandbox } from '../lib/sandbox.ts';
import { until } from '../lib/wait.ts';
import { answers, filtering, privileges } from './profile.ts';

const isX86 = process.arch === 'x64' ? false : 'the numbers of system calls are those of x86-64';
const scope = { unless: isX86 } as const;
const own = { ...scope, only: 'ocirun' } as const;

const [mkdir, getpid] = [83, 39];

/** An agent (agent.c) that listens; `end` waits until it has ended, and gives its status. */
interface Agent {
  readonly socket: string;
  /** What it was told of the container. */
  told(): Told;
  end(): Promise<number | null>;
}

interface Told {
  readonly pid: number;
  readonly metadata?: string;
  readonly state: Readonly<Record<string, unknown>>;
}

function agentOf(box: Sandbox, ...mode: string[]): Agent {
  const [socket, report, output] = ['agent.sock', 'agent.json', 'agent.out'].map((name) => box.path(name)) as [
    string,
    string,
    string,
  ];
  const program = join(repository, 'build/conformance/agent');
  const child = spawn(program, [socket, report, ...mode], { stdio: ['ignore', openSync(output, 'w'), 'inherit'] });
  const ended = new Promise<number | null>((resolve) => child.once('exit', (status) => resolve(status)));
  box.undo(() => void child.kill('SIGKILL'));
  if (!until(() => readFileSync(output, 'utf8') === 'ready\n')) throw new Error('the agent does not listen');
  return { socket, told: () => JSON.parse(readFileSync(report, 'utf8')) as Told, end: () => ended };
}

const asking = (socket: string | undefined, ...names: string[]): Edit =>
  filtering({
    defaultAction: 'SCMP_ACT_ALLOW',
    ...(socket === undefined ? {} : { listenerPath: socket }),
    syscalls: [{ names, action: 'SCMP_ACT_NOTIFY' }],
  });

const metadata =
  (text: string): Edit =>
  (config) =>
    void ((config.linux['seccomp'] as { listenerMetadata?: string }).listenerMetadata = text);

for (const noNewPrivileges of [true, false])
  conformance(
    `an agent answers for the container, noNewPrivileges ${noNewPrivileges}`,
    async (t, box) => {
      const agent = agentOf(box, 'errno', '77');
      const edits = [asking(agent.socket, 'mkdir'), privileges(noNewPrivileges)];
      t.strictSame(answers(box, [`64:${mkdir}`, `64:${getpid}`], ...edits), ['E77', 'ok']);
      t.equal(await agent.end(), 0);
    },
    scope,
  );

conformance(
  'the agent is told of the container, as the specification has it',
  async (t, box) => {
    const agent = agentOf(box, 'continue');
    const annotated: Edit = (c) => void (c.annotations = { 'org.example': 'a b' });
    const sleeping: Edit = (c) => void (c.process.args = ['/probe', 'sleep']);
    const bundle = box.bundle(sleeping, annotated, asking(agent.socket, 'mkdir'), metadata('two "words"'));
    box.startReady(box.id(), bundle);
    const pid = box.state()?.['pid'];
    const { pid: told, metadata: text, state, ...rest } = agent.told();
    t.equal(told, pid);
    t.equal(text, 'two "words"');
    t.match(rest, { fds: ['seccompFd'], ociVersion: /^1\.\d+\.\d+/ });
    t.match(state, { id: box.id(), status: 'creating', pid, bundle, annotations: { 'org.example': 'a b' } });
    t.equal(state['ociVersion'], (rest as { ociVersion?: string }).ociVersion);
    box.must(['delete', '--force', box.id()]);
    t.equal(await agent.end(), 0);
  },
  scope,
);

conformance(
  'what a container opens can be put into its place',
  async (t, box) => {
    const agent = agentOf(box, 'inject', box.file('elsewhere', 'from outside\n'));
    const bundle = box.bundle(
      (c) => void (c.process.args = ['/probe', 'text', '/injected', '/probe-is-not-there']),
      asking(agent.socket, 'open', 'openat'),
    );
    box.must(['create', '--bundle', bundle, box.id()]);
    const number = box.calls;
    box.must(['start', box.id()]);
    t.ok(box.reaches('stopped'));
    t.strictSame(JSON.parse(box.output(number)), { '/injected': ['from outside'], '/probe-is-not-there': null });
    t.equal(await agent.end(), 0);
  },
  scope,
);

/** What runc's own tests ask the agent about; the runtime makes these calls, too, when the filter is on. */
const important = ['execve', 'openat', 'open', 'read', 'close'];
const ours = [
  'sendmsg',
  'recvmsg',
  'prctl',
  'capset',
  'close_range',
  'openat2',
  'fcntl',
  'rt_sigaction',
  'poll',
  'umask',
  'faccessat2',
  'fchdir',
  'getcwd',
];

for (const [whose, names, only] of [
  ['a process', important, {}],
  ['init', [...important, ...ours], { only: 'ocirun' }],
] as const)
  for (const noNewPrivileges of [true, false])
    conformance(
      `calls that ${whose} cannot do without may be asked about, noNewPrivileges ${noNewPrivileges}`,
      async (t, box) => {
        const agent = agentOf(box, 'continue');
        const edits = [asking(agent.socket, ...names), privileges(noNewPrivileges)];
        const bundle = box.bundle(
          (c) => void (c.process.args = ['probe', 'exit', '5']),
          ...edits,
          (c) => {
            c.process.env = ['PATH=/none:/'];
          },
        );
        t.equal(box.call(['run', '--bundle', bundle, box.id()]).status, 5);
        t.equal(await agent.end(), 0);
      },
      { ...scope, ...only },
    );

conformance(
  'when the agent is gone, what it was asked about does not exist',
  async (t, box) => {
    const agent = agentOf(box, 'die');
    t.strictSame(answers(box, [`64:${mkdir}`, `64:${getpid}`], asking(agent.socket, 'mkdir')), ['E38', 'ok']);
    t.equal(await agent.end(), 0);
  },
  scope,
);

/** What `create` says where it has to fail. */
function refusal(box: Sandbox, ...edits: Edit[]): string {
  const { status, stderr } = box.call(['create', '--bundle', box.bundle(...edits), box.id()]);
  return status === 0 ? 'created' : stderr;
}

conformance(
  'without an agent there is no container',
  (t, box) => {
    t.match(refusal(box, asking(box.path('nobody.sock'), 'mkdir')), 'nobody.sock');
    t.match(refusal(box, asking(box.file('no-socket'), 'mkdir')), 'no-socket');
    t.strictSame(box.ids(), []);
  },
  scope,
);

conformance(
  'an agent that does not take what it is sent gets no container',
  async (t, box) => {
    const agent = agentOf(box, 'hangup');
    const long = 'x'.repeat(1 << 21);
    t.match(refusal(box, asking(agent.socket, 'mkdir'), metadata(long)), /agent\.sock|broken pipe|reset by peer/);
    t.strictSame(box.ids(), []);
    t.equal(await agent.end(), 0);
  },
  own,
);

conformance(
  'an agent that does not read is not waited for for ever',
  (t, box) => {
    const agent = agentOf(box, 'deaf');
    const said = refusal(box, asking(agent.socket, 'mkdir'), metadata('x'.repeat(1 << 21)));
    t.match(
      said,
      /\/linux\/seccomp\/listenerPath: send the seccomp listener to the agent at .*agent\.sock: resource temp/,
    );
    t.strictSame(box.ids(), []);
  },
  own,
);

for (const name of ['read', 'close'])
  conformance(
    `an agent that ends before it has answered init for ${name} is not waited for for ever`,
    async (t, box) => {
      const agent = agentOf(box, 'die');
      const said = refusal(box, asking(agent.socket, name), privileges(false));
      t.match(said, /\/listenerPath: the seccomp agent at .*agent\.sock has not answered/);
      t.strictSame(box.ids(), []);
      t.equal(await agent.end(), 0);
    },
    own,
  );

conformance(
  'an agent is found by a path that is longer than an address',
  async (t, box) => {
    const long = box.path(`${'d'.repeat(100)}/agent.sock`);
    mkdirSync(dirname(long));
    const agent = agentOf(box, 'errno', '77');
    symlinkSync(agent.socket, long);
    t.ok(long.length > 107);
    t.strictSame(answers(box, [`64:${mkdir}`], asking(long, 'mkdir')), ['E77']);
    t.equal(await agent.end(), 0);
  },
  own,
);

conformance(
  'an agent that is not there is named, with its place in config.json',
  (t, box) => {
    const path = box.path('nobody.sock');
    t.match(
      refusal(box, asking(path, 'mkdir')),
      /config\.json:\d+:\d+ \/linux\/seccomp\/listenerPath: connect to the seccomp agent at .*nobody\.sock: no such file/,
    );
  },
  own,
);

conformance(
  'a name in the abstract namespace is looked for there, and a relative path in the bundle',
  (t, box) => {
    t.match(refusal(box, asking('@ocirun-test-nobody', 'mkdir')), 'connection refused');
    t.match(refusal(box, asking('nobody.sock', 'mkdir')), `${box.path('bundle')}/nobody.sock`);
  },
  own,
);

conformance(
  'nobody can be asked about write, about everything, or without an agent',
  (t, box) => {
    t.match(
      refusal(box, asking(box.path('nobody.sock'), 'mkdir', 'write')),
      /SCMP_ACT_NOTIFY cannot be used for the write/,
    );
    const everything = filtering({ defaultAction: 'SCMP_ACT_NOTIFY', listenerPath: box.path('nobody.sock') });
    t.match(refusal(box, everything), 'SCMP_ACT_NOTIFY cannot be used as default action');
    t.match(refusal(box, asking(undefined, 'mkdir')), 'listenerPath');
  },
  scope,
);

conformance(
  'where nobody is asked, nobody has to listen',
  (t, box) => {
    const profile = { defaultAction: 'SCMP_ACT_ALLOW', listenerPath: box.path('nobody.sock') };
    t.strictSame(answers(box, [`64:${getpid}`], filtering(profile)), ['ok']);
  },
  scope,
);

conformance(
  'an agent is waited for through deadly signals alone, where that is asked for',
  async (t, box) => {
    const agent = agentOf(box, 'errno', '5');
    const flags: Edit = (c) => {
      (c.linux['seccomp'] as { flags?: string[] }).flags = [
        'SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV',
        'SECCOMP_FILTER_FLAG_TSYNC',
        'SECCOMP_FILTER_FLAG_LOG',
      ];
    };
    t.strictSame(answers(box, [`64:${mkdir}`], asking(agent.socket, 'mkdir'), flags), ['E5']);
    t.equal(await agent.end(), 0);
  },
  own,
);
