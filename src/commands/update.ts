import { OcirunError } from '../errors/error.ts';
import type { Context } from './context.ts';

/** `update`: change what a container may use. */
export function updateCommand(_context: Context): number {
  throw new OcirunError('E_NOT_SUPPORTED_YET', 'update is not supported yet');
}
