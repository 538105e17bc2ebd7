import yargsParser from 'yargs-parser/browser';
import { type Option, optionsOf } from './table.ts';

/** Values of the options that were given. */
export type OptionValues = Readonly<Record<string, string | boolean | undefined>>;

/** A part of the command line, understood. */
export interface Parsed {
  readonly options: OptionValues;
  /** What is no option. */
  readonly rest: string[];
  /** Whether something is wrong with it: yargs then says what (help.ts). */
  readonly wrong: boolean;
}

/** How both yargs-parser and yargs are to read the command line: as Go programs and crun do, without guesses. */
export const configuration = {
  'boolean-negation': false,
  'camel-case-expansion': false,
  'dot-notation': false,
  'duplicate-arguments-array': false,
  'greedy-arrays': false,
  'parse-numbers': false,
  'parse-positional-numbers': false,
  'short-option-groups': false,
  'strip-aliased': true,
} as const;

/** Whether the value of an option is a count: digits only, and not too many. */
export const isCount = (value: unknown): boolean => typeof value === 'string' && /^\d{1,6}$/.test(value);

/** Whether the value of an option is a time: seconds, maybe with a fraction, and more than none. */
export const isSeconds = (value: unknown): boolean =>
  typeof value === 'string' && /^\d{1,7}(\.\d{1,9})?$/.test(value) && Number(value) > 0;

/** What the values of an option have to be, by its type. */
export const wanted: Partial<Record<Option['type'], [check: (value: unknown) => boolean, what: string]>> = {
  count: [isCount, 'a number'],
  seconds: [isSeconds, 'a time in seconds'],
};

/** A bare flag would take a following `true` or `false`, which may be a container's id. */
export function explicitFlags(args: readonly string[], options: readonly Option[]): string[] {
  const flags = new Set(
    options
      .filter(({ type }) => type === 'boolean')
      .flatMap(({ name, alias }) => [`--${name}`, `-${name}`, ...(alias ? [`-${alias}`, `--${alias}`] : [])]),
  );
  const end = args.indexOf('--');
  return args.map((arg, index) => (flags.has(arg) && (end < 0 || index < end) ? `${arg}=true` : arg));
}

/**
 * Read options and arguments.
 * @param packed the options that there are, as the table has them
 * @param stopAtArgument the first word that is no option ends the options: a command follows, or a program's arguments
 */
export function parse(args: readonly string[], packed: string, stopAtArgument: boolean): Parsed {
  // Nothing can be wrong with words that are no options, and most commands are given few others.
  const first = args.findIndex((arg) => arg.startsWith('-'));
  if (first < 0 || (stopAtArgument && first > 0)) return { options: {}, rest: [...args], wrong: false };
  const options = optionsOf(packed);
  const named = (type: Option['type']): string[] =>
    options.filter((option) => option.type === type).map(({ name }) => name);
  const alias: Record<string, string> = {};
  const narg: Record<string, number> = {};
  for (const option of options) {
    if (option.alias) alias[option.name] = option.alias;
    if (option.type !== 'boolean') narg[option.name] = 1;
  }
  const { argv, error } = yargsParser.detailed(explicitFlags(args, options), {
    alias,
    boolean: named('boolean'),
    string: [...named('string'), ...named('count'), ...named('seconds')],
    narg,
    configuration: { ...configuration, 'halt-at-non-option': stopAtArgument },
  });
  const { _: rest, ...values } = argv;
  const known = new Set(options.map(({ name }) => name));
  const bad = options.some(({ name, type }) => values[name] !== undefined && wanted[type]?.[0](values[name]) === false);
  const wrong = error !== null || bad || Object.keys(values).some((name) => !known.has(name));
  return { options: values, rest: rest.map(String), wrong };
}
