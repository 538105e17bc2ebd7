import type { Code } from '../errors/catalogue.ts';
import { type Details, OcirunError } from '../errors/error.ts';

/** What the addon throws. */
export interface SystemError extends Error {
  readonly errno: number;
  readonly code: string;
  readonly syscall: string;
}

export const isSystemError = (error: unknown): error is SystemError =>
  error instanceof Error && typeof (error as Partial<SystemError>).errno === 'number';

/** The kernel's words for an error, in the lower case that Go programs (and engines that compare texts) use. */
export function reason(error: SystemError): string {
  const prefix = `${error.syscall}: `;
  const words = error.message.startsWith(prefix) ? error.message.slice(prefix.length) : error.message;
  return words.charAt(0).toLowerCase() + words.slice(1);
}

/**
 * Do `action`; where the kernel refuses it, say what was being done.
 * @param doing what is being done to what, as in "open /run/x"
 */
export function attempt<T>(code: Code, doing: string, action: () => T, details: Details = {}): T {
  try {
    return action();
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw new OcirunError(code, `${doing}: ${reason(error)}`, {
      ...details,
      errno: error.errno,
      errnoName: error.code,
      syscall: error.syscall,
      cause: error,
    });
  }
}

/** Do `action`; where it fails with one of the errors in `codes` ("ENOENT EBUSY"), the answer is `otherwise`. */
export function orElse<T, U>(codes: string, otherwise: U, action: () => T): T | U {
  try {
    return action();
  } catch (error) {
    if (isSystemError(error) && codes.split(' ').includes(error.code)) return otherwise;
    throw error;
  }
}
