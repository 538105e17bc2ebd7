/** The part that makes containers. */
export { createCommand } from './create.ts';
export { planCommand } from './plan.ts';
export { runCommand } from './run.ts';
