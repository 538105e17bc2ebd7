import type { Control } from '../plan/cgroup/index.ts';
import type { Spec } from '../spec/types.ts';
import type { Finding } from '../validate/finding.ts';
import type { Machine } from './machine.ts';

/** What a check looks at. */
export interface Question {
  readonly spec: Spec;
  /** The bundle, absolute. */
  readonly bundle: string;
  readonly machine: Machine;
  /** What would be written into the control files of the cgroup. */
  readonly controls: readonly Control[];
}

/** A check of a document against a machine. It tells what is known for certain; what only trying shows is not guessed. */
export type HostCheck = (question: Question) => readonly Finding[];

const told = (severity: Finding['severity'], pointer: string, message: string, hint?: string): Finding => ({
  severity,
  code: 'E_HOST',
  message,
  details: hint === undefined ? { pointer } : { pointer, hint },
});

/** It cannot work here. */
export const cannot = (pointer: string, message: string, hint?: string): Finding =>
  told('error', pointer, message, hint);

/** It works in part, or perhaps. */
export const doubtful = (pointer: string, message: string, hint?: string): Finding =>
  told('warning', pointer, message, hint);
