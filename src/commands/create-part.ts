/** The part that makes containers, and knows what they can be made with. */
export { createCommand } from './create.ts';
export { featuresCommand } from './features.ts';
export { planCommand } from './plan.ts';
export { runCommand } from './run.ts';
