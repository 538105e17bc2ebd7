import type { Hook, Spec } from '../../spec/types.ts';
import type { Plan } from '../build.ts';
import type { Control } from '../cgroup/index.ts';
import { namespaceOf } from '../namespaces.ts';
import type { Kind } from '../protocol.ts';
import type { IdmapSource, SlotSource, TreeSource } from '../sources.ts';
import { deviceRows } from './devices.ts';
import { limitsText, programText, type Told } from './operands.ts';
import { fixedSlots } from './steps.ts';
import { type UnitView, unitRows } from './unit.ts';
import { bytes, listed, mapLines, namespaceNames, quoted } from './words.ts';

/** One thing that is done: by whom is said above it. */
export interface Row {
  /** What is done, or to what: an op, or a word of ours. */
  readonly name: string;
  readonly told: Told;
  /** What of config.json asks for it (RFC 6901), '' for what every container gets. */
  readonly pointer: string;
  /** Pointers of the lines below it. */
  readonly pointers?: readonly string[];
}

/** What is known of a container that is planned, besides its plan. */
export interface PlanView {
  readonly plan: Plan;
  readonly spec: Spec;
  readonly id: string;
  readonly bundle: string;
  readonly rootfs: string;
  readonly cgroup: string;
  /** The unit of systemd that the cgroup is made with. */
  readonly unit?: UnitView | undefined;
  readonly stateDirectory: string;
  readonly pidFile: string | undefined;
  readonly pidfdSocket: string | undefined;
  /** CLONE_NEW* that init begins with. */
  readonly ahead: number;
  /** Where in config.json a pointer leads. */
  readonly locate: (pointer: string) => string | undefined;
}

const row = (name: string, told: Told, pointer = ''): Row => ({ name, told, pointer });

/** Each kind of namespace: new, joined, or the caller's. */
export function namespaceRows({ spec }: PlanView): Row[] {
  const kinds = ['user', 'pid', 'mount', 'network', 'ipc', 'uts', 'cgroup', 'time'] as const;
  return kinds.map((kind) => {
    const namespace = namespaceOf(spec, kind);
    if (!namespace) return row(kind, 'of the caller');
    const pointer = `/linux/namespaces/${spec.linux?.namespaces?.indexOf(namespace)}`;
    return row(kind, namespace.path ? `of ${quoted(namespace.path)}` : 'new', pointer);
  });
}

/** What the runtime does before init is at work. */
export function beforeRows(view: PlanView): Row[] {
  const { plan, stateDirectory, ahead } = view;
  const files = listed(['config.json', 'plan.bin', ...(hasFifo(plan) ? ['exec.fifo'] : [])], '');
  return [
    row('state', `make ${quoted(stateDirectory)}, and in it a record of what is to be made, ${files}`),
    ...placeRows(view),
    ...(ahead === 0
      ? []
      : [row('ahead', `have init begin with namespaces: ${namespaceNames(ahead)}`, '/linux/namespaces')]),
    ...deviceRows(view),
    ...(plan.controls ?? []).map((control) => row('cgroup', controlText(control), control.pointer)),
    ...(plan.delegated ? [row('cgroup', "give it to the container's user", '/process/user/uid')] : []),
    ...plan.sources.map((source) => row(`slot ${source.slot}`, sourceText(source), source.pointer)),
  ];
}

/** How init comes into its cgroup. */
function placeRows({ plan, cgroup, unit, spec }: PlanView): Row[] {
  const controllers = plan.controls
    ? [row('cgroup', 'enable every controller on the way to it', '/linux/resources')]
    : [];
  if (unit)
    return [row('init', 'start it beside the caller'), ...unitRows(unit, !spec.linux?.cgroupsPath), ...controllers];
  return [
    row(
      'cgroup',
      `make ${quoted(cgroup)}; one that is there has to be empty`,
      spec.linux?.cgroupsPath ? '/linux/cgroupsPath' : '',
    ),
    ...controllers,
    row('init', plan.order === 'clone' ? 'start it in the cgroup' : 'start it beside the caller'),
  ];
}

/** What a control file gets, and what is not sure before the machine has been asked. */
function controlText({ controller, file, value, instead, optional, again, late, aboveUsage }: Control): string {
  const isSize = ['memory', 'hugetlb'].includes(controller) && /^\d+$/.test(value);
  return [
    `write ${isSize ? bytes(BigInt(value)) : quoted(value)} to its ${file}`,
    ...(instead ? [`, or ${quoted(instead.value)} to ${instead.file}`] : []),
    ...(optional ? [', if there is one'] : []),
    ...(again ? [', or after what follows'] : []),
    ...(late ? [', once its first process is alone'] : []),
    ...(aboveUsage ? [', if that is more than is in use'] : []),
  ].join('');
}

