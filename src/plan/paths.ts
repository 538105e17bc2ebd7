import type { Spec } from '../spec/types.ts';
import { type Step, slots, stepOf } from './steps.ts';

/** Steps that make the root and parts of it read-only or hide them: after pivot, when nothing needs writing any more. */
export function protectionSteps({ root, linux }: Spec): Step[] {
  return [
    ...(root?.readonly ? [stepOf('rootReadonly', '/root/readonly', [], [], [slots.root])] : []),
    ...onEach('readonlyPath', '/linux/readonlyPaths', linux?.readonlyPaths),
    ...onEach('mask', '/linux/maskedPaths', linux?.maskedPaths),
  ];
}

/** One step for all: engines list hundreds on hosts with many CPUs. */
const onEach = (op: 'readonlyPath' | 'mask', pointer: string, paths: readonly string[] = []): Step[] =>
  paths.length > 0 ? [stepOf(op, pointer, [], paths, [slots.root])] : [];
