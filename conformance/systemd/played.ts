import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmdirSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { Sandbox } from '../lib/sandbox.ts';

/**
 * How systemd answers: `done` and other ends of a job; `no end` of one; `silent`, to nothing at all; `hang up`; an
 * error.
 */
export type Behaviour = string | { readonly error: string; readonly text: string };

/** What it is asked for (a method, or the `handshake`), and its answers, one after the other. */
export type Behaviours = Readonly<Record<string, Behaviour[]>>;

export interface Played {
  readonly socket: string;
  readonly log: string;
  readonly hierarchy: string;
  readonly behaviours: Behaviours;
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

/** Have a machine with systemd, for this test; gives what it was asked until now. */
export async function playSystemd(box: Sandbox, behaviours: Behaviours): Promise<() => Asked[]> {
  // /run is that of the test's own mount namespace.
  execFileSync('mount', ['-t', 'tmpfs', 'ocirun-test-run', '/run']);
  box.undo(() => execFileSync('umount', ['--lazy', '/run']));
  mkdirSync('/run/systemd/system', { recursive: true });
  const slice = `${hierarchy}/${sliceOf(box)}`;
  box.undo(() => {
    if (existsSync(slice)) rmdirSync(slice);
  });
  const log = box.path('systemd.log');
  const workerData: Played = { socket: '/run/systemd/private', log, hierarchy, behaviours };
  const worker = new Worker(new URL('./manager.ts', import.meta.url), { workerData });
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

/** A slice of the test's own. */
export const sliceOf = (box: Sandbox): string => `${box.name.replaceAll('-', '_')}.slice`;
