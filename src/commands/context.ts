import { OcirunError } from '../errors/error.ts';
import type { Log } from '../log.ts';
import type { OptionValues } from './parse.ts';

/** What a command has to work with. */
export interface Context {
  readonly args: readonly string[];
  readonly options: OptionValues;
  /** The directory of the state directories, absolute; `rootGiven`: named by the user. */
  readonly root: string;
  readonly rootGiven: boolean;
  readonly log: Log;
}

/** What a command is: it returns the exit status. */
export type Run = (context: Context) => number;

/** The value of an option that takes one. */
export function textOption({ options }: Pick<Context, 'options'>, name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
}

/** The value of an option that takes a count; only digits are one. */
export function countOption(context: Pick<Context, 'options'>, name: string): number {
  const value = textOption(context, name) ?? '0';
  if (/^\d{1,6}$/.test(value)) return Number(value);
  throw new OcirunError('E_USAGE', `invalid value "${value}" for --${name}: not a number`);
}

/** The container id that the command is given. */
export const containerId = ({ args }: Context): string => args[0] ?? '';
