import type { Spec } from '../spec/types.ts';
import { type Step, slots } from './steps.ts';

/** Steps that make the root and parts of it read-only or hide them: after pivot, when nothing needs writing any more. */
export function protectionSteps(spec: Spec): Step[] {
  const { linux } = spec;
  return [
    ...(spec.root?.readonly
      ? [{ op: 'rootReadonly', pointer: '/root/readonly', slots: [slots.root], nums: [], strs: [] } as const]
      : []),
    ...onEach('readonlyPath', '/linux/readonlyPaths', linux?.readonlyPaths ?? []),
    ...onEach('mask', '/linux/maskedPaths', linux?.maskedPaths ?? []),
  ];
}

const onEach = (op: 'readonlyPath' | 'mask', pointer: string, paths: readonly string[]): Step[] =>
  paths.map((path, index) => ({ op, pointer: `${pointer}/${index}`, slots: [slots.root], nums: [], strs: [path] }));
