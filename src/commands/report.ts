import { OcirunError } from '../errors/error.ts';
import type { Log } from '../log.ts';
import { part } from '../sys/index.ts';
import type { CommandName } from './table.ts';

/** What runc puts before the errors of a command, and engines cut off again. */
const prefixes: Partial<Record<CommandName, string>> = { create: 'ocirun create failed: ', run: 'ocirun run failed: ' };

const inInit = 'unable to start container process: error during container init: ';

/**
 * What the user is told of an error, and what else the log's line says. Of several errors each has a line; engines
 * read the last one, which has them all.
 */
export function report(error: unknown, command: CommandName | undefined, log: Log): void {
  const prefix = (command && prefixes[command]) ?? '';
  if (!(error instanceof OcirunError)) {
    log.error(`${prefix}internal error: ${internal(error)}`, { code: 'E_INTERNAL' });
    return;
  }
  const { others = [] } = error.details;
  for (const each of [error, ...others]) log.error(prefix + sentence(each), fieldsOf(each));
  if (others.length > 0) log.lastError(prefix + [error, ...others].map(sentence).join('; '), fieldsOf(error));
}

/** Where it is, what is wrong, and what to do. */
function sentence({ code, message, details: { pointer, location, hint, step } }: OcirunError): string {
  const during = step !== undefined && code !== 'E_HOOK' ? inInit : '';
  const place = location ? `${[location, pointer].filter(Boolean).join(' ')}: ` : '';
  return `${during}${place}${message}${hint ? ` (${hint})` : ''}`;
}

/** Everything known of an error, for the log; what is undefined is left out. */
function fieldsOf({ code, details }: OcirunError): Readonly<Record<string, unknown>> {
  const { pointer, location, path, errno, errnoName, syscall, hint, found, expected, rule, step } = details;
  return { code, pointer, location, path, errno, errnoName, syscall, hint, found, expected, rule, step };
}

/** A defect of ours: with the place, which bytecode keeps. */
function internal(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const places = (error.stack ?? '').split('\n').map((line) => line.trim());
  return [error.message, ...places.filter((line) => line.startsWith('at '))].join(' ');
}

/** A command line that cannot be: help on standard output, what is wrong as an error. */
export function usageError(command: CommandName | undefined, args: readonly string[], log: Log): number {
  log.error(part('help').explainUsage(command, args), { code: 'E_USAGE' });
  return 1;
}
