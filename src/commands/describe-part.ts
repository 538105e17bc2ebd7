/** The part that tells a plan to people, with the places in config.json that it comes from. */
export { locatedPlan, planText } from '../plan/text/index.ts';
export { locator } from '../spec/locate.ts';
