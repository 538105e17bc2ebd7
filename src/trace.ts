import { monotonic, part, sys, watchParts } from './sys/index.ts';

/** What is gathered for `--trace`; lifecycle/tracing.ts makes a file of it. Times are milliseconds of the monotonic clock. */
export const trace: {
  on: boolean;
  /** When this process was started, as far as it can tell. */
  begin: number;
  /** The phases, by their ends: each begins as the one before ends. */
  readonly marks: [name: string, at: number][];
  /** What lies inside a phase. */
  readonly spans: Span[];
} = { on: false, begin: 0, marks: [], spans: [] };

/** Something that took time, inside a phase. */
export interface Span {
  readonly name: string;
  readonly category: 'hook' | 'step';
  readonly from: number;
  readonly to: number;
  /** Whose time it was, where that is not this process. */
  readonly process?: number;
  readonly details: Readonly<Record<string, unknown>>;
}

/**
 * Begin to keep marks. Until now this process has worked without a pause, from its execution on: so the processor time
 * of its thread (CLOCK_THREAD_CPUTIME_ID) tells when that was.
 */
export function startTrace(): void {
  const [seconds, nanoseconds] = sys.clock(3);
  const now = monotonic();
  trace.on = true;
  trace.begin = now - seconds * 1000 - nanoseconds / 1e6;
  trace.marks.push(['startup', now]);
  watchParts();
}

/** The phase with that name has ended. */
export function mark(name: string): void {
  if (trace.on) trace.marks.push([name, monotonic()]);
}

/** Do `action`, which is a hook, inside a phase. */
export function tracingHook<T>(name: string, details: Span['details'], action: () => T): T {
  if (!trace.on) return action();
  const from = monotonic();
  try {
    return action();
  } finally {
    trace.spans.push({ name, category: 'hook', from, to: monotonic(), details });
  }
}

/** The environment of the hook that `pointer` names: with its place in the trace, where there is one. */
export const hookEnvironment = (environment: readonly string[], pointer: string): readonly string[] =>
  trace.on ? part('trace').withParent(environment, pointer) : environment;
