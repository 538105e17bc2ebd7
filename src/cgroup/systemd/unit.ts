import { OcirunError } from '../../errors/error.ts';

/** A unit of systemd that a container's cgroup belongs to (systemd.scope(5), systemd.slice(5)). */
export interface Unit {
  readonly name: string;
  /** The slice that it is below. */
  readonly slice: string;
  /** Its cgroup, from that of the service manager on: `/system.slice/…`. */
  readonly path: string;
}

const pointer = '/linux/cgroupsPath';

const wrong = (message: string, hint?: string): OcirunError =>
  new OcirunError('E_CONFIG_RULE', message, { pointer, ...(hint ? { hint } : {}) });

/**
 * The unit of a container: `cgroupsPath` is `slice:prefix:name`, as runc has it. Without one it is a scope named after
 * the container.
 * @param rootless whether it is the service manager of a user, whose containers are in a slice of their own
 */
export function unitOf(cgroupsPath: string | undefined, id: string, rootless: boolean): Unit {
  const usual = rootless ? 'user.slice' : 'system.slice';
  if (!cgroupsPath) return scope(usual, `ocirun-${escaped(id)}.scope`);
  const parts = cgroupsPath.split(':');
  const [given, prefix, name] = parts;
  if (given === undefined || prefix === undefined || name === undefined || parts.length > 3)
    throw wrong(
      `expected cgroupsPath to be of format "slice:prefix:name" for systemd cgroups, got ${JSON.stringify(cgroupsPath)} instead`,
      'name a slice of systemd, as in system.slice:ocirun:NAME; a path of directories is for containers without --systemd-cgroup',
    );
  const slice = given || usual;
  if (!name.endsWith('.slice')) return scope(slice, checked(`${prefix}-${name}.scope`));
  // The name of a slice says where it is.
  slicePath(slice);
  const path = slicePath(name);
  if (path === '') throw wrong(`${name} is the slice of all units, and no container's`, 'name another one');
  return { name: checked(name), slice, path };
}

const scope = (slice: string, name: string): Unit => ({
  name,
  slice,
  path: `${slicePath(slice)}/${directoryName(name)}`,
});

/**
 * Where a slice is: `a-b.slice` is in `a.slice`, and `-.slice` is the one that all are in (systemd.slice(5)).
 * `/a.slice/a-b.slice`, '' for `-.slice`.
 */
export function slicePath(slice: string): string {
  const stem = slice.endsWith('.slice') ? slice.slice(0, -'.slice'.length) : '';
  if (stem === '-') return '';
  const parts = stem.split('-');
  if (stem.includes('/') || parts.includes('')) throw wrong(`invalid slice name: ${slice}`);
  checked(slice);
  return parts.map((_, index) => `/${directoryName(`${parts.slice(0, index + 1).join('-')}.slice`)}`).join('');
}

/**
 * systemd puts `_` before a name that could be that of a file of the cgroup (cg_escape in its basic/cgroup-util.c). Which
 * those are depends on its version where a dot comes before the last one: `cpu.x.scope` is not among them here.
 */
const directoryName = (unit: string): string =>
  /^(?:[_.]|cgroup\.|(?:cpu|cpuacct|cpuset|io|blkio|memory|devices|pids|bpf-[a-z-]+)\.[a-z]+$)/.test(unit)
    ? `_${unit}`
    : unit;

const longest = 255;

/** systemd.unit(5), "Description". */
function checked(unit: string): string {
  if (unit.length <= longest && /^[A-Za-z0-9:_.\\@-]+$/.test(unit) && !/@\.\w+$/.test(unit)) return unit;
  throw wrong(
    `invalid unit name: ${unit}`,
    `systemd takes ${longest} letters, digits and : _ . \\ @ -; others are written as \\x2b (systemd-escape does it)`,
  );
}

/** A container's id may have a `+`, which no unit may: escaped as systemd-escape(1) does it. */
const escaped = (id: string): string => id.replaceAll('+', '\\x2b');
