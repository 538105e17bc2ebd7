import type { Log } from '../log.ts';
import type { OptionValues } from './parse.ts';

/** What a command has to work with. */
export interface Context {
  readonly args: readonly string[];
  readonly options: OptionValues;
  /** The directory of the state directories, absolute; `rootGiven`: named by the user. */
  readonly root: string;
  readonly rootGiven: boolean;
  /** Whether systemd makes the cgroups of containers. */
  readonly systemdCgroup: boolean;
  readonly log: Log;
}

/** What a command is: it returns the exit status. */
export type Run = (context: Context) => number;

/** The value of an option that takes one. */
export function textOption({ options }: Pick<Context, 'options'>, name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
}

/** The value of an option that takes a count, 0 where it was not given. */
export const countOption = (context: Pick<Context, 'options'>, name: string): number =>
  Number(textOption(context, name) ?? '0');

/** The container id that the command is given. */
export const containerId = ({ args }: Context): string => args[0] ?? '';
