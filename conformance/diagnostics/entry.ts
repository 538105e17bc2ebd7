import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../lib/config.ts';
import type { Sandbox } from '../lib/sandbox.ts';

/** Something that somebody does wrong, and is to be told about. */
export interface Entry {
  /** That of its golden file. */
  readonly name: string;
  /** What is wrong with config.json. */
  readonly edit?: (config: Config, box: Sandbox) => void;
  /** The same, of what JSON cannot say. */
  readonly text?: (text: string) => string | Uint8Array;
  /** What is wrong around it; the bundle is there already. */
  readonly prepare?: (box: Sandbox) => void;
  /** The command with its arguments: `create`, or what is given here. */
  readonly call?: (box: Sandbox) => readonly string[];
  /** Options before the command: a log in JSON, or what is given here. */
  readonly options?: (box: Sandbox) => readonly string[];
  /** `create` works, and `start` is the call that fails. */
  readonly atStart?: true;
  /** What engines look for in the last line of the log (runtimes.md, section 9). */
  readonly engines?: string;
  /** What depends on the machine, or changes from call to call, and what stands for it. */
  readonly varies?: (box: Sandbox) => readonly (readonly [found: string | RegExp, shown: string])[];
}

/** The config that every entry changes: short, so that lines are easy to find, and the same on every machine. */
const base = () => ({
  ociVersion: '1.3.0',
  process: {
    user: { uid: 0, gid: 0 },
    args: ['/probe', 'exit', '0'],
    env: ['PATH=/bin'],
    cwd: '/',
  },
  root: { path: 'rootfs' },
  hostname: 'example',
  mounts: [
    { destination: '/proc', type: 'proc', source: 'proc' },
    { destination: '/tmp', type: 'tmpfs', source: 'tmpfs' },
  ],
  linux: {
    namespaces: [{ type: 'pid' }, { type: 'network' }, { type: 'ipc' }, { type: 'uts' }, { type: 'mount' }],
  },
});

/** Make the bundle of an entry. */
export const makeBundle = (box: Sandbox, { edit, text, prepare }: Entry): void => {
  box.rootfs();
  const config = base() as unknown as Config;
  edit?.(config, box);
  const file = `${JSON.stringify(config, null, 2)}\n`;
  writeFileSync(join(box.path('bundle'), 'config.json'), text?.(file) ?? file);
  prepare?.(box);
};

/** An entry that replaces something in the text of config.json, which has to be there. */
export const replacing = (name: string, found: string | RegExp, by: string): Entry => ({
  name,
  text: (text) => {
    if (text.search(found) < 0) throw new Error(`${name}: config.json has no ${String(found)}`);
    return text.replace(found, () => by);
  },
});

/** An entry that changes the config. */
export const editing = (name: string, edit: NonNullable<Entry['edit']>, more: Partial<Entry> = {}): Entry => ({
  name,
  edit,
  ...more,
});

/** An entry that puts one value somewhere: members of objects by name, items of arrays by number. */
export const setting = (name: string, path: string, value: unknown): Entry =>
  editing(name, (config) => {
    const names = path.split('.');
    const last = names.pop() ?? '';
    const parent = names.reduce<Record<string, unknown>>(
      (at, each) => (at[each] ??= {}) as Record<string, unknown>,
      config,
    );
    if (value === undefined) delete parent[last];
    else parent[last] = value;
  });
