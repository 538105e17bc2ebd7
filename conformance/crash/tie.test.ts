import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Edit } from '../lib/config.ts';
import { conformance } from '../lib/conformance.ts';
import { processes } from '../lib/machine.ts';
import { isStandalone, probe } from '../lib/runtime.ts';
import { until } from '../lib/wait.ts';

const hanging =
  (file: string): Edit =>
  (config) => {
    config.process.args = ['/probe', 'exit', '0'];
    config['hooks'] = { createContainer: [{ path: probe, args: ['probe', 'hold', file] }] };
  };

/** It does not look at the socket then, whose end would tell it: the kernel has to. */
conformance(
  'an init that runs a hook dies with its runtime',
  async (t, box) => {
    const before = processes();
    const file = box.path('held');
    const { process, ended } = box.begin(['create', '--bundle', box.bundle(hanging(file)), box.id()]);
    t.ok(
      until(() => existsSync(file)),
      'the hook is running',
    );
    process.kill('SIGKILL');
    await ended;
    const left = () => [...processes()].filter((key) => !before.has(key));
    t.ok(
      until(() => left().length === 0),
      'neither init nor the hook is left',
    );
    t.ok(existsSync(join(box.root, box.id())), 'the state is, for delete to find');
  },
  {
    only: 'ocirun',
    unless: isStandalone ? false : 'about the static binary: Node forks threads that outlive a moment',
  },
);
