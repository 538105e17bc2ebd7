import { readFileSync } from 'node:fs';

/** A Chrome trace event. */
export interface TraceEvent {
  readonly name: string;
  readonly cat?: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur: number;
  readonly args: Readonly<Record<string, unknown>>;
}

/** What `--trace` writes. */
export interface Trace {
  readonly traceEvents: TraceEvent[];
  readonly otherData: Readonly<Record<string, unknown>>;
}

/** The trace in a file. */
export const readTrace = (file: string): Trace => JSON.parse(readFileSync(file, 'utf8')) as Trace;

/** Its phases, in order. */
export const phases = ({ traceEvents }: Trace): TraceEvent[] => traceEvents.filter(({ cat }) => cat === 'phase');

/** Its events of another category. */
export const eventsOf = ({ traceEvents }: Trace, category: string): TraceEvent[] =>
  traceEvents.filter(({ cat }) => cat === category);

export const endOf = ({ ts, dur }: TraceEvent): number => ts + dur;
