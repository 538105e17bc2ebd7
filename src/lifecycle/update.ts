import type { Cgroup } from '../cgroup/cgroupfs.ts';
import { jsonText } from '../cgroup/json-text.ts';
import { OcirunError } from '../errors/error.ts';
import type { Log } from '../log.ts';
import type { Control } from '../plan/cgroup/index.ts';
import { deviceFilter } from '../plan/device-filter/rules.ts';
import { merge, withExact, withoutFiles, withoutZeros, withSwapKept, withSwapOpened } from '../plan/update/merge.ts';
import { type Previous, previousValue, withoutIdleWeight, withWeight } from '../plan/update/previous.ts';
import { changed, endsIdleness, isWeightOfIdle, overruled, withoutEndOfIdleness } from '../plan/update/select.ts';
import type { LoadedSpec } from '../spec/load.ts';
import type { DeviceRule } from '../spec/types.ts';
import { requireStatus, statusOf } from '../state/status.ts';
import { type Container, load, lock, writeResources } from '../state/store.ts';
import { At } from '../sys/constants.ts';
import { attempt, orElse, part, readFile, sys, withFd } from '../sys/index.ts';
import { configLimit } from './read-config.ts';
import { asked, loadRequest, loadResources, root, type UpdateRequest } from './update-request.ts';

/** Devices that a container may use from now on, and could until now. */
interface Devices {
  readonly rules: readonly DeviceRule[];
  readonly before: readonly DeviceRule[];
  readonly program: Uint8Array;
}

/** What is to be done; nothing has been touched yet. */
interface Planned {
  readonly controls: readonly Control[];
  readonly devices: Devices | undefined;
  /** All that the container may use then. */
  readonly text: string;
  /** Which part of it comes from the update. */
  readonly touched: ReadonlyMap<string, string>;
}

/** Change what a container may use. What fails leaves everything as it was. */
export function update(id: string, stateRoot: string, request: UpdateRequest, log: Log): void {
  const { directory } = load(stateRoot, id);
  withFd(lock(directory), (held) => {
    const container = load(stateRoot, id);
    requireStatus('update', id, statusOf(container));
    const planned = plan(container, request, log);
    const { cgroup } = container.record;
    if (!cgroup) throw new OcirunError('E_CGROUP', `container ${id} has no cgroup of its own`);
    asked(request, planned.touched, () => apply(cgroup, planned, held));
  });
}

/** What the container may use now: as it was created, or as the last update has left it. */
const current = ({ directory }: Container): LoadedSpec =>
  attempt('E_STATE', `read what the container may use, in ${directory}`, () => {
    const updated = orElse('ENOENT', undefined, () => readFile(`${directory}/resources.json`, configLimit));
    if (updated !== undefined) return loadResources(updated);
    const config = readFile(`${directory}/config.json`, configLimit);
    return part('create').loadSpec(config, () => part('diagnose').diagnosis(true));
  });

const treeOf = ({ spec, exact }: LoadedSpec) => withExact(spec.linux?.resources, exact, root);

function plan(container: Container, request: UpdateRequest, log: Log): Planned {
  const before = current(container);
  const wanted = withSwapOpened(withoutZeros(treeOf(loadRequest(request))));
  const { resources, touched } = merge(withSwapKept(treeOf(before), wanted), wanted);
  return asked(request, touched, () => {
    const whole = loadResources(jsonText(resources));
    check(whole, touched, log);
    const text = jsonText(withoutFiles(resources, overruled(controlsOf(whole), touched)));
    const after = loadResources(text);
    const shares = [sharesOf(before), sharesOf(after)] as const;
    if (isWeightOfIdle(controlsOf(after), shares, touched)) throw weightOfIdle();
    const controls = changed(controlsOf(after), controlsOf(before), touched);
    return { controls, devices: touched.has('/devices') ? devicesOf(after, before) : undefined, text, touched };
  });
}

const sharesOf = ({ spec }: LoadedSpec): number => spec.linux?.resources?.cpu?.shares ?? 0;

const weightOfIdle = (): OcirunError =>
  new OcirunError('E_CONFIG_RULE', 'the container is idle (cpu.idle is 1), and has no CPU shares while it is', {
    pointer: `${root}/cpu/shares`,
    hint: 'set linux.resources.cpu.idle (--cpu-idle) to 0 as well',
  });

/** The same rules as of `create`; warnings of what the update does not speak of have been told then. */
function check({ spec, mayHaveNul }: LoadedSpec, touched: ReadonlyMap<string, string>, log: Log): void {
  const { errors, warnings } = part('create').validate(spec, mayHaveNul);
  const [first, ...others] = errors.map(({ code, message, details }) => {
    const { expected = '' } = details;
    return new OcirunError(code, message.includes(expected) ? message : `${message}: expected ${expected}`, details);
  });
  if (first) throw new OcirunError(first.code, first.message, { ...first.details, ...(others[0] ? { others } : {}) });
  for (const { message, details } of warnings)
    if (touched.has(details.pointer.slice(root.length))) log.warn(message, { ...details });
}

