/** Calls that cannot be. */
import type { Sandbox } from '../../lib/sandbox.ts';
import type { Entry } from '../entry.ts';

const calling = (name: string, call: (box: Sandbox) => readonly string[], more: Partial<Entry> = {}): Entry => ({
  name,
  call,
  ...more,
});

const create = (box: Sandbox, ...more: readonly string[]): readonly string[] => [
  'create',
  '--bundle',
  box.path('bundle'),
  ...more,
];

const id = (name: string, given: string): Entry => calling(`id-${name}`, (box) => create(box, given));

export const commandLines: readonly Entry[] = [
  id('empty', ''),
  id('dot', '.'),
  id('dots', '..'),
  id('slash', '../escape'),
  id('space', 'my container'),
  id('not-ascii', 'bücher'),
  calling('id-missing', (box) => create(box)),
  calling('id-unknown-to-start', (box) => ['start', box.id()]),
  calling('id-unknown-to-state', (box) => ['state', box.id()]),
  calling('id-unknown-to-kill', (box) => ['kill', box.id()]),
  calling('id-unknown-to-delete', (box) => ['delete', box.id()]),
  calling('command-unknown', (box) => ['crate', box.id()]),
  calling('command-not-built-yet', (box) => ['exec', box.id(), 'sh']),
  calling('option-unknown', (box) => create(box, '--detatch', box.id())),
  calling('option-without-its-value', (box) => ['create', box.id(), '--bundle']),
  calling('option-before-the-command-unknown', (box) => ['--verbose', ...create(box, box.id())]),
  calling('option-not-built-yet', (box) => create(box, '--console-socket', box.path('socket'), box.id())),
  calling('argument-too-many', (box) => create(box, box.id(), 'sh')),
  calling('log-format-unknown', (box) => create(box, box.id()), { options: () => ['--log-format', 'yaml'] }),
  calling('log-not-to-be-opened', (box) => create(box, box.id()), { options: (box) => ['--log', box.path('no/log')] }),
  calling('log-as-text', (box) => create(box, box.id()), {
    options: (box) => ['--log', box.path('log')],
    edit: (config) => void (config.process.cwd = 'app'),
    varies: () => [[/time="[^"]*"/g, 'time="TIME"']],
  }),
  calling('log-to-standard-error-as-json', (box) => create(box, box.id()), {
    options: () => ['--log-format', 'json'],
    edit: (config) => {
      config.process.cwd = 'app';
      config.process.env = ['NOVALUE'];
    },
    varies: () => [[/"time":"[^"]*"/g, '"time":"TIME"']],
  }),
  calling('log-none', (box) => create(box, box.id()), {
    options: () => [],
    edit: (config) => {
      config.process.cwd = 'app';
      config.process.env = ['NOVALUE'];
    },
  }),
  calling('signal-unknown', (box) => ['kill', box.id(), 'SIGNONE']),
  calling('preserved-descriptor-missing', (box) => create(box, '--preserve-fds', '2', box.id())),
  calling('preserved-descriptors-no-number', (box) => create(box, '--preserve-fds', 'two', box.id())),
  calling('pid-file-in-a-directory-that-is-missing', (box) => create(box, '--pid-file', box.path('no/pid'), box.id())),
  calling('pidfd-socket-missing', (box) => create(box, '--pidfd-socket', box.path('no.sock'), box.id())),
];
