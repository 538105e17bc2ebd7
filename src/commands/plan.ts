import { OcirunError } from '../errors/error.ts';
import { prepare } from '../lifecycle/prepare.ts';
import type { Plan } from '../plan/build.ts';
import { encodePlan } from '../plan/encode.ts';
import { sys } from '../sys/index.ts';
import { type Context, textOption } from './context.ts';
import { createRequest } from './create-request.ts';

const printers: Readonly<Record<string, (plan: Plan) => string | Uint8Array>> = {
  json: (plan) =>
    `${JSON.stringify(plan, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value), 2)}\n`,
  bytes: (plan) => encodePlan(plan, sys.encodeText),
};

/** `plan`: what `create` would do. */
export function planCommand(context: Context): number {
  const format = textOption(context, 'format') ?? 'json';
  const print = Object.hasOwn(printers, format) ? printers[format] : undefined;
  if (!print) throw new OcirunError('E_USAGE', `invalid format option: ${format}`);
  const request = createRequest(context);
  const prepared = prepare({ ...request, id: request.id || 'container' }, context.log);
  sys.write(1, print(prepared.planFor('clone')));
  return 0;
}
