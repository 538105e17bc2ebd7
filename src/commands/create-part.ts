/** The part that makes containers, and knows what they can be made with. */
export { createCommand } from './create.ts';
export { featuresCommand } from './features.ts';
export { planCommand } from './plan.ts';
export { runCommand } from './run.ts';
// For `update`, which checks what a container may use as `create` does.
export { hostFacts } from '../host/facts.ts';
export { loadSpec } from '../spec/load.ts';
export { validate } from '../validate/index.ts';
