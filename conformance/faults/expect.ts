import type { Call } from './calls.ts';

/** A step of `ocirun plan`. */
export interface Step {
  readonly op: string;
  readonly pointer: string;
  readonly strs: readonly string[];
}

/** A line of the log. */
export interface Line {
  readonly level: string;
  readonly msg: string;
  readonly code?: string;
  readonly step?: string;
  readonly pointer?: string;
  readonly path?: string;
  readonly errnoName?: string;
  readonly syscall?: string;
}

/** Steps that are about a path, which is their first string; hooks and lists of paths name the one that failed. */
const about =
  ' openRoot openDirectory mount attach attachDevice device remount mask readonlyPath makeDirectory changeDirectory ' +
  'findProgram execute sysctl join runProgram ';

/** Before the first step init has none to blame. */
const beforeSteps = 'plan';

/** Whether the part of config.json that is blamed is that of the step, or below it. */
const isOf = (pointer: string, step: Step): boolean =>
  pointer === step.pointer || pointer.startsWith(`${step.pointer}/`);

/** What is wrong with the last line of the log of a create or start whose init could not make a call. */
export const wrongOf = (
  plan: readonly Step[],
  call: Call,
  line: Line | undefined,
  instead: string | undefined,
): string[] => {
  if (line?.level !== 'error') return ['no error is logged'];
  if (instead !== undefined && line.code === instead) return [];
  const wrong: string[] = [];
  if (line.errnoName !== call.errno) wrong.push(`the errno is ${String(line.errnoName)}`);
  const { step, pointer = '', path } = line;
  // The runtime's own child, which is yet to become init.
  if (step === undefined && line.syscall !== undefined) return wrong;
  if (step === beforeSteps) return wrong;
  const steps = plan.filter(({ op }) => op === step);
  if (steps.length === 0) return [...wrong, `the plan has no step ${String(step)}`];
  const blamed = steps.filter((each) => isOf(pointer, each));
  if (blamed.length === 0) wrong.push(`no step ${String(step)} of the plan has the pointer ${pointer}`);
  if (
    about.includes(` ${String(step)} `) &&
    !(path ?? '').startsWith('/') &&
    step !== 'sysctl' &&
    step !== 'findProgram'
  )
    wrong.push(`the path is ${String(path)}`);
  return wrong;
};
