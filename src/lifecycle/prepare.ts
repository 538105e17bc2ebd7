import { cgroupDirectory } from '../cgroup/path.ts';
import { OcirunError } from '../errors/error.ts';
import { type HostFacts, hostFacts } from '../host/facts.ts';
import type { Log } from '../log.ts';
import { hasNamespace, namespacesAhead } from '../plan/namespaces.ts';
import { buildPlan, type CgroupOrder, type Plan } from '../plan/build.ts';
import type { Control } from '../plan/cgroup/index.ts';
import { type LoadedSpec, loadSpec } from '../spec/load.ts';
import type { Spec } from '../spec/types.ts';
import { absolute } from '../state/root.ts';
import { locating } from './locate.ts';
import type { PlannedUnit } from './planned-unit.ts';
import { orExplain } from './or-explain.ts';
import { readConfig } from './read-config.ts';
import { At, Mode, O } from '../sys/constants.ts';
import { attempt, part, sys, withFd } from '../sys/index.ts';
import { type Verdict, validate } from '../validate/index.ts';
import { limitsAreThere } from '../validate/resources.ts';
import { hookEnvironment, mark } from '../trace.ts';

/** What `create` and `run` are asked for. */
export interface CreateRequest {
  readonly id: string;
  /** Where the state directories are. */
  readonly root: string;
  readonly bundle: string;
  readonly pidFile: string | undefined;
  readonly pivot: boolean;
  readonly newKeyring: boolean;
  /** Descriptors from 3 on: those of our service manager, then those that `--preserve-fds` counts. */
  readonly listenFds: number;
  readonly preserveFds: number;
  /** The socket of our service manager (sd_notify(3)). */
  readonly notifySocket: string | undefined;
  /** Socket of whoever wants a pidfd of init. */
  readonly pidfdSocket: string | undefined;
  /** Whether systemd makes the cgroup. */
  readonly systemdCgroup: boolean;
  /** `create`: the program waits for `start`. `run`: it does not. */
  readonly waitForStart: boolean;
}

/** A container that is planned; nothing has been touched yet. */
export interface Prepared {
  readonly request: CreateRequest;
  readonly spec: Spec;
  /** config.json as it was read. */
  readonly config: string;
  readonly bundle: string;
  readonly rootfs: string;
  readonly host: HostFacts;
  readonly cgroup: string;
  /** The unit of systemd that the cgroup belongs to. */
  readonly unit: PlannedUnit | undefined;
  /** Where the container says what it has to say to our service manager. */
  readonly notifyDirectory: string | undefined;
  /** The limits of the cgroup, where the document speaks of them. */
  readonly controls: readonly Control[] | undefined;
  /** CLONE_NEW* that init can begin with. */
  readonly ahead: number;
  planFor(order: CgroupOrder): Plan;
}

/** Load, validate and plan a container. */
export function prepare(request: CreateRequest, log: Log): Prepared {
  const bundle = absolute(request.bundle);
  const config = readConfig(bundle, () => part('diagnose').unreadable);
  mark('read');
  return locating(config, () => prepareFrom(request, bundle, config, log));
}

function loadValid({ pivot }: CreateRequest, config: string, log: Log): LoadedSpec {
  const loaded = loadSpec(config, () => part('diagnose').diagnosis(pivot));
  mark('parse');
  const { errors, warnings } = validate(loaded.spec, loaded.mayHaveNul, pivot);
  for (const { message, details } of warnings) log.warn(message, { ...details });
  if (errors.length > 0) throw refusal(config, pivot, errors);
  mark('validate');
  return loaded;
}

