import type { IoPriority } from '../spec/types.ts';
import { type Step, stepOf } from './steps.ts';

/** Classes of ioprio_set(2). */
export const ioPriorityClasses = { IOPRIO_CLASS_RT: 1, IOPRIO_CLASS_BE: 2, IOPRIO_CLASS_IDLE: 3 } as const;

const classShift = 13;

export const ioPriorityStep = (priority: IoPriority): Step =>
  stepOf('ioPriority', '/process/ioPriority', [
    (ioPriorityClasses[priority.class] << classShift) | (priority.priority ?? 0),
  ]);
