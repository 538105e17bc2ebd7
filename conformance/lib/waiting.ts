import type { Test } from 'tap';
import { existsSync, readFileSync } from 'node:fs';
import { type CallOptions, isStandalone, type Result, type Running } from './runtime.ts';
import type { Sandbox } from './sandbox.ts';
import { untilLater } from './wait.ts';

/** Milliseconds that Node may take before it runs anything of ours, on a busy machine. */
const loading = isStandalone ? 0 : 2000;

/** A line of the log. */
export interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly code?: string;
  readonly pointer?: string;
  readonly location?: string;
}

/** A call that is expected to wait. */
export interface Waiting extends Running {
  /** What it has logged until now. */
  lines(): LogLine[];
  /** Milliseconds since it began. */
  took(): number;
}

/** Call the runtime with a log of its own. */
export function beginLogged(box: Sandbox, args: readonly string[], options: CallOptions = {}): Waiting {
  const log = box.path(`log.${box.calls}`);
  const began = Date.now();
  const running = box.begin(['--log', log, '--log-format', 'json', ...args], options);
  const lines = (): LogLine[] => {
    const text = existsSync(log) ? readFileSync(log, 'utf8') : '';
    return text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as LogLine);
  };
  return { ...running, lines, took: () => Date.now() - began };
}

/** What is to be said within 3 s; not before 2. */
export async function tells(t: Test, waiting: Waiting, says: RegExp): Promise<LogLine> {
  const found = (): LogLine | undefined => waiting.lines().find(({ msg }) => msg.includes('waiting for'));
  const line = await untilLater(found, 3000 + loading);
  t.ok(waiting.took() >= 1900 && waiting.took() <= 3500 + loading, `after 2 to 3 s: ${waiting.took()} ms`);
  t.match(line?.msg, says);
  t.equal(line?.level, 'warning');
  return line ?? { level: '', msg: '' };
}

/** It fails soon after `seconds`, and says what it was waiting for. */
export async function givesUp(t: Test, waiting: Waiting, seconds: number, says: RegExp): Promise<Result> {
  const result = await waiting.ended;
  const last = waiting.lines().at(-1);
  t.ok(waiting.took() >= seconds * 1000 - 50, `not before its time: ${waiting.took()} ms`);
  t.ok(waiting.took() <= seconds * 1000 + 1500 + loading, `soon after its time: ${waiting.took()} ms`);
  t.equal(result.status, 1);
  t.equal(last?.code, 'E_TIMEOUT');
  t.match(last?.msg, says);
  return result;
}
