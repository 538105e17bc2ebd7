import Yargs from 'yargs/browser';
import type { Argv } from 'yargs';
import { nearest } from '../spec/suggest.ts';
import { sys } from '../sys/index.ts';
import { interfaceOf, program } from './interface.ts';
import { explicitFlags, parse } from './parse.ts';
import { type CommandName, commands, type CommandUsage, globalOptions, isCommand, optionsOf } from './table.ts';
import { commandTexts, globalTexts } from './texts.ts';

const fresh = Yargs as unknown as () => Argv;

/** Print the help of a command, or of the whole program; the exit status. */
export function printHelp(command: string | undefined): number {
  sys.write(1, `${helpOf(command !== undefined && isCommand(command) ? command : undefined)}\n`);
  return 0;
}

/**
 * What is wrong with a command line, after printing the help to standard output as runc does.
 * @param command the command it is about, if it got that far; `args` are then those behind it
 */
export function explainUsage(command: CommandName | undefined, args: readonly string[]): string {
  sys.write(1, `Incorrect Usage.\n\n${helpOf(command)}\n`);
  if (command === undefined) {
    const options = optionsOf(globalOptions);
    return complaint(interfaceOf(fresh(), options, true), explicitFlags(args, options)) ?? noCommand(args);
  }
  const { handsOn = false, ...usage }: CommandUsage = commands[command];
  const options = optionsOf(usage.options);
  return (
    complaint(interfaceOf(fresh(), options, handsOn), explicitFlags(args, options)) ??
    wrongCount(command, parse(args, usage.options, handsOn).rest.length)
  );
}

function noCommand(args: readonly string[]): string {
  const [word = ''] = args;
  const meant = nearest(word, Object.keys(commands));
  const hint = meant === undefined ? 'ocirun --help lists all commands' : `did you mean "${meant}"?`;
  return `${program}: no help topic for '${word}': there is no such command (${hint})`;
}

/** As urfave/cli words it for runc; engines' own tests look for it. */
function wrongCount(command: CommandName, given: number): string {
  const names: readonly string[] = commands[command].args;
  const required = names.filter((name) => name.startsWith('<')).length;
  if (required === names.length) return `${program}: "${command}" requires exactly ${required} argument(s)`;
  const few = given < required;
  return `${program}: "${command}" requires a ${few ? `minimum of ${required}` : `maximum of ${names.length}`} argument(s)`;
}

/** What yargs finds wrong with the options, if anything. */
function complaint(yargs: Argv, args: readonly string[]): string | undefined {
  let message: string | undefined;
  yargs.fail((text: string, error: Error) => {
    message ??= text || error.message;
  });
  void yargs.parse([...args], () => undefined);
  return message && `${program}: ${message.toLowerCase()}`;
}

function helpOf(command: CommandName | undefined): string {
  const options = optionsOf(command ? commands[command].options : globalOptions);
  const own = options.filter(({ name }) => name !== 'help' && name !== 'version');
  const texts = command ? commandTexts[command].options : globalTexts;
  const yargs = interfaceOf(fresh(), own, false, texts);
  yargs.help('help').alias('help', 'h');
  if (command)
    yargs.usage(
      `${[program, command, '[options]', ...commands[command].args].join(' ')}\n\n${commandTexts[command].describe}`,
    );
  else {
    yargs.usage(`${program} [global options] <command> [options] [arguments]`);
    for (const [name, { describe }] of Object.entries(commandTexts)) yargs.command(name, describe);
    yargs.version(false).option('version', { type: 'boolean', alias: 'v', describe: 'print the version' });
  }
  let help = '';
  void yargs.parse(['--help'], (_error: unknown, _argv: unknown, output: string) => {
    help = output;
  });
  return help;
}
