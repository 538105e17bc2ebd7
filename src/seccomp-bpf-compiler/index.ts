export { architectures, type Architecture } from './architectures.ts';
export { bytesOf, compile } from './compile.ts';
export { SeccompError } from './error.ts';
export type { Action, ArchitectureName, Call, Condition, Operator, Options, Profile, Rule } from './profile.ts';
export { kernelVersion, nameOf, numberOf } from './syscalls.ts';
export { describeReturn } from './actions.ts';
export { disassemble } from './disassemble.ts';
export { type Decision, interpret, interpreter } from './interpret.ts';
export { type Verdict, simulate } from './simulate.ts';
