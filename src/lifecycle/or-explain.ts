import { isSystemError, part } from '../sys/index.ts';
import type { SourceFailure } from './explain-mount-part.ts';

/** Do `action` with a path of the host; where the kernel refuses it, have it looked into why, on the way there. */
export function orExplain<T>(
  told: Omit<SourceFailure, 'error'>,
  how: 'sourceError' | 'idmapError' | 'rootfsError',
  action: () => T,
): T {
  try {
    return action();
  } catch (error) {
    throw isSystemError(error) ? part('explainMount')[how]({ ...told, error }) : error;
  }
}
