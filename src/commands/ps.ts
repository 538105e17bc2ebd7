import { OcirunError } from '../errors/error.ts';
import { processes, processTable } from '../lifecycle/ps.ts';
import { sys } from '../sys/index.ts';
import { containerId, type Context, textOption } from './context.ts';

/** `ps`: the processes of a container, as ps(1) tells of them, or their numbers alone. */
export function psCommand(context: Context): number {
  const format = textOption(context, 'format') ?? 'table';
  const print = Object.hasOwn(printers, format) ? printers[format] : undefined;
  if (!print) throw new OcirunError('E_USAGE', 'invalid format option');
  print(processes(context.root, containerId(context)), context.args.slice(1));
  return 0;
}

const printers: Readonly<Record<string, (pids: readonly number[], args: readonly string[]) => void>> = {
  table: (pids, args) => processTable(pids, args.length > 0 ? args : ['-ef']).forEach((row) => sys.write(1, row)),
  // A list of none is what Go makes of one that was never begun.
  json: (pids) => sys.write(1, `${pids.length === 0 ? 'null' : JSON.stringify(pids)}\n`),
};
