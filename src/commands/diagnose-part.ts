/** The part that knows what is wrong with a config.json, and where. */
export { diagnosis, locate } from '../lifecycle/explain-config.ts';
export { unreadable } from '../lifecycle/unreadable.ts';
export { validateCommand } from './validate.ts';
