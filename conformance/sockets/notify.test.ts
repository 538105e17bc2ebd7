import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { conformance } from '../lib/conformance.ts';
import { probing } from '../lib/config.ts';
import { mountAt } from '../lib/report.ts';
import { repository, type Result } from '../lib/runtime.ts';
import type { Sandbox } from '../lib/sandbox.ts';
import { sinceRunc } from '../lib/version.ts';
import { untilLater } from '../lib/wait.ts';

interface Message {
  readonly text: string;
  readonly descriptors: number;
}

interface Manager {
  /** To call the runtime with. */
  readonly env: NodeJS.ProcessEnv;
  readonly ended: Promise<Result>;
}

/** A service manager that waits for messages; it ends with the last one, or after some seconds. */
const manager = async (box: Sandbox, seconds = 10, last = 'MAINPID='): Promise<Manager> => {
  const socket = box.path('manager');
  const program = join(repository, 'conformance/sockets/notify.py');
  const { ended } = box.begin([], { through: ['python3', program, socket, last, String(seconds)], alone: true });
  if (!(await untilLater(() => existsSync(socket)))) throw new Error('notify.py does not listen');
  return { env: { ...process.env, NOTIFY_SOCKET: socket }, ended };
};

const messages = (result: Result): Message[] =>
  result.stdout
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => JSON.parse(line) as Message);

/** What a manager has to hear of a container that is ready. */
const expected = (pid: unknown): Message[] => [
  { text: 'READY=1\n', descriptors: 0 },
  { text: `MAINPID=${pid as number}\n`, descriptors: 0 },
];

conformance('NOTIFY_SOCKET: start hands READY on and tells the pid', async (t, box) => {
  const { env, ended } = await manager(box);
  box.must(['create', '--bundle', box.bundle(probing('notify', 'READY=1')), box.id()], { env });
  const pid = box.state()?.['pid'];
  const start = box.begin(['start', box.id()], { env });
  t.equal((await start.ended).status, 0);
  t.strictSame(messages(await ended), expected(pid));
  t.equal(box.state()?.['status'], 'running');
});

conformance(
  'NOTIFY_SOCKET: start waits until the manager has read it all',
  async (t, box) => {
    const { env, ended } = await manager(box, 10, 'BARRIER=1');
    box.must(['create', '--bundle', box.bundle(probing('notify', 'READY=1')), box.id()], { env });
    const pid = box.state()?.['pid'];
    const begun = Date.now();
    const start = box.begin(['start', box.id()], { env });
    t.equal((await start.ended).status, 0);
    t.ok(Date.now() - begun >= 400);
    t.strictSame(messages(await ended), [...expected(pid), { text: 'BARRIER=1', descriptors: 1 }]);
  },
  { unless: sinceRunc('1.2.0') },
);

conformance('NOTIFY_SOCKET: run --detach does the same', async (t, box) => {
  const { env, ended } = await manager(box);
  const run = box.begin(['run', '--detach', '--bundle', box.bundle(probing('notify', 'READY=1')), box.id()], { env });
  t.equal((await run.ended).status, 0);
  t.strictSame(messages(await ended), expected(box.state()?.['pid']));
});

conformance('NOTIFY_SOCKET: of what the container says only READY goes on', async (t, box) => {
  const { env, ended } = await manager(box);
  const words = ['STATUS=starting', 'WATCHDOG=1', 'READY=1\nSTATUS=up\nMAINPID=99'];
  const bundle = box.bundle(probing('notify', ...words));
  const run = box.begin(['run', '--detach', '--bundle', bundle, box.id()], { env });
  t.equal((await run.ended).status, 0);
  t.strictSame(messages(await ended), expected(box.state()?.['pid']));
});

conformance('NOTIFY_SOCKET: a container that is ready twice is ready once', async (t, box) => {
  const { env, ended } = await manager(box, 1, 'no message begins so');
  const bundle = box.bundle(probing('notify', 'READY=1', 'READY=1', 'READY=1'));
  const run = box.begin(['run', '--detach', '--bundle', bundle, box.id()], { env });
  t.equal((await run.ended).status, 0);
  const told = messages(await ended).filter(({ text }) => text !== 'BARRIER=1');
  t.strictSame(told, expected(box.state()?.['pid']));
});

conformance(
  'NOTIFY_SOCKET: run hands READY on once while it waits for the end',
  async (t, box) => {
    const { env, ended } = await manager(box, 1, 'no message begins so');
    const bundle = box.bundle(probing('notify', 'STATUS=starting', 'READY=1', 'READY=1'));
    const run = box.begin(['run', '--bundle', bundle, box.id()], { env });
    t.strictSame(messages(await ended), [...expected(run.process.pid), { text: 'BARRIER=1', descriptors: 1 }]);
    t.equal(run.process.exitCode, null, 'it goes on');
    box.must(['kill', box.id(), 'KILL']);
    t.equal((await run.ended).status, 137);
  },
  { only: 'ocirun' },
);

conformance('NOTIFY_SOCKET: start returns when the container ends without a word', async (t, box) => {
  const { env, ended } = await manager(box, 1);
  box.must(['create', '--bundle', box.bundle(probing('exit', '0')), box.id()], { env });
  const start = box.begin(['start', box.id()], { env });
  t.equal((await start.ended).status, 0);
  t.strictSame(messages(await ended), []);
});

conformance('NOTIFY_SOCKET: inside it is a socket that nobody can replace', async (t, box) => {
  const { env, ended } = await manager(box, 1);
  const bundle = box.bundle(probing('report', '/run/notify', '/run/notify/notify.sock'), (c) => {
    c.root.readonly = false;
  });
  const create = box.begin(['create', '--bundle', bundle, box.id()], { env });
  t.equal((await create.ended).status, 0);
  const number = box.calls;
  const start = box.begin(['start', box.id()], { env });
  t.equal((await start.ended).status, 0);
  const report = JSON.parse(box.output(number)) as Parameters<typeof mountAt>[0];
  t.ok(report.env.includes('NOTIFY_SOCKET=/run/notify/notify.sock'));
  t.ok(mountAt(report, '/run/notify')?.options.includes('ro'));
  t.equal(report.paths['/run/notify']?.write, 'EROFS');
  t.equal(report.paths['/run/notify/notify.sock']?.kind, 'socket');
  await ended;
});

conformance('NOTIFY_SOCKET: an ordinary user may speak into it', async (t, box) => {
  const { env, ended } = await manager(box);
  const bundle = box.bundle(probing('notify', 'READY=1'), (c) => void (c.process.user = { uid: 1000, gid: 1000 }));
  const run = box.begin(['run', '--detach', '--bundle', bundle, box.id()], { env });
  t.equal((await run.ended).status, 0);
  t.strictSame(messages(await ended), expected(box.state()?.['pid']));
});

conformance('NOTIFY_SOCKET: its directory goes with the container', async (t, box) => {
  const { env, ended } = await manager(box);
  const run = box.begin(['run', '--detach', '--bundle', box.bundle(probing('notify', 'READY=1')), box.id()], { env });
  t.equal((await run.ended).status, 0);
  await ended;
  box.must(['delete', '--force', box.id()]);
  t.strictSame(readdirSync(box.root), []);
});

conformance('NOTIFY_SOCKET: without it there is none inside', (t, box) => {
  const report = box.report([probing('report', '/run/notify')]);
  t.notOk(report.env.some((variable) => variable.startsWith('NOTIFY_SOCKET=')));
  t.equal(report.paths['/run/notify'], null);
});