const controlsOf = ({ spec, exact }: LoadedSpec): Control[] =>
  part('resources').resourceControls(spec.linux?.resources ?? {}, exact);

function devicesOf(after: LoadedSpec, before: LoadedSpec): Devices {
  const rules = after.spec.linux?.resources?.devices ?? [];
  const program = part('devices').deviceProgramOf(rules, `${root}/devices`);
  return { rules, before: before.spec.linux?.resources?.devices ?? [], program };
}

/** Something to do, and what takes it back, also where it was done by half. */
type Step = readonly [act: () => void, takeBack: () => void];

function apply(cgroup: Cgroup, planned: Planned, held: number): void {
  const { directory, unit } = cgroup;
  const { devices, text } = planned;
  const wanted = effective(directory, planned);
  const mount = part('create').hostFacts().cgroupMount;
  const { enableControllers, writeControls } = part('resources');
  const controls = unit ? part('systemd').asSystemdKeepsIt(wanted) : wanted;
  if (controls.length > 0) enableControllers(mount, directory, controls);
  const before = previousControls(directory, controls);
  const steps: Step[] = [[() => writeControls(directory, controls), () => rewrite(directory, before)]];
  if (unit) {
    const { updateUnit } = part('systemd');
    const old = before.map(({ control }) => control);
    const filter = (rules: readonly DeviceRule[] | undefined) => rules && deviceFilter(rules);
    steps.push([
      () => updateUnit(mount, unit, controls, filter(devices?.rules)),
      () => updateUnit(mount, unit, old, filter(devices?.before)),
    ]);
  }
  if (devices) {
    const { replaceDeviceProgram, replaceDeviceRules } = part('devices');
    steps.push([
      () => replaceDeviceProgram(directory, devices.program),
      () => replaceDeviceRules(directory, devices.before, `${root}/devices`),
    ]);
  }
  steps.push([() => writeResources(held, text), () => undefined]);
  allOrNothing(steps);
}

/** Do one after the other. Where one fails, what was done is taken back, the last one first; that error is the one to tell. */
function allOrNothing(steps: readonly Step[]): void {
  const undo: (() => void)[] = [];
  try {
    for (const [act, takeBack] of steps) {
      undo.unshift(takeBack);
      act();
    }
  } catch (error) {
    const trouble = undo.flatMap(failing);
    if (trouble.length === 0 || !(error instanceof OcirunError)) throw error;
    throw new OcirunError(error.code, `${error.message} (and while undoing it: ${trouble.join('; ')})`, error.details);
  }
}

function failing(action: () => void): string[] {
  try {
    action();
    return [];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

/** What changes something, as the kernel has it now. */
const effective = (directory: string, { controls, touched }: Planned): readonly Control[] =>
  endsIdleness(controls) && kept(directory, 'cpu.idle', '0') !== '1'
    ? withoutEndOfIdleness(controls, touched)
    : controls;

/** What a control file says now, as what brings it back to that; undefined where nobody can read it. */
const kept = (directory: string, file: string, written: string): string | undefined => {
  const text = orElse('ENOENT ENODEV EACCES EPERM EINVAL EOPNOTSUPP', undefined, () =>
    readFile(`${directory}/${file}`, 1 << 20),
  );
  return text === undefined ? undefined : previousValue(text, written);
};

const previousControls = (directory: string, controls: readonly Control[]): readonly Previous[] =>
  withoutIdleWeight(
    withWeight(controls).flatMap(({ aboveUsage: _, instead, ...control }) => {
      const isThere = sys.exists(At.FDCWD, `${directory}/${control.file}`);
      const { file, value: written } = instead && !isThere ? instead : control;
      const value = kept(directory, file, written);
      return value === undefined ? [] : { control: { ...control, file, value }, written };
    }),
  );

/**
 * Each of them, whatever becomes of the others; what was never written, or is as it was, is left alone. What the kernel
 * does not take beside another new value (a quota below the new burst) it takes once that is back.
 */
function rewrite(directory: string, previous: readonly Previous[]): void {
  const write = (left: readonly Previous[]): string[] =>
    left
      .filter(({ control: { file, value }, written }) => kept(directory, file, written) !== value)
      .flatMap(({ control }) => failing(() => part('resources').writeControls(directory, [control])));
  const latestFirst = [...previous].reverse();
  const trouble = write(latestFirst).length > 0 ? write(latestFirst) : [];
  if (trouble.length > 0) throw new OcirunError('E_CGROUP', trouble.join('; '));
}
