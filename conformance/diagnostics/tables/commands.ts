/** Commands for a container that is there, or is not. */
import { writeFileSync } from 'node:fs';
import type { Sandbox } from '../../lib/sandbox.ts';
import type { Entry } from '../entry.ts';

const calling = (name: string, ...args: readonly string[]): Entry => ({
  name,
  call: (box) => [...args, box.id()],
});

/** Of a container that has been created. */
const created = (name: string, ...args: readonly string[]): Entry => ({ ...calling(name, ...args), atStart: true });

/** An update of a created container by a file with this text. */
const updating = (name: string, text: string): Entry => {
  const file = (box: Sandbox): string => box.path('resources.json');
  return {
    name: `update-${name}`,
    atStart: true,
    prepare: (box) => writeFileSync(file(box), text),
    call: (box) => ['update', '--resources', file(box), box.id()],
  };
};

export const commands: readonly Entry[] = [
  ...['pause', 'resume', 'ps', 'events', 'update'].map((command) => calling(`id-unknown-to-${command}`, command)),
  created('resume-of-what-is-not-paused', 'resume'),
  calling('ps-format-unknown', 'ps', '--format', 'yaml'),
  { ...created('ps-without-pid'), call: (box) => ['ps', box.id(), '-e', '-o', 'comm'] },
  calling('events-interval-of-nothing', 'events', '--interval', '0s'),
  calling('events-interval-without-unit', 'events', '--interval', '5'),
  calling('update-size-that-is-none', 'update', '--memory', '5x'),
  calling('update-number-that-is-none', 'update', '--cpu-period', 'long'),
  calling('update-option-unknown', 'update', '--memory-limit', '5m'),
  calling('update-without-rdt', 'update', '--l3-cache-schema', 'L3:0=f'),
  calling('update-file-missing', 'update', '--resources', '/nonexistent/resources.json'),
  created('update-weight-out-of-range', 'update', '--blkio-weight', '5'),
  created('update-swap-without-memory', 'update', '--memory-swap', '5m'),
  created('update-several-options', 'update', '--cpuset-cpus', 'a-b', '--cpu-idle', '2'),
  updating('nothing', ''),
  updating('no-json', '{\n  "memory": {"limit": 5},\n}'),
  updating('no-object', '[]'),
  updating('of-wrong-types', '{\n  "memory": {"limit": "5"},\n  "cpu": {"cpus": 5, "idle": 2}\n}'),
  updating('against-a-rule', '{"hugepageLimits": [{"pageSize": "3MB", "limit": 5}]}'),
];
