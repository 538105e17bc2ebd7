import type { Spec } from '../spec/types.ts';
import { type Step, slots, stepOf } from './steps.ts';

/** Steps that make the root and parts of it read-only or hide them: after pivot, when nothing needs writing any more. */
export function protectionSteps({ root, linux }: Spec): Step[] {
  // What is mounted over a root is not seen by those who are in it: as a path, `/` is the root itself.
  const rootListed = linux?.readonlyPaths?.includes('/') ?? false;
  const pointer = root?.readonly ? '/root/readonly' : '/linux/readonlyPaths';
  return [
    ...(root?.readonly || rootListed ? [stepOf('rootReadonly', pointer, [], [], [slots.root])] : []),
    ...onEach('readonlyPath', '/linux/readonlyPaths', linux?.readonlyPaths),
    ...onEach('mask', '/linux/maskedPaths', linux?.maskedPaths),
  ];
}

/** One step for all: engines list hundreds on hosts with many CPUs. */
const onEach = (op: 'readonlyPath' | 'mask', pointer: string, paths: readonly string[] = []): Step[] =>
  paths.length > 0 ? [stepOf(op, pointer, [], paths, [slots.root])] : [];
