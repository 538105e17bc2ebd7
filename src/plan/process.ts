import type { HostFacts } from '../host/facts.ts';
import type { Spec } from '../spec/types.ts';
import { type CapabilitySet, capabilitySet, everyCapability, maskOf } from './capabilities.ts';
import { environmentOf, valueOf } from './environment.ts';
import { hasStartContainerHooks } from './hooks.ts';
import { ioPriorityStep } from './io-priority.ts';
import { memoryPolicySteps } from './memory-policy.ts';
import { hasNamespace } from './namespaces.ts';
import { personalitySteps } from './personality.ts';
import { schedulerStep } from './scheduler.ts';
import { filterPlaces, type SystemCallFilter } from './seccomp.ts';
import { type Step, slots, stepOf as step } from './steps.ts';

/** What `process` comes to. */
export interface ProcessPlan {
  /** Who the process is: privileges, user, directory; everything up to the last sync with the runtime. */
  readonly identity: Step[];
  /** What comes right before the program. */
  readonly last: readonly Step[];
  /** The step that becomes the program. */
  readonly execute: Step;
  /** Capabilities that the caller does not have or no kernel knows: config.md says to warn, not to fail. */
  readonly missingCapabilities: Set<string>;
}

type CapabilityFacts = Pick<HostFacts, 'bounding' | 'lastCapability'>;

/** Where a program is looked for if the container has no PATH of its own: the PATH that runc's shell images expect. */
const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * @param host the capabilities that the caller can give away, and the greatest capability number of this kernel
 * @param exact the integers of config.json that a JavaScript number cannot hold, by pointer
 * @param variables what the environment has besides
 * @param filter which system calls it may make
 */
export function processPlan(
  spec: Spec,
  host: CapabilityFacts,
  exact: ReadonlyMap<string, bigint>,
  variables: readonly string[],
  filter?: SystemCallFilter,
): ProcessPlan {
  const { process } = spec;
  const environment = environmentOf(spec, variables);
  const home = valueOf(environment, 'HOME');
  const missingCapabilities = new Set<string>();
  const uid = process?.user?.uid ?? 0;
  const cwd = process?.cwd ?? '/';
  const places = filterPlaces(filter, process?.noNewPrivileges ?? false, hasStartContainerHooks(spec));
  const identity: Step[] = [
    ...(home ? [] : [{ ...step('findHome', '/process/user/uid', [uid]), slots: [slots.root] }]),
    ...(process?.noNewPrivileges ? [step('noNewPrivileges', '/process/noNewPrivileges')] : []),
    ...attributes(spec, exact),
    { ...step('changeDirectory', '/process/cwd', [0]), slots: [slots.root], strs: [cwd] },
    ...credentials(spec, host, missingCapabilities, places.beforeCapabilities),
    { ...step('changeDirectory', '/process/cwd', [1]), slots: [slots.root], strs: [cwd] },
    {
      ...step('findProgram', '/process/args/0'),
      strs: [process?.args?.[0] ?? '', valueOf(environment, 'PATH') ?? defaultPath],
    },
    ...places.beforeReady,
  ];
  const args = process?.args ?? [];
  const kept = home ? environment : environment.filter((entry) => !entry.startsWith('HOME='));
  const execute = { ...step('execute', '/process/args', [args.length, home ? 0 : 1]), strs: [...args, ...kept] };
  return { identity, last: places.last, execute, missingCapabilities };
}

/** What needs rights that the user of the container may not have, in runc's order. */
function attributes({ process, linux }: Spec, exact: ReadonlyMap<string, bigint>): Step[] {
  return [
    ...(process?.scheduler ? [schedulerStep(process.scheduler, exact)] : []),
    ...(process?.ioPriority ? [ioPriorityStep(process.ioPriority)] : []),
    ...(linux?.personality ? personalitySteps(linux.personality) : []),
    ...(linux?.memoryPolicy ? memoryPolicySteps(linux.memoryPolicy) : []),
  ];
}

/** The bounding set goes first and the rest last: changing the user drops what is not kept (capabilities(7)). */
function credentials(
  spec: Spec,
  host: CapabilityFacts,
  missing: Set<string>,
  beforeCapabilities: readonly Step[],
): Step[] {
  const { user, capabilities } = spec.process ?? {};
  // In a user namespace of its own, a process has every capability that there is (user_namespaces(7)).
  const available = hasNamespace(spec, 'user') ? everyCapability(host.lastCapability) : host.bounding;
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
    step('boundingSet', '/process/capabilities/bounding', [maskOf(set(capabilities?.bounding)), host.lastCapability]),
    step('user', '/process/user', [user?.uid ?? 0, user?.gid ?? 0, ...groups]),
    ...beforeCapabilities,
    step('capabilities', '/process/capabilities', [
      maskOf(set(capabilities?.effective)),
      maskOf(permitted),
      maskOf(inheritable),
      maskOf(ambient),
    ]),
  ];
}

const common = (a: CapabilitySet, b: CapabilitySet): CapabilitySet => ({ low: a.low & b.low, high: a.high & b.high });
