import type { Argv } from 'yargs';
import { configuration, wanted } from './parse.ts';
import type { Option } from './table.ts';

/** Our own name in texts. */
export const program = 'ocirun';

/**
 * The command line interface that yargs makes of the table's options.
 * @param texts what the help says of them
 */
export function interfaceOf(
  yargs: Argv,
  options: readonly Option[],
  stopAtArgument: boolean,
  texts: Readonly<Record<string, string>> = {},
): Argv {
  yargs
    .scriptName(program)
    .help(false)
    .version(false)
    .exitProcess(false)
    .wrap(100)
    .strictOptions()
    .parserConfiguration({ ...configuration, 'halt-at-non-option': stopAtArgument });
  for (const { name, alias, type } of options)
    yargs.option(name, {
      type: type === 'boolean' ? 'boolean' : 'string',
      ...(texts[name] === undefined ? { hidden: true } : { describe: texts[name] }),
      ...(alias ? { alias } : {}),
      ...(type === 'boolean' ? {} : { requiresArg: true }),
    });
  yargs.check((values) => {
    for (const { name, type } of options) {
      const [check, what] = wanted[type] ?? [];
      if (check && values[name] !== undefined && !check(values[name]))
        throw new Error(`invalid value for --${name}: not ${what}`);
    }
    return true;
  });
  return yargs;
}
