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

/** The error, with the line and column of the part of config.json that it blames. */
export function located(config: string, error: unknown): unknown {
  if (!(error instanceof OcirunError) || !error.details.pointer || error.details.location) return error;
  const place = part('diagnose').diagnosis.locate(config, error.details.pointer);
  if (!place) return error;
  const location = `config.json:${place.line}:${place.column}`;
  return new OcirunError(error.code, error.message, { ...error.details, location });
}