function prepareFrom(request: CreateRequest, bundle: string, config: string, log: Log): Prepared {
  const { spec, exact } = loadValid(request, config, log);
  const host = hostFacts();
  mark('host');
  const rootfs = resolveRootfs(bundle, spec.root?.path ?? '');
  const notifyDirectory = canBeNotified(request, spec) ? `${request.root}/${request.id}/notify` : undefined;
  const resources = limitsAreThere(spec) ? spec.linux?.resources : undefined;
  const asked = resources && part('resources').resourceControls(resources, exact);
  const unit = request.systemdCgroup
    ? part('systemd').planUnit({ id: request.id, spec, host, controls: asked })
    : undefined;
  const controls = unit ? unit.controls : asked;
  const rules = spec.linux?.resources?.devices;
  const seccomp = spec.linux?.seccomp;
  if (rules) part('devices').refuseHoles(rules);
  return {
    request,
    spec,
    config,
    bundle,
    rootfs,
    host,
    cgroup: unit
      ? unit.directory
      : cgroupDirectory(host.cgroupMount, host.ownCgroup, spec.linux?.cgroupsPath, request.id),
    unit,
    notifyDirectory,
    controls,
    ahead: namespacesAhead(spec),
    planFor: (order) =>
      buildPlan({
        ...request,
        spec,
        exact,
        bundle,
        rootfs,
        host,
        controls,
        delegated: isOfOther(spec) && part('resources').isDelegated(spec),
        deviceProgram: () => part('devices').deviceProgramOf(rules),
        filter: seccomp && part('savedFilter').savedFilter(seccomp, { ...request, bundle }, exact, log),
        notifyDirectory,
        order,
        hookEnvironment,
      }),
  };
}

/** Whether the container's user is not the host's root. */
const isOfOther = (spec: Spec): boolean => Boolean(spec.process?.user?.uid) || hasNamespace(spec, 'user');

/** Nothing of the runtime's is mounted where the container has no mounts of its own. */
const canBeNotified = ({ notifySocket }: CreateRequest, spec: Spec): boolean =>
  notifySocket !== undefined && hasNamespace(spec, 'mount');

/** All errors at once, with what a rule alone cannot know. */
const refusal = (config: string, pivot: boolean, errors: Verdict['errors']): Error =>
  part('diagnose').diagnosis(pivot).refusal(config) ?? new Error(errors.map(({ message }) => message).join('; '));

/** The directory of the root filesystem: absolute, or from the bundle (config.md "Root"); it has to exist. */
function resolveRootfs(bundle: string, path: string): string {
  const rootfs = absolute(path.startsWith('/') ? path : `${bundle}/${path}`);
  const pointer = '/root/path';
  const [mode = 0] = orExplain({ action: `invalid rootfs: stat ${rootfs}`, path: rootfs, pointer }, 'rootfsError', () =>
    sys.statat(At.FDCWD, rootfs, 0),
  );
  if ((mode & Mode.TYPE) === Mode.DIRECTORY) return rootfs;
  throw new OcirunError('E_CONFIG_RULE', `invalid rootfs: ${rootfs} is not a directory`, { pointer, path: rootfs });
}

/** Refuse descriptors to preserve that the caller did not give us: one of our own may have the number. */
export function checkPreservedFds({ listenFds, preserveFds: count }: CreateRequest): void {
  for (let index = 0; index < count; index += 1)
    if (!sys.isInherited(3 + listenFds + index))
      throw new OcirunError('E_USAGE', `unable to stat preserved-fd ${index} (of ${count}): bad file descriptor`);
}

/** Write the pid for whoever asked (`--pid-file`): a temporary file, then its name, so that nobody reads half of it. */
export function writePidFile(path: string, pid: number): void {
  const slash = path.lastIndexOf('/') + 1;
  const temporary = `${path.slice(0, slash)}.${path.slice(slash)}`;
  attempt(
    'E_SYSTEM',
    `write pid file ${path}`,
    () => {
      const fd = sys.openat(At.FDCWD, temporary, O.WRONLY | O.CREAT | O.EXCL, 0o666);
      withFd(fd, () => sys.write(fd, `${pid}`));
      try {
        sys.renameat(At.FDCWD, temporary, At.FDCWD, path);
      } catch (error) {
        sys.unlinkat(At.FDCWD, temporary, 0);
        throw error;
      }
    },
    { path },
  );
}
