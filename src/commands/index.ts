import { part } from '../sys/index.ts';
import type { Run } from './context.ts';
import { deleteCommand } from './delete.ts';
import { killCommand } from './kill.ts';
import { startCommand } from './start.ts';
import { stateCommand } from './state.ts';
import type { CommandName } from './table.ts';

/** What runs each command; what the small ones do not need is loaded when it is asked for. */
export const runners: Readonly<Record<CommandName, () => Run>> = {
  create: () => part('create').createCommand,
  run: () => part('create').runCommand,
  plan: () => part('create').planCommand,
  features: () => part('create').featuresCommand,
  start: () => startCommand,
  state: () => stateCommand,
  kill: () => killCommand,
  delete: () => deleteCommand,
  pause: () => part('freeze').pauseCommand,
  resume: () => part('freeze').resumeCommand,
  update: () => part('update').updateCommand,
  ps: () => part('ps').psCommand,
  events: () => part('events').eventsCommand,
  list: () => part('inspect').listCommand,
  spec: () => part('inspect').specCommand,
  explain: () => part('explain').explainCommand,
  seccomp: () => part('seccomp').seccompCommand,
  validate: () => part('diagnose').validateCommand,
};
