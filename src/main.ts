import { report, usageError } from './commands/report.ts';
import type { Context } from './commands/context.ts';
import { runners } from './commands/index.ts';
import { type OptionValues, parse } from './commands/parse.ts';
import {
  type CommandName,
  commands,
  type CommandUsage,
  globalOptions,
  helpOption,
  isCommand,
  takes,
} from './commands/table.ts';
import { type Log, type LogFormat, openLog } from './log.ts';
import { rootDirectory } from './state/root.ts';
import { OcirunError } from './errors/error.ts';
import { attempt, part, sys } from './sys/index.ts';
import { mark, startTrace } from './trace.ts';
import { setTimeLimit } from './waiting.ts';
import { specVersion, version } from './version.ts';

/** argv → command → exit status. */
function main(): number {
  let log = openLog(undefined, 'text', false);
  let command: CommandName | undefined;
  try {
    const args = attempt('E_USAGE', 'read the command line', () => sys.argv().slice(1));
    const globals = parse(args, globalOptions, true);
    const [word, ...rest] = globals.rest;
    if (globals.wrong) return usageError(undefined, args, log);
    if (globals.options['version'] === true) return printVersion();
    if (globals.options['help'] === true || word === undefined || word === 'help')
      return part('help').printHelp(rest[0]);
    log = logOf(globals.options);
    if (!isCommand(word)) return usageError(undefined, globals.rest, log);
    command = word;
    return traced(globals.options['trace'], word, log, () => runCommand(word, rest, globals.options, log));
  } catch (error) {
    report(error, command, log);
    return 1;
  }
}

function runCommand(command: CommandName, args: readonly string[], globals: OptionValues, log: Log): number {
  const usage: CommandUsage = commands[command];
  const parsed = parse(args, `${usage.options} ${helpOption}`, usage.handsOn === true);
  if (parsed.options['help'] === true) return part('help').printHelp(command);
  if (parsed.wrong || !takes(usage, parsed.rest.length)) return usageError(command, args, log);
  setTimeLimit(Number(parsed.options['timeout'] ?? 0), log);
  const root = globals['root'];
  const context: Context = {
    args: parsed.rest,
    options: parsed.options,
    root: rootDirectory(typeof root === 'string' ? root : undefined),
    rootGiven: root !== undefined,
    systemdCgroup: globals['systemd-cgroup'] === true,
    log,
  };
  return runners[command]()(context);
}

function logOf(options: OptionValues): Log {
  const format = options['log-format'] ?? 'text';
  if (format !== 'text' && format !== 'json') throw new OcirunError('E_USAGE', `invalid log-format: ${format}`);
  const file = options['log'];
  return openLog(typeof file === 'string' ? file : undefined, format satisfies LogFormat, options['debug'] === true);
}

/** With `--trace`, also of a command that fails. That the file cannot be written is no reason to fail. */
function traced(file: OptionValues[string], command: CommandName, log: Log, action: () => number): number {
  if (typeof file !== 'string') return action();
  startTrace();
  const { begin, end } = part('trace');
  begin(file, command);
  mark('open trace');
  const ended = (status: number, error?: unknown): void => {
    mark('end');
    try {
      attempt('E_SYSTEM', `write trace file ${file}`, () => end(status, error));
    } catch (trouble) {
      log.warn(trouble instanceof Error ? trouble.message : String(trouble));
    }
  };
  try {
    const status = action();
    ended(status);
    return status;
  } catch (error) {
    ended(1, error);
    throw error;
  }
}

function printVersion(): number {
  sys.write(1, `ocirun version ${version}\nspec: ${specVersion}\n`);
  return 0;
}

/** What the host calls once this script is loaded; loading it does nothing yet, for the result is kept in the binary. */
export const run = (): never => sys.exit(main());
