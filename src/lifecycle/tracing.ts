// The file of `--trace`: loaded only where that is asked for.
import { OcirunError } from '../errors/error.ts';
import type { Plan } from '../plan/build.ts';
import { At, O } from '../sys/constants.ts';
import { attempt, monotonic, orElse, sys, watchParts, withFd } from '../sys/index.ts';
import { trace } from '../trace.ts';
import { version } from '../version.ts';
import { lasting, micro, naming, stepDetails, stepName, type TraceEvent } from './trace-events.ts';
import { formatTraceParent, parseTraceParent, type TraceParent } from './traceparent.ts';

/** What init has told of its steps. */
interface InitTimes {
  readonly plan: Plan;
  readonly stage1: number;
  readonly stage2: number;
  /** When each step began. */
  readonly times: number[];
}

/** The trace of this command. */
interface Tracing {
  readonly fd: number;
  readonly command: string;
  readonly parent: TraceParent | undefined;
  readonly traceId: string;
  /** How the ids of our spans begin. */
  readonly prefix: string;
  /** What to take from milliseconds of the clock of the day for those of the monotonic one. */
  readonly shift: number;
  init: InitTimes | undefined;
}

let tracing: Tracing | undefined;

/** Spans that are known by a pointer before they are written, and how many there are. */
const known = new Map<string, string>();
let spans = 0;

/** Open the file before anything is done. */
export function begin(file: string, command: string): void {
  const fd = attempt(
    'E_USAGE',
    `open trace file ${file}`,
    () => sys.openat(At.FDCWD, file, O.WRONLY | O.CREAT | O.TRUNC, 0o644),
    { path: file },
  );
  const parent = parseTraceParent(orElse('EILSEQ', undefined, () => sys.getenv('TRACEPARENT')));
  const random = [...withFd(sys.open('/dev/urandom', O.RDONLY, 0), (source) => sys.readBytes(source, 20))];
  const digits = random.map((byte) => byte.toString(16).padStart(2, '0')).join('');
  const [seconds, nanoseconds] = sys.clock(0);
  const shift = seconds * 1000 + nanoseconds / 1e6 - monotonic();
  const traceId = parent?.traceId ?? digits.slice(8);
  tracing = { fd, command, parent, traceId, prefix: digits.slice(0, 8), shift, init: undefined };
  newSpan();
}

/** The id of another span; the first is the command's own. */
function newSpan(): string {
  spans += 1;
  return (tracing?.prefix ?? '') + spans.toString(16).padStart(8, '0');
}

const ownSpan = (): string => (tracing?.prefix ?? '') + '1'.padStart(8, '0');

/** The span of the hook that `pointer` names. */
function spanOf(pointer: string): string {
  const span = known.get(pointer) ?? newSpan();
  known.set(pointer, span);
  return span;
}

const name = 'TRACEPARENT=';

/**
 * The environment of the hook that `pointer` names, with its place in the trace. Those that begin once init has been
 * let go are not seen by us: to them, the command itself is the parent.
 */
export function withParent(environment: readonly string[], pointer: string): readonly string[] {
  if (!tracing) return environment;
  const { traceId, parent } = tracing;
  const spanId = pointer.startsWith('/hooks/startContainer/') ? ownSpan() : spanOf(pointer);
  const text = formatTraceParent({ traceId, spanId, sampled: parent?.sampled ?? true });
  return [...environment.filter((variable) => !variable.startsWith(name)), name + text];
}

/** When the next steps of init began: nanoseconds of the clock of the day, 64 bits each (plan/protocol.ts). */
export function noteSteps(plan: Plan, stage1: number, stage2: number, detail: Uint8Array): void {
  if (!tracing) return;
  const init = (tracing.init ??= { plan, stage1, stage2, times: [] });
  const view = new DataView(detail.buffer, detail.byteOffset, detail.length);
  for (let at = 0; at + 8 <= detail.length; at += 8) {
    const nanoseconds = view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32;
    init.times.push(nanoseconds / 1e6 - tracing.shift);
  }
}

