import { OcirunError } from '../errors/error.ts';
import type { Log } from '../log.ts';
import { part } from '../sys/index.ts';
import type { CommandName } from './table.ts';

/** What runc puts before the errors of a command, and engines cut off again. */
const prefixes: Partial<Record<CommandName, string>> = { create: 'ocirun create failed: ', run: 'ocirun run failed: ' };

const inInit = 'unable to start container process: error during container init: ';

/** What the user is told of an error, and what else the log's line says. */
export function report(error: unknown, command: CommandName | undefined, log: Log): void {
  const prefix = (command && prefixes[command]) ?? '';
  if (!(error instanceof OcirunError)) {
    log.error(`${prefix}internal error: ${internal(error)}`, { code: 'E_INTERNAL' });
    return;
  }
  const { pointer, location, path, errno, errnoName, syscall, hint } = error.details;
  const during = error.code === 'E_INIT_STEP' || error.code === 'E_EXEC' ? inInit : '';
  const place = location ? `${location} ${pointer}: ` : '';
  const advice = hint ? ` (${hint})` : '';
  log.error(`${prefix}${during}${place}${error.message}${advice}`, {
    code: error.code,
    pointer,
    location,
    path,
    errno,
    errnoName,
    syscall,
    hint,
  });
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
