import type { Call, Watch } from '../../dbus/client.ts';
import type { Variant } from '../../dbus/types.ts';
import { OcirunError } from '../../errors/error.ts';
import {
  askUnit,
  invocationCall,
  isNoSuchUnit,
  isUnitExists,
  type Manager,
  managerCall,
  managerInterface,
  text,
} from './manager.ts';

/** A property of a unit: its name and value. */
export type Property = readonly [name: string, value: Variant];

/** Something that systemd is doing to a unit. */
interface Job {
  /** Wait for its end; what has become of it: `done`, `canceled`, `timeout`, `failed`, `dependency` or `skipped`. */
  end(): string;
}

/** Who has asked for signals; that ends with the connection. */
const subscribed = new WeakSet<Manager>();

/** Signals of jobs that have ended; a bus has them of systemd only while somebody wants them. */
function watchJobs(manager: Manager, unit: string): Watch {
  const { bus, peer } = manager;
  const from = peer ? {} : { sender: 'org.freedesktop.systemd1' };
  const watch = bus.watch({ ...from, interface: managerInterface, member: 'JobRemoved', args: [[2, unit]] });
  if (!peer && !subscribed.has(manager)) {
    bus.send(managerCall(manager, 'Subscribe', '', [], 'ask systemd for its signals'));
    subscribed.add(manager);
  }
  return watch;
}

function job(manager: Manager, unit: string, call: Call): Job {
  const { bus } = manager;
  const watch = watchJobs(manager, unit);
  const pending = bus.send(call);
  return {
    end: () => {
      const [path] = bus.answer(pending);
      return text(bus.signal(watch, ({ body: [, ended] }) => ended === path, call.doing).body[3]);
    },
  };
}

function start(manager: Manager, unit: string, properties: readonly Property[]): Job {
  const body = [unit, 'replace', properties, []];
  return job(manager, unit, managerCall(manager, 'StartTransientUnit', 'ssa(sv)a(sa(sv))', body, `start unit ${unit}`));
}

/**
 * Have a transient unit started; gives what waits for that. A unit that has failed before and was kept for somebody to
 * look at is forgotten.
 */
export function startUnit(manager: Manager, unit: string, properties: readonly Property[]): () => void {
  const first = start(manager, unit, properties);
  manager.bus.flush();
  return () => {
    let result: string;
    try {
      result = first.end();
    } catch (error) {
      if (!isUnitExists(error)) throw hinted(error, manager, unit);
      resetFailed(manager, unit);
      result = startAgain(manager, unit, properties);
    }
    if (result === 'done') return;
    const failure = hinted(
      new OcirunError('E_CGROUP', `error creating systemd unit ${unit}: got ${result}`),
      manager,
      unit,
    );
    resetFailed(manager, unit);
    throw failure;
  };
}

function startAgain(manager: Manager, unit: string, properties: readonly Property[]): string {
  try {
    return start(manager, unit, properties).end();
  } catch (error) {
    if (!isUnitExists(error)) throw hinted(error, manager, unit);
    throw new OcirunError('E_CGROUP', `container's cgroup is not empty: systemd has a unit ${unit} already`, {
      hint: `choose another linux.cgroupsPath, or end it: systemctl ${manager.option}stop ${unit}`,
      ...(error instanceof OcirunError && error.details.busError ? { busError: error.details.busError } : {}),
      cause: error,
    });
  }
}

/** A unit that was started. */
export interface StartedUnit {
  readonly name: string;
  readonly description: string;
  /** What tells it from all others (sd-id128(3), "invocation"), in hexadecimal. */
  readonly invocation: string;
}

/** The unit of that name, as systemd has it; undefined where it was not started, or has been forgotten since. */
export function findUnit(manager: Manager, name: string): StartedUnit | undefined {
  const answers = ['InvocationID', 'Description'].map((property) => askUnit(manager, name, property));
  const [id, description] = answers.map((answer) => answer());
  const bytes = id instanceof Uint8Array ? id : [];
  const invocation = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return invocation === '' ? undefined : { name, description: text(description), invocation };
}

/** Stop a unit and forget it; one that is not there any more is as one wants it. */
export function stopUnit(manager: Manager, { name, invocation }: StartedUnit): void {
  const stop = invocationCall(manager, invocation, 'Stop', 's', ['replace'], `stop unit ${name}`);
  unlessGone(manager, name, () => {
    job(manager, name, stop).end();
    manager.bus.call(invocationCall(manager, invocation, 'ResetFailed', '', [], `forget unit ${name}`));
  });
}

const resetFailed = (manager: Manager, unit: string): void =>
  unlessGone(
    manager,
    unit,
    () => void manager.bus.call(managerCall(manager, 'ResetFailedUnit', 's', [unit], `forget unit ${unit}`)),
  );

function unlessGone(manager: Manager, unit: string, action: () => void): void {
  try {
    action();
  } catch (error) {
    if (!isNoSuchUnit(error)) throw hinted(error, manager, unit);
  }
}

/** Change properties of a unit until it ends. */
export function setUnitProperties(manager: Manager, unit: string, properties: readonly Property[]): void {
  if (properties.length === 0) return;
  const doing = `set properties of unit ${unit}`;
  try {
    manager.bus.call(managerCall(manager, 'SetUnitProperties', 'sba(sv)', [unit, true, properties], doing));
  } catch (error) {
    throw hinted(error, manager, unit);
  }
}

/** The same error, with where to look. */
function hinted(error: unknown, { option }: Manager, unit: string): unknown {
  if (!(error instanceof OcirunError) || error.details.hint !== undefined) return error;
  const hint = `systemctl ${option}status ${unit}, and journalctl ${option}-u ${unit}, may tell more`;
  return new OcirunError(error.code, error.message, { ...error.details, hint });
}