/** Write the trace. The last phase is that of its own making, and so written last. */
export function end(status: number, error: unknown): void {
  if (!tracing) return;
  const { fd, command } = tracing;
  const pid = sys.getpid();
  const events = [
    ...naming(pid, pid, `ocirun ${command}`, 'phases'),
    ...phaseEvents(pid),
    ...hookEvents(pid),
    ...stepEvents(tracing),
  ];
  const about = JSON.stringify(aboutCommand(tracing, status, error));
  const lines = events.map((event) => JSON.stringify(event)).join(',\n');
  const [, from = trace.begin] = trace.marks.at(-1) ?? [];
  const { dur: _, ...last } = lasting('trace', 'phase', [pid, pid], [from, from], spanArguments(newSpan()));
  const text = JSON.stringify(last).slice(0, -1);
  withFd(fd, () => {
    sys.write(fd, `{"otherData":${about},\n"traceEvents":[\n${lines},\n${text},"dur":`);
    sys.write(fd, `${micro(monotonic() - from)}}\n]}\n`);
  });
}

/** How the command ended and what it is part of. */
function aboutCommand({ command, traceId, parent }: Tracing, status: number, error: unknown): object {
  const code = error instanceof OcirunError ? error.code : 'E_INTERNAL';
  return {
    program: 'ocirun',
    version,
    command,
    status,
    ...(error === undefined ? {} : { error: code, message: messageOf(error) }),
    traceId,
    spanId: ownSpan(),
    ...(parent ? { parentSpanId: parent.spanId, sampled: parent.sampled } : {}),
    parts: [...watchParts()].sort(),
  };
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const spanArguments = (span: string): { span_id: string; parent_span_id: string } => ({
  span_id: span,
  parent_span_id: ownSpan(),
});

function phaseEvents(pid: number): TraceEvent[] {
  let from = trace.begin;
  return trace.marks.map(([phase, to]) => {
    const event = lasting(phase, 'phase', [pid, pid], [from, to], spanArguments(newSpan()));
    from = to;
    return event;
  });
}

const hookEvents = (pid: number): TraceEvent[] =>
  trace.spans.map(({ name: hook, from, to, details }) => {
    const span = spanOf(String(details['pointer']));
    return lasting(hook, 'hook', [pid, pid], [from, to], { ...details, ...spanArguments(span) });
  });

/** The steps of init, up to the last that it could tell of; that one ended when we had its word. */
function stepEvents({ init }: Tracing): TraceEvent[] {
  if (!init) return [];
  const { plan, stage1, stage2, times } = init;
  const [, ready] = trace.marks.find(([phase]) => phase === 'wait for init') ?? [];
  const steps = [...plan.stage1, ...plan.stage2].slice(0, times.length);
  const events = steps.map((step, index) => {
    const thread = index < plan.stage1.length ? stage1 : stage2;
    const from = times[index] ?? 0;
    const span = step.op === 'runProgram' ? spanOf(step.pointer) : newSpan();
    const details = { ...stepDetails(step, index, plan.sources), ...spanArguments(span) };
    return lasting(stepName(step), 'step', [stage2, thread], [from, times[index + 1] ?? ready ?? from], details);
  });
  const names = [
    ...naming(stage2, stage1, 'ocirun-init', 'stage 1'),
    ...naming(stage2, stage2, 'ocirun-init', 'stage 2'),
  ];
  return [...names, ...events, ...executeEvents(stage2)];
}

/** What comes once init is let go can be seen from here alone. */
function executeEvents(pid: number): TraceEvent[] {
  const at = trace.marks.findIndex(([phase]) => phase === 'exec');
  const [from, to] = [trace.marks[at - 1]?.[1], trace.marks[at]?.[1]];
  if (from === undefined || to === undefined) return [];
  return [lasting('execute', 'step', [pid, pid], [from, to], { op: 'execute', ...spanArguments(newSpan()) })];
}
