import { OcirunError } from '../errors/error.ts';
import { follow, printStatistics } from '../lifecycle/events.ts';
import { containerId, type Context, textOption } from './context.ts';
import { parseDuration } from './duration.ts';

/** `events`: what the container uses, now (`--stats`) or again and again, and when memory has run out. */
export function eventsCommand(context: Context): number {
  const id = containerId(context);
  const interval = intervalOf(textOption(context, 'interval') ?? '5s');
  if (context.options['stats'] === true) printStatistics(context.root, id);
  else follow(context.root, id, interval, context.log);
  return 0;
}

function intervalOf(text: string): number {
  const interval = parseDuration(text);
  if (interval === undefined)
    throw new OcirunError('E_USAGE', `invalid value ${JSON.stringify(text)} for --interval: not a duration`, {
      hint: 'a number with its unit: 5s, 500ms, 1m30s',
    });
  if (interval <= 0) throw new OcirunError('E_USAGE', 'duration interval must be greater than 0');
  return interval;
}
