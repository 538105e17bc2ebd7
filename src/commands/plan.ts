import { OcirunError } from '../errors/error.ts';
import { locating } from '../lifecycle/locate.ts';
import { prepare, type Prepared } from '../lifecycle/prepare.ts';
import { encodePlan } from '../plan/encode.ts';
import { part, sys } from '../sys/index.ts';
import { type Context, textOption } from './context.ts';
import { createRequest } from './create-request.ts';

const printers: Readonly<Record<string, (prepared: Prepared) => string | Uint8Array>> = {
  text: (prepared) => {
    const { locator, planText } = part('describe');
    const { request } = prepared;
    const stateDirectory = `${request.root}/${request.id}`;
    const plan = prepared.planFor('clone');
    return planText({ ...request, ...prepared, plan, stateDirectory, locate: locator(prepared.config) });
  },
  json: (prepared) => {
    const { locatedPlan, locator } = part('describe');
    const plan = locatedPlan(prepared.planFor('clone'), locator(prepared.config));
    return `${JSON.stringify(plan, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value), 2)}\n`;
  },
  bytes: (prepared) => encodePlan(prepared.planFor('clone'), sys.encodeText),
};

/** `plan`: what `create` would do. */
export function planCommand(context: Context): number {
  const format = textOption(context, 'format') ?? 'text';
  const print = Object.hasOwn(printers, format) ? printers[format] : undefined;
  if (!print) throw new OcirunError('E_USAGE', `invalid format option: ${format}`);
  const request = createRequest(context);
  const prepared = prepare({ ...request, id: request.id || 'container' }, context.log);
  // What the filter of system calls cannot be shows as the plan is made.
  sys.write(
    1,
    locating(prepared.config, () => print(prepared)),
  );
  return 0;
}
