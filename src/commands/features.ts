import { features } from './features-table.ts';
import { part, sys } from '../sys/index.ts';

/** `features`: what this version can do, whatever the host; of seccomp(2), also what the kernel can. */
export function featuresCommand(): number {
  sys.write(1, `${JSON.stringify(features(part('filter').seccompFeatures()), null, 4)}\n`);
  return 0;
}
