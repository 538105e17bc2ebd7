/** All contact with the operating system: the addon's functions, the kernel's numbers, and what their errors mean. */
export { native as sys } from './native.ts';
export type { Native } from './native.ts';
export { attempt, isSystemError, orElse, reason, type SystemError } from './failure.ts';
export type { LimitFile } from './control-files.ts';
export { monotonic, readFile, withFd, writeControl } from './files.ts';
export { part, watchParts } from './lazy.ts';
