import { attempt, isSystemError, part } from '../sys/index.ts';
import type { SourceFailure } from './explain-mount-part.ts';

/**
 * Do `action` with a path of the host; where the kernel refuses it, have it looked into why, on the way there. To look
 * takes descriptors: that there is none explains itself.
 */
export function orExplain<T>(
  told: Omit<SourceFailure, 'error'>,
  how: 'sourceError' | 'idmapError' | 'rootfsError',
  action: () => T,
): T {
  try {
    return action();
  } catch (error) {
    if (!isSystemError(error)) throw error;
    const { path, pointer } = told;
    const refused = (): never => {
      throw error;
    };
    if (error.code === 'EMFILE') return attempt('E_MOUNT_SOURCE', told.action, refused, { path, pointer });
    throw part('explainMount')[how]({ ...told, error });
  }
}
