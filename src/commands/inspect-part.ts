/** The part that lists containers and writes a first config.json. */
export { listCommand } from './list.ts';
export { specCommand } from './spec.ts';
