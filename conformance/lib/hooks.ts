import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { probe } from './runtime.ts';
import type { Edit } from './config.ts';
import type { Sandbox } from './sandbox.ts';

/** A hook of config.json. */
export interface Hook {
  readonly path: string;
  readonly args?: readonly string[];
  readonly env?: readonly string[];
  readonly timeout?: number;
}

/** The kinds in the order of a container's life. */
export const kinds = [
  'prestart',
  'createRuntime',
  'createContainer',
  'startContainer',
  'poststart',
  'poststop',
] as const;

export type Kind = (typeof kinds)[number];

/** What a hook is told about its container. */
export interface State {
  readonly ociVersion: string;
  readonly id: string;
  readonly status: string;
  readonly pid?: number;
  readonly bundle: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** How the probe was called as a hook. */
export interface Call {
  readonly argv: string[];
  readonly env: string[];
  readonly cwd: string | null;
  readonly stdin: string;
  readonly exe: string | null;
  readonly pid: number;
  readonly namespaces: Readonly<Record<string, string>>;
  readonly fds: Readonly<Record<string, string>>;
  readonly status: Readonly<Record<string, string>>;
}

/** Give the container hooks, and let it write into its root, where the record is. */
export const hooking =
  (hooks: Partial<Record<Kind, readonly Hook[]>>): Edit =>
  (config) => {
    config['hooks'] = hooks;
    config.root.readonly = false;
  };

const record = '/tmp/calls';

/** A hook that puts down how it was called. What the container runs itself finds probe and record inside. */
export const recording = (box: Sandbox, kind: Kind, label: string = kind, more: Partial<Hook> = {}): Hook =>
  kind === 'startContainer'
    ? { path: '/probe', args: ['probe', 'hook', record, label], ...more }
    : { path: probe, args: ['probe', 'hook', `${box.path('bundle')}/rootfs${record}`, label], ...more };

/** One recording hook of every kind. */
export const everyKind = (box: Sandbox, more: Partial<Hook> = {}): Record<Kind, Hook[]> =>
  Object.fromEntries(kinds.map((kind) => [kind, [recording(box, kind, kind, more)]])) as Record<Kind, Hook[]>;

/** The container's own process puts itself on the record, too. */
export const recordingProgram: Edit = (config) => void (config.process.args = ['/probe', 'hook', record, 'program']);

/** Who was called until now, in order. */
export const calls = (box: Sandbox): Call[] => {
  const file = `${box.path('bundle')}/rootfs${record}`;
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Call);
};

/** The labels of the calls. */
export const labels = (box: Sandbox): string[] => calls(box).map((call) => call.argv.at(-1) ?? '');

/** The first call with a label. */
export const called = (box: Sandbox, label: string): Call => {
  const found = calls(box).find((call) => call.argv.at(-1) === label);
  if (!found) throw new Error(`${label} was not called; only ${labels(box).join(', ')}`);
  return found;
};

/** The state that a call was given. */
export const stateOf = (call: Call): State => JSON.parse(call.stdin) as State;

/** A hook that runs a shell script of the host. */
export const script = (box: Sandbox, name: string, text: string, more: Partial<Hook> = {}): Hook => {
  writeFileSync(box.path(name), `#!/bin/sh\n${text}\n`);
  chmodSync(box.path(name), 0o755);
  return { path: box.path(name), ...more };
};
