import { kill } from '../lifecycle/kill.ts';
import { signalNumber } from '../lifecycle/signals.ts';
import { containerId, type Context } from './context.ts';

/** `kill`: send a signal. */
export function killCommand(context: Context): number {
  const signal = signalNumber(context.args[1] ?? 'TERM');
  kill(context.root, containerId(context), signal, context.options['all'] === true);
  return 0;
}
