import type { Hook, Spec } from '../spec/types.ts';
import { environmentOf } from './environment.ts';
import { type Step, slots, stepOf } from './steps.ts';

/** The version of the runtime-spec that the state of a container has. */
const ociVersion = '1.3.0';

/** What a hook is told of its container besides the process id. */
export interface HookState {
  readonly id: string;
  /** Absolute. */
  readonly bundle: string;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
}

/** Who asks for the steps of hooks: the container, and what is done to their environment (`--trace`). */
export type HookRequest = Omit<HookState, 'annotations'> & {
  hookEnvironment?(environment: readonly string[], pointer: string): readonly string[];
};

/** runtime.md "State" as JSON, in runc's order: the text before the process id, and the one behind it. */
export function hookState({ id, bundle, annotations }: HookState, status: string): [before: string, behind: string] {
  const before = JSON.stringify({ ociVersion, id, status });
  const behind = JSON.stringify({ bundle, ...(annotations ? { annotations } : {}) });
  return [`${before.slice(0, -1)},"pid":`, `,${behind.slice(1)}`];
}

/** Whether the runtime has hooks to run before the root changes. */
export const hasRuntimeHooks = ({ hooks }: Spec): boolean =>
  (hooks?.prestart ?? []).length > 0 || (hooks?.createRuntime ?? []).length > 0;

/** Whether init runs programs of the container before its process. */
export const hasStartContainerHooks = ({ hooks }: Spec): boolean => (hooks?.startContainer ?? []).length > 0;

/**
 * Steps that run the createContainer hooks, as with runc in what will be the root. They are programs of the host with
 * rights on it: without an environment of their own they get none, for in the container's an image could name a library
 * to preload (CVE-2025-23266).
 */
export function createContainerSteps(spec: Spec, state: HookRequest): Step[] {
  const steps = hookSteps(spec, state, 'createContainer', 'creating', () => []);
  return steps.length === 0 ? [] : [stepOf('changeDirectory', '/root/path', [0], ['/'], [slots.root]), ...steps];
}

/** Steps that run the startContainer hooks, which are programs of the container: its environment is theirs, too. */
export const startContainerSteps = (spec: Spec, state: HookRequest, variables: readonly string[]): Step[] =>
  hookSteps(spec, state, 'startContainer', 'created', () => environmentOf(spec, variables));

function hookSteps(
  spec: Spec,
  state: HookRequest,
  kind: 'createContainer' | 'startContainer',
  status: string,
  environment: () => readonly string[],
): Step[] {
  const hooks = spec.hooks?.[kind] ?? [];
  if (hooks.length === 0) return [];
  const texts = hookState({ ...state, annotations: spec.annotations }, status);
  return hooks.map((hook, index) => {
    const pointer = `/hooks/${kind}/${index}`;
    const own = hook.env ?? environment();
    return hookStep(hook, pointer, texts, state.hookEnvironment?.(own, pointer) ?? own);
  });
}

function hookStep(hook: Hook, pointer: string, state: readonly string[], environment: readonly string[]): Step {
  const { path, args, timeout = 0 } = hook;
  // As with execve(2), the zeroth argument is the program's name; without any, it is its path.
  const list = args && args.length > 0 ? args : [path];
  return stepOf('runProgram', pointer, [list.length, timeout * 1000], [path, ...state, ...list, ...environment]);
}
