import { features } from './features-table.ts';
import { sys } from '../sys/index.ts';

/** `features`: what this version can do, whatever the host. */
export function featuresCommand(): number {
  sys.write(1, `${JSON.stringify(features(), null, 4)}\n`);
  return 0;
}
