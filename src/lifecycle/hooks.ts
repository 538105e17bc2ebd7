import { OcirunError } from '../errors/error.ts';
import type { Hook, Hooks } from '../spec/types.ts';
import type { Log } from '../log.ts';
import type { Status } from '../state/status.ts';
import type { Container, ContainerRecord } from '../state/store.ts';
import { At, ChildEnd, Signal } from '../sys/constants.ts';
import { attempt, isSystemError, orElse, part, readFile, sys } from '../sys/index.ts';
import { specVersion } from '../version.ts';
import { hookEnvironment, tracingHook } from '../trace.ts';
import { patiently, type Story } from '../waiting.ts';
import { locating } from './locate.ts';

/** The hooks that the runtime runs itself, in its own namespaces (config.md "POSIX-platform Hooks"). */
export type RuntimeHook = 'prestart' | 'createRuntime' | 'poststart' | 'poststop';

/** The container that a hook is told of; process id 0: it has none any more. */
export type Told = Pick<ContainerRecord, 'id' | 'bundle' | 'annotations'> & { readonly pid: number };

const statusAt: Readonly<Record<RuntimeHook, Status>> = {
  prestart: 'creating',
  createRuntime: 'creating',
  poststart: 'running',
  poststop: 'stopped',
};

/** How much of what a failing hook has written is told: the end of each stream. */
const outputLimit = 2000;
const configLimit = 64 << 20;
const longestTimeout = 2 ** 31 - 1;

/** Run the hooks of a kind one after the other; the first that fails is thrown. */
export function runHooks(kind: RuntimeHook, hooks: Hooks | undefined, container: Told): void {
  hooks?.[kind]?.forEach((hook, index) => runHook(kind, index, hook, container));
}

/**
 * Those of `poststop`: what fails is a warning, and the others run (runtime.md "Lifecycle", 13); but for none is there
 * more time than the command has.
 */
export function runPoststop(hooks: Hooks | undefined, container: Told, log: Log): void {
  hooks?.poststop?.forEach((hook, index) => {
    try {
      runHook('poststop', index, hook, container);
    } catch (error) {
      if (error instanceof OcirunError && error.code === 'E_TIMEOUT') throw error;
      log.warn(error instanceof Error ? error.message : String(error), { pointer: `/hooks/poststop/${index}` });
    }
  });
}

/** What runs the `poststart` hooks that the config had at create. */
export function poststartOf(container: Container): () => void {
  const config = savedConfig(container);
  const told = { ...container.record, pid: container.init?.pid ?? 0 };
  return () => locating(config, () => runHooks('poststart', hooksOf(config), told));
}

/** What runs the `poststop` hooks that the config had at create, when nothing of it is left. */
export function poststopOf(container: Container, log: Log): () => void {
  const hooks = hooksOf(savedConfig(container));
  return () => runPoststop(hooks, { ...container.record, pid: 0 }, log);
}

/** A create that was cut off before it could save its config has called no hook, and none is called after it. */
const savedConfig = ({ directory }: Container): string =>
  attempt('E_STATE', `read the config in ${directory}`, () =>
    orElse('ENOENT', '{}', () => readFile(`${directory}/config.json`, configLimit)),
  );

const hooksOf = (config: string): Hooks | undefined => (JSON.parse(config) as { hooks?: Hooks }).hooks;

function runHook(kind: RuntimeHook, index: number, hook: Hook, container: Told): void {
  const pointer = `/hooks/${kind}/${index}`;
  const timeout = hook.timeout === undefined ? -1 : Math.min(hook.timeout * 1000, longestTimeout);
  const [ended, [code, status, output, errors]] = tracingHook(hook.path, { pointer }, () => {
    const pidfd = begin(hook, pointer, stateText(kind, container), container.bundle);
    const inTime = finish(pidfd, timeout, () => part('waits').ofHook(pointer, hook.path, pidfd));
    return [inTime !== undefined, inTime ?? end(pidfd)];
  });
  if (ended && code === ChildEnd.EXITED && status === 0) return;
  const { endOf, hookFailure, pastTimeout, shown } = part('failure');
  if (!ended) throw hookFailure(pointer, pastTimeout(timeout), { path: hook.path });
  const [told, complained] = [output, errors].map((bytes) => shown(wholeCharacters(bytes)));
  throw hookFailure(pointer, `${endOf(code, status)}, stdout: ${told}, stderr: ${complained}`, { path: hook.path });
}

/** Where the beginning was lost, what is left may begin amid a character of UTF-8. */
const wholeCharacters = (bytes: Uint8Array): Uint8Array =>
  bytes.length < outputLimit ? bytes : bytes.subarray(bytes.findIndex((byte) => (byte & 0xc0) !== 0x80));

/** runtime.md "State". What is undefined is left out: a process id of none, annotations of none. */
function stateText(kind: RuntimeHook, { id, pid, bundle, annotations }: Told): string {
  return JSON.stringify({
    ociVersion: specVersion,
    id,
    status: statusAt[kind],
    pid: pid > 0 ? pid : undefined,
    bundle,
    annotations,
  });
}

/** How a hook ended: si_code and si_status of waitid(2); the ends of what it wrote. */
type HookEnd = readonly [code: number, status: number, output: Uint8Array, errors: Uint8Array];

/** As with runc, it begins in the bundle, and without an environment of its own it has that of our caller. */
function begin({ path, args, env }: Hook, pointer: string, input: string, bundle: string): number {
  const list = args && args.length > 0 ? [...args] : [path];
  const environment = env
    ? [...env]
    : attempt('E_HOOK', `pass the environment on to ${path}`, sys.environ, { pointer });
  // By the time of `poststop` it may be gone.
  const directory = sys.exists(At.FDCWD, bundle) ? bundle : '';
  try {
    const variables = [...hookEnvironment(environment, pointer)];
    return sys.startProgram(path, list, variables, directory, input, outputLimit);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw part('failure').hookNotExecuted(pointer, path, error);
  }
}

/** Wait until the hook has ended; undefined where its own timeout comes first. */
function finish(pidfd: number, timeout: number, story: Story): HookEnd | undefined {
  const look = (milliseconds: number): HookEnd | undefined => {
    const ended = sys.awaitProgram(pidfd, milliseconds);
    return ended.length === 0 ? undefined : ended;
  };
  try {
    return patiently(look, timeout, story);
  } catch (error) {
    // The time of the whole command is over.
    end(pidfd);
    throw error;
  }
}

/** Kill a hook. */
function end(pidfd: number): HookEnd {
  sys.pidfdSendSignal(pidfd, Signal.KILL);
  return sys.awaitProgram(pidfd, -1) as HookEnd;
}
