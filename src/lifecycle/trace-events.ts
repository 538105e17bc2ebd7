import type { SlotSource } from '../plan/sources.ts';
import type { Step } from '../plan/steps.ts';
import type { Span } from '../trace.ts';

/** One Chrome trace event. Times are microseconds. */
export interface TraceEvent {
  readonly name: string;
  readonly cat?: string;
  /** X: something that took time; M: how a process or thread is called. */
  readonly ph: 'X' | 'M';
  readonly pid: number;
  readonly tid: number;
  readonly ts?: number;
  readonly dur?: number;
  readonly args: Readonly<Record<string, unknown>>;
}

/** Microseconds, to the nanosecond, of milliseconds. */
export const micro = (milliseconds: number): number => Math.round(milliseconds * 1e6) / 1000;

/** Something that took time, from and to in milliseconds. */
export const lasting = (
  name: string,
  cat: string,
  [pid, tid]: readonly [pid: number, tid: number],
  [from, to]: readonly [from: number, to: number],
  args: TraceEvent['args'],
): TraceEvent => ({ name, cat, ph: 'X', pid, tid, ts: micro(from), dur: micro(to - from), args });

/** How a process is called, and a thread of it. */
export const naming = (pid: number, tid: number, process: string, thread: string): TraceEvent[] => [
  { name: 'process_name', ph: 'M', pid, tid, args: { name: process } },
  { name: 'thread_name', ph: 'M', pid, tid, args: { name: thread } },
];

/** Steps that are called after what they are about: their first string. */
const byTarget: readonly Step['op'][] = ['mount', 'attach', 'remount', 'device', 'attachDevice', 'runProgram'];

/** How the event of a step is called. */
export const stepName = ({ op, strs }: Step): string => (byTarget.includes(op) ? (strs[0] ?? op) : op);

/** What is told of a step besides its time. */
export function stepDetails(step: Step, index: number, sources: readonly SlotSource[]): Span['details'] {
  const source = step.op === 'attach' ? sources.find(({ slot }) => slot === step.slots[1]) : undefined;
  return {
    op: step.op,
    step: index,
    ...(step.pointer ? { pointer: step.pointer } : {}),
    ...(source && 'path' in source ? { source: source.path } : {}),
    ...(step.op === 'mount' ? { type: step.strs[1], source: step.strs[2] } : {}),
  };
}
