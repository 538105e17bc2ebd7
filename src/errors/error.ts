import type { Code } from './catalogue.ts';

/** What may be known about an error besides its message. */
export interface Details {
  /** The part of config.json to blame (RFC 6901). */
  readonly pointer?: string;
  /** Where that part begins: `config.json:LINE:COLUMN`. */
  readonly location?: string;
  /** The path that the failing operation was about. */
  readonly path?: string;
  /** errno(3) as a number, and its name. */
  readonly errno?: number | undefined;
  readonly errnoName?: string | undefined;
  /** The system call that failed. */
  readonly syscall?: string | undefined;
  /** What the user may do about it. */
  readonly hint?: string;
  /** What config.json has there, and what it should have. */
  readonly found?: string;
  readonly expected?: string;
  /** The rule that it breaks: the name of a check of src/validate. */
  readonly rule?: string;
  /** The step of the plan that failed: its op. */
  readonly step?: string;
  /** The name of the error that came over D-Bus. */
  readonly busError?: string;
  /** What else is wrong, where this is the first of several errors. */
  readonly others?: readonly OcirunError[];
  readonly cause?: unknown;
}

/**
 * The one error that ocirun raises on purpose. `message` says what was being done to what, and why it failed;
 * `code` is stable (see catalogue.ts). A function either throws it or logs, never both; only main.ts prints it.
 */
export class OcirunError extends Error {
  override readonly name = 'OcirunError';
  constructor(
    readonly code: Code,
    message: string,
    readonly details: Details = {},
  ) {
    super(message, { cause: details.cause });
  }
}
