import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { conformance } from '../lib/conformance.ts';
import { probing } from '../lib/config.ts';
import { repository, type Result } from '../lib/runtime.ts';
import type { Sandbox } from '../lib/sandbox.ts';
import { sinceRunc } from '../lib/version.ts';
import { untilLater } from '../lib/wait.ts';

const scope = { unless: sinceRunc('1.2.0') };

interface Receiver {
  readonly socket: string;
  readonly ended: Promise<Result>;
}

const receiver = async (box: Sandbox): Promise<Receiver> => {
  const socket = box.path('receiver');
  const program = join(repository, 'conformance/sockets/pidfd.py');
  const { ended } = box.begin([], { through: ['python3', program, socket, '10'], alone: true });
  if (!(await untilLater(() => existsSync(socket)))) throw new Error('pidfd.py does not listen');
  return { socket, ended };
};

const lines = (result: Result): unknown[] => {
  const told = result.stdout.trimEnd().split('\n').slice(1);
  return told.map((line) => JSON.parse(line) as unknown);
};

for (const verb of ['create', 'run --detach'])
  conformance(
    `--pidfd-socket: ${verb} sends the pidfd of the process`,
    async (t, box) => {
      const { socket, ended } = await receiver(box);
      const args = [...verb.split(' '), '--pidfd-socket', socket, '--bundle', box.bundle(probing('sleep')), box.id()];
      t.equal((await box.begin(args).ended).status, 0);
      const pid = box.state()?.['pid'];
      box.must(['kill', box.id(), 'KILL']);
      t.strictSame(lines(await ended), [{ text: 'standard', descriptors: 1, pid }, { ended: true }]);
    },
    scope,
  );

conformance(
  '--pidfd-socket: a socket that nobody listens on fails the create',
  (t, box) => {
    const args = ['create', '--pidfd-socket', box.path('nobody'), '--bundle', box.bundle(), box.id()];
    const result = box.call(args);
    t.equal(result.status, 1);
    t.match(result.stderr, box.path('nobody'));
    t.match(result.stderr, 'no such file or directory');
    t.strictSame(box.ids(), []);
  },
  scope,
);
