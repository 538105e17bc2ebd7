import type { Personality } from '../spec/types.ts';
import { type Step, stepOf } from './steps.ts';

/** Execution domains of personality(2). */
const domains = { LINUX: 0, LINUX32: 8 } as const;

export const personalitySteps = ({ domain }: Personality): Step[] =>
  domain ? [stepOf('personality', '/linux/personality', [domains[domain]])] : [];