const hasFifo = ({ sources }: Plan): boolean => sources.some(({ kind }) => kind === 'fifo');

/** A slot by what is in it. */
export function slotName(plan: Plan): (slot: number) => string {
  const names = new Map(plan.sources.map((source) => [source.slot, sourceName(source)]));
  return (slot) => fixedSlots[slot] ?? names.get(slot) ?? `slot ${slot}`;
}

function sourceName(source: SlotSource): string {
  const slot = `slot ${source.slot}`;
  if (source.kind === 'cgroup') return `the cgroup of its own (${slot})`;
  return source.kind === 'tree' ? `${quoted(source.path)}${source.recursive ? ' and below' : ''} (${slot})` : slot;
}

function sourceText(source: SlotSource): Told {
  if (source.kind === 'tree') return treeText(source);
  if (source.kind === 'namespace') {
    const foreign = source.mustBeForeign ? ", not the runtime's own" : '';
    return `the ${namespaceNames(source.type)} namespace ${quoted(source.path)}${foreign}`;
  }
  return source.kind === 'fifo' ? 'exec.fifo' : "a copy of the mount of cgroup2 from the container's cgroup on";
}

function treeText(source: TreeSource): Told {
  const proc = source.mustBeProc ? ', which has to be the root of a procfs' : '';
  const below = source.recursive ? ' and below' : '';
  return [`a copy of what is mounted at ${quoted(source.path)}${below}${proc}`, ...idmapLines(source.idmap)];
}

function idmapLines(idmap: IdmapSource | undefined): string[] {
  if (!idmap) return [];
  const all = idmap.recursive ? ', also of what is mounted below' : '';
  if ('path' in idmap) return [`ids as in the user namespace ${quoted(idmap.path)}${all}`];
  return [
    ...mapLines(idmap.uid).map((line) => `uids ${line}${all}`),
    ...mapLines(idmap.gid).map((line) => `gids ${line}${all}`),
  ];
}

/** What the runtime does when init has announced something, before it answers. */
export const answerRows: Partial<Record<Kind, (view: PlanView) => Row[]>> = {
  place: ({ cgroup }) => [row('cgroup', `move init into ${quoted(cgroup)}`)],
  maps: ({ plan }) => [
    row('uid_map', ['write the map of user ids', ...mapLines(plan.maps?.uid ?? '')], '/linux/uidMappings'),
    row('gid_map', ['write the map of group ids', ...mapLines(plan.maps?.gid ?? '')], '/linux/gidMappings'),
  ],
  listener: ({ plan: { agent } }) => [
    row('listener', `take it, and send it to the agent at ${quoted(agent?.path ?? '')}`, '/linux/seccomp/listenerPath'),
    ...(agent?.metadata === undefined
      ? []
      : [row('metadata', `with ${quoted(agent.metadata)}`, '/linux/seccomp/listenerMetadata')]),
  ],
  hooks: (view) => [...hookRows(view, 'prestart'), ...hookRows(view, 'createRuntime')],
  ready: ({ plan, pidFile, pidfdSocket }) => [
    ...(plan.limits ?? []).map((step) => row('limits', limitsText(step), step.pointer)),
    row('state', 'save the process id of init'),
    ...(pidfdSocket === undefined ? [] : [row('pidfd', `send it to ${quoted(pidfdSocket)}`)]),
    ...(pidFile === undefined ? [] : [row('pid file', `write ${quoted(pidFile)}`)]),
  ],
};

/** The hooks of one kind that the runtime runs itself. */
export const hookRows = ({ spec }: PlanView, kind: 'prestart' | 'createRuntime' | 'poststart' | 'poststop'): Row[] =>
  (spec.hooks?.[kind] ?? []).map((hook, index) => row(kind, hookText(hook), `/hooks/${kind}/${index}`));

function hookText({ path, args, env, timeout }: Hook): Told {
  const [call, ...variables] = programText(args && args.length > 0 ? args : [path], env ?? []);
  const limit = timeout === undefined ? '' : `, at most ${timeout} s`;
  return [`${quoted(path)} as ${call}${limit}`, ...(env ? variables : ['environment: that of the caller'])];
}
