/** Hooks that fail. */
import { mkdirSync } from 'node:fs';
import type { Sandbox } from '../../lib/sandbox.ts';
import { type Hook, type Kind, script } from '../../lib/hooks.ts';
import { type Entry, editing } from '../entry.ts';

const hook = (name: string, kind: Kind, make: (box: Sandbox) => Hook, more: Partial<Entry> = {}): Entry =>
  editing(name, (config, box) => void (config['hooks'] = { [kind]: [make(box)] }), more);

const run = (box: Sandbox): readonly string[] => ['run', '--bundle', box.path('bundle'), box.id()];

const saying = (box: Sandbox): Hook => script(box, 'hook', 'echo told; echo blamed >&2; exit 3');

export const hooks: readonly Entry[] = [
  hook('hook-prestart-exit-status', 'prestart', saying),
  hook('hook-create-runtime-exit-status', 'createRuntime', saying),
  hook('hook-create-container-exit-status', 'createContainer', saying),
  hook(
    'hook-start-container-exit-status',
    'startContainer',
    () => ({
      path: '/probe',
      args: ['probe', 'exit', '3'],
    }),
    { atStart: true },
  ),
  hook('hook-poststart-exit-status', 'poststart', saying, { call: run }),
  hook('hook-killed', 'createRuntime', (box) => script(box, 'hook', 'kill -KILL $$')),
  hook('hook-killed-in-init', 'createContainer', (box) => script(box, 'hook', 'kill -TERM $$')),
  hook('hook-timeout', 'createRuntime', (box) => script(box, 'hook', 'exec sleep 100', { timeout: 1 })),
  hook('hook-timeout-in-init', 'createContainer', (box) => script(box, 'hook', 'exec sleep 100', { timeout: 1 })),
  hook('hook-missing', 'createRuntime', (box) => ({ path: box.path('no-hook') })),
  hook('hook-missing-in-init', 'createContainer', (box) => ({ path: box.path('no-hook') })),
  hook('hook-not-executable', 'createRuntime', (box) => ({ path: box.file('hook', '#!/bin/sh\n') })),
  hook('hook-not-executable-in-init', 'createContainer', (box) => ({ path: box.file('hook', '#!/bin/sh\n') })),
  hook('hook-is-a-directory', 'createRuntime', (box) => {
    mkdirSync(box.path('hooks'));
    return { path: box.path('hooks') };
  }),
  hook('hook-without-its-interpreter', 'createContainer', (box) => ({
    path: box.file('hook', '#!/usr/bin/no-such-shell\n', 0o755),
  })),
  hook('hook-start-container-missing', 'startContainer', () => ({ path: '/no-hook' }), { atStart: true }),
];
