/** Containers with limits, for the tests that run in the guest: by control files, or by systemd. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { probing, type Edit } from '../lib/config.ts';
import { repository } from '../lib/runtime.ts';
import type { Sandbox } from '../lib/sandbox.ts';

/** The caller says who makes the cgroups: conformance/vm/suite.sh does. */
export const bySystemd = process.env['OCIRUN_TEST_DRIVER'] === 'systemd';

/** What every test of a driver begins with. */
export const limits = bySystemd ? 'limits under systemd' : 'limits';

/** The hierarchy of the guest. */
const hierarchy = '/sys/fs/cgroup';

const flags = bySystemd ? ['--systemd-cgroup'] : [];

/** Where the container is to be; crun would make a cgroup more below its scope. */
const placed =
  (box: Sandbox, suffix: string): Edit =>
  (config) => {
    config.linux.cgroupsPath = bySystemd ? `system.slice:${box.name}:${suffix}` : `/${box.id(suffix)}`;
    config.annotations = { ...config.annotations, 'run.oci.systemd.subgroup': '' };
  };

/** `linux.resources`; the devices of the default config stay. */
export const resources =
  (wanted: Readonly<Record<string, unknown>>): Edit =>
  (config) => {
    config.linux['resources'] = { ...(config.linux['resources'] as object | undefined), ...wanted };
  };

/** The process is conformance/probe/work.c with these arguments. */
export const working =
  (...args: string[]): Edit =>
  (config) =>
    void (config.process.args = ['/work', ...args]);

/** A container and its cgroup. */
export interface Limited {
  readonly id: string;
  readonly pid: number;
  /** The folder of its cgroup. */
  readonly directory: string;
  /** The unit that systemd knows it by. */
  readonly unit: string;
  /** What a control file has. */
  read(file: string): string;
  /** A number of a file of `name number` lines, such as memory.events. */
  count(file: string, name: string): number;
  /** What the container has written until now. */
  output(): string;
}

const countIn = (text: string, name: string): number => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1]);

/** Where a process is in the hierarchy. */
const cgroupOf = (pid: number): string => {
  const path = /^0::(.*)$/m.exec(readFileSync(`/proc/${pid}/cgroup`, 'utf8'))?.[1] ?? '';
  return join(hierarchy, path);
};

/** A bundle whose container will be in its place below the hierarchy; its process is the probe, asleep. */
export function limitedBundle(box: Sandbox, edits: readonly Edit[], suffix = 'a'): string {
  const bundle = box.bundleIn(`bundle-${suffix}`, probing('sleep'), placed(box, suffix), ...edits);
  copyFileSync(join(repository, 'build/conformance/work'), join(bundle, 'rootfs/work'));
  return bundle;
}

/** The words of a `create`. */
export const creating = (bundle: string, id: string): string[] => [
  ...flags,
  'create',
  '--pid-file',
  join(bundle, 'pid'),
  '--bundle',
  bundle,
  id,
];

/** The words of a `run`. */
export const running = (bundle: string, id: string): string[] => [...flags, 'run', '--bundle', bundle, id];

/** A container that is created. */
export function create(box: Sandbox, edits: readonly Edit[], suffix = 'a'): Limited {
  const bundle = limitedBundle(box, edits, suffix);
  const id = box.id(suffix);
  box.must(creating(bundle, id));
  const call = box.calls;
  const pid = Number(readFileSync(join(bundle, 'pid'), 'utf8'));
  const directory = cgroupOf(pid);
  const read = (file: string): string => readFileSync(join(directory, file), 'utf8').trim();
  return {
    id,
    pid,
    directory,
    unit: directory.slice(directory.lastIndexOf('/') + 1),
    read,
    count: (file, name) => countIn(read(file), name),
    output: () => box.output(call),
  };
}

/** Units that systemd still knows, of those that a test made. */
export function unitsLeft(box: Sandbox): string[] {
  if (!bySystemd) return [];
  const args = ['list-units', '--all', '--plain', '--no-legend', `${box.name}*`];
  return execFileSync('systemctl', args, { encoding: 'utf8' }).split('\n').filter(Boolean);
}

/** Properties of units as `systemctl show` prints them, by unit. */
export function shown(units: readonly string[], properties: readonly string[]): Map<string, Record<string, string>> {
  const args = ['show', `--property=Id,${properties.join(',')}`, ...units];
  const blocks = execFileSync('systemctl', args, { encoding: 'utf8' }).trim().split('\n\n');
  const parse = (block: string) =>
    Object.fromEntries(block.split('\n').map((line) => line.split(/=(.*)/s))) as Record<string, string>;
  return new Map(blocks.map(parse).map((one) => [one['Id'] ?? '', one]));
}
