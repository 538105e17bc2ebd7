import { jsonText } from '../cgroup/json-text.ts';
import { OcirunError } from '../errors/error.ts';
import { update } from '../lifecycle/update.ts';
import type { UpdateRequest } from '../lifecycle/update-request.ts';
import { attempt, readFile, sys } from '../sys/index.ts';
import { containerId, type Context, textOption } from './context.ts';
import { updateFlags } from './update-flags.ts';

/** A longer file is refused. */
const longest = 64 << 20;

/** `update`: change what a container may use. */
export function updateCommand(context: Context): number {
  update(containerId(context), context.root, requestOf(context), context.log);
  return 0;
}

/** A file takes the place of all other options, as with runc. */
function requestOf(context: Context): UpdateRequest {
  const file = textOption(context, 'resources');
  if (file) return { text: contentOf(file), name: file === '-' ? 'stdin' : file };
  const { update: resources, flags, ignored } = updateFlags(context.options);
  for (const flag of ignored) context.log.warn(`Setting --${flag} is ignored and will be removed`);
  return { text: jsonText(resources), name: 'options', flags };
}

function contentOf(file: string): string {
  const read = (): string => (file === '-' ? sys.readText(0, longest) : readFile(file, longest));
  const name = file === '-' ? 'resources from standard input' : `resources ${file}`;
  const text = attempt('E_USAGE', `read ${name}`, read, file === '-' ? {} : { path: file });
  if (text.trim() !== '') return text;
  throw new OcirunError('E_USAGE', `${name}: there is nothing in it`, { expected: 'a JSON object' });
}
