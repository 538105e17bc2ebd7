import type { Spec } from '../spec/types.ts';
import { type CapabilitySet, capabilitySet, maskOf } from './capabilities.ts';
import { type Step, slots } from './steps.ts';

/** What `process` comes to. */
export interface ProcessPlan {
  /** Who the process is: privileges, user, directory; everything up to the last sync with the runtime. */
  readonly identity: Step[];
  /** The step that becomes the program. */
  readonly execute: Step;
  /** Capabilities that the caller does not have or no kernel knows: config.md says to warn, not to fail. */
  readonly missingCapabilities: Set<string>;
}

/** Where a program is looked for if the container has no PATH of its own: the PATH that runc's shell images expect. */
const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * @param bounding the capabilities that the caller can give away
 * @param lastCapability the greatest capability number of this kernel
 */
export function processPlan(spec: Spec, bounding: CapabilitySet, lastCapability: number): ProcessPlan {
  const { process } = spec;
  const environment = lastOfEach(process?.env ?? []);
  const home = valueOf(environment, 'HOME');
  const missingCapabilities = new Set<string>();
  const uid = process?.user?.uid ?? 0;
  const cwd = process?.cwd ?? '/';
  const identity: Step[] = [
    ...(home ? [] : [{ ...step('findHome', '/process/user/uid', [uid]), slots: [slots.root] }]),
    ...(process?.noNewPrivileges ? [step('noNewPrivileges', '/process/noNewPrivileges')] : []),
    { ...step('changeDirectory', '/process/cwd', [0]), slots: [slots.root], strs: [cwd] },
    ...credentials(spec, bounding, lastCapability, missingCapabilities),
    { ...step('changeDirectory', '/process/cwd', [1]), slots: [slots.root], strs: [cwd] },
    {
      ...step('findProgram', '/process/args/0'),
      strs: [process?.args?.[0] ?? '', valueOf(environment, 'PATH') ?? defaultPath],
    },
  ];
  const args = process?.args ?? [];
  const kept = home ? environment : environment.filter((entry) => !entry.startsWith('HOME='));
  const execute = { ...step('execute', '/process/args', [args.length, home ? 0 : 1]), strs: [...args, ...kept] };
  return { identity, execute, missingCapabilities };
}

/** The bounding set goes first and the rest last: changing the user drops what is not kept (capabilities(7)). */
function credentials(spec: Spec, available: CapabilitySet, lastCapability: number, missing: Set<string>): Step[] {
  const { user, capabilities } = spec.process ?? {};
  const set = (names: readonly string[] | undefined): CapabilitySet => capabilitySet(names ?? [], available, missing);
  const [permitted, inheritable] = [set(capabilities?.permitted), set(capabilities?.inheritable)];
  // The kernel raises only what is permitted and inheritable; `runc spec` 1.1 names ambient ones without inheriting any
  // (CVE-2022-29162 took those away), and every runtime takes that silently as none.
  const ambient = common(common(set(capabilities?.ambient), permitted), inheritable);
  const umask =
    user?.umask === undefined ? step('umask', '', [0o022]) : step('umask', '/process/user/umask', [user.umask]);
  const groups = user?.additionalGids ?? [];
  return [
    umask,
    step('boundingSet', '/process/capabilities/bounding', [maskOf(set(capabilities?.bounding)), lastCapability]),
    step('user', '/process/user', [user?.uid ?? 0, user?.gid ?? 0, ...groups]),
    step('capabilities', '/process/capabilities', [
      maskOf(set(capabilities?.effective)),
      maskOf(permitted),
      maskOf(inheritable),
      maskOf(ambient),
    ]),
  ];
}

const common = (a: CapabilitySet, b: CapabilitySet): CapabilitySet => ({ low: a.low & b.low, high: a.high & b.high });

const step = (op: Step['op'], pointer: string, nums: number[] = []): Step => ({
  op,
  pointer,
  slots: [],
  nums,
  strs: [],
});

/** `env` with one entry a name, the last one given, in the order of their first appearance (as runc does). */
function lastOfEach(env: readonly string[]): string[] {
  const byName = new Map<string, string>();
  for (const entry of env) byName.set(entry.slice(0, entry.indexOf('=')), entry);
  return [...byName.values()];
}

function valueOf(env: readonly string[], name: string): string | undefined {
  return env.find((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1);
}
