import { OcirunError } from '../errors/error.ts';
import { part } from '../sys/index.ts';

/** Do `action`; an error that blames a part of config.json gets the line and column of that part. */
export function locating<T>(config: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw located(config, error);
  }
}

/** The error, with the line and column of the part of config.json that it blames; its `others` too. */
export function located(config: string, error: unknown): unknown {
  return error instanceof OcirunError ? placed(config, error) : error;
}

/** The same of an error of ours. */
export function placed(config: string, error: OcirunError): OcirunError {
  const { pointer, location, others } = error.details;
  const more = others ? { others: others.map((other) => placed(config, other)) } : {};
  const place = pointer && !location ? part('diagnose').locate(config, pointer) : undefined;
  if (!place && !others) return error;
  const where = place ? { location: `config.json:${place.line}:${place.column}` } : {};
  return new OcirunError(error.code, error.message, { ...error.details, ...where, ...more });
}
