import type { Watch } from '../../dbus/client.ts';
import type { Variant } from '../../dbus/types.ts';
import { OcirunError } from '../../errors/error.ts';
import { isNoSuchUnit, isUnitExists, type Manager, managerCall, managerInterface, text } from './manager.ts';

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

function job(
  manager: Manager,
  member: string,
  signature: string,
  body: Parameters<typeof managerCall>[3],
  doing: string,
): Job {
  const unit = text(body[0]);
  const { bus } = manager;
  const watch = watchJobs(manager, unit);
  const pending = bus.send(managerCall(manager, member, signature, body, doing));
  return {
    end: () => {
      const [path] = bus.answer(pending);
      return text(bus.signal(watch, ({ body: [, ended] }) => ended === path, doing).body[3]);
    },
  };
}

const start = (manager: Manager, unit: string, properties: readonly Property[]): Job =>
  job(manager, 'StartTransientUnit', 'ssa(sv)a(sa(sv))', [unit, 'replace', properties, []], `start unit ${unit}`);

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

/** Stop a unit and forget it; one that is not there is as one wants it. */
export function stopUnit(manager: Manager, unit: string): void {
  try {
    job(manager, 'StopUnit', 'ss', [unit, 'replace'], `stop unit ${unit}`).end();
  } catch (error) {
    if (isNoSuchUnit(error)) return;
    throw hinted(error, manager, unit);
  }
  resetFailed(manager, unit);
}

function resetFailed(manager: Manager, unit: string): void {
  try {
    manager.bus.call(managerCall(manager, 'ResetFailedUnit', 's', [unit], `forget unit ${unit}`));
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
