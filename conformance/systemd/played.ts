import { build, stop } from 'esbuild';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Sandbox } from '../lib/sandbox.ts';

/**
 * How systemd answers: `done` and other ends of a job; `no end` of one; `silent`, to nothing at all; `hang up`; an
 * error.
 */
export type Behaviour = string | { readonly error: string; readonly text: string };

/**
 * What it is asked for (a method, a property of a unit, or the `handshake`), and its answers, one after the other. That
 * of `Description` is what it says.
 */
export type Behaviours = Readonly<Record<string, Behaviour[]>>;

export interface Played {
  readonly socket: string;
  readonly log: string;
  readonly hierarchy: string;
  readonly behaviours: Behaviours;
  /** The socket is that of a bus that systemd is on, not its own. */
  readonly onBus?: boolean;
}

/** What systemd was asked. */
export interface Asked {
  readonly member: string;
  readonly path: string;
  readonly interface: string;
  readonly destination?: string;
  readonly arguments: readonly unknown[];
}

export const hierarchy = existsSync('/sys/fs/cgroup/unified') ? '/sys/fs/cgroup/unified' : '/sys/fs/cgroup';

/** What the thread runs, without TypeScript: a thread that has to compile that takes seconds to begin. */
const program = await build({
  entryPoints: [join(import.meta.dirname, 'manager.ts')],
  bundle: true,
  platform: 'node',
  write: false,
}).then(({ outputFiles: [file] }) => file?.text ?? '');
await stop();

/**
 * Have a machine with systemd, for this test; gives what it was asked until now.
 * @param bus the socket of a bus that it is on, where nobody can get at its own
 */
export async function playSystemd(box: Sandbox, behaviours: Behaviours, bus?: string): Promise<() => Asked[]> {
  // /run is that of the test's own mount namespace.
  execFileSync('mount', ['-t', 'tmpfs', 'ocirun-test-run', '/run']);
  box.undo(() => execFileSync('umount', ['--lazy', '/run']));
  mkdirSync('/run/systemd/system', { recursive: true });
  const log = box.path('systemd.log');
  const workerData: Played = {
    socket: bus ?? '/run/systemd/private',
    log,
    hierarchy,
    behaviours,
    onBus: bus !== undefined,
  };
  const worker = new Worker(program, { eval: true, execArgv: [], workerData });
  box.undo(() => void worker.terminate());
  await once(worker, 'message');
  return () =>
    existsSync(log)
      ? readFileSync(log, 'utf8')
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as Asked)
      : [];
}

/** Have a bus, for this test; gives its socket. */
export async function playBus(box: Sandbox): Promise<string> {
  const socket = box.path('bus');
  const config = box.file(
    'bus.conf',
    `<busconfig><type>system</type><listen>unix:path=${socket}</listen><auth>EXTERNAL</auth><policy context="default">
     <allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>`,
  );
  const options = [`--config-file=${config}`, '--nofork', '--nopidfile', '--print-address'];
  const daemon = spawn('dbus-daemon', options, { stdio: ['ignore', 'pipe', 'ignore'] });
  box.undo(() => void daemon.kill('SIGKILL'));
  await once(daemon.stdout, 'data');
  return socket;
}
