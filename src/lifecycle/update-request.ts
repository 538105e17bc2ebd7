import { OcirunError } from '../errors/error.ts';
import { placeInUpdate } from '../plan/update/select.ts';
import type { LoadedSpec } from '../spec/load.ts';
import { part } from '../sys/index.ts';

/** What an update asks for, as it was given. */
export interface UpdateRequest {
  /** A JSON text of the form of linux.resources. */
  readonly text: string;
  /** What the text is called in messages. */
  readonly name: string;
  /** Where options were given instead: these, by the pointer of what they say. */
  readonly flags?: ReadonlyMap<string, string>;
}

/** Where resources are in a document. */
export const root = '/linux/resources';

/** The least document that has them, for the checks that `create` makes; they begin in its second line. */
const head = '{"ociVersion":"1.0.0","root":{"path":"/"},"process":{"cwd":"/","args":["/"]},"linux":{"resources":\n';

/** Resources, as the rest of the code takes them. */
export const loadResources = (text: string): LoadedSpec =>
  part('create').loadSpec(`${head}${text}\n}}`, () => part('diagnose').diagnosis(true));

/** The resources that are asked for; what is no JSON, or of another form, is told with line and column. */
export function loadRequest(request: UpdateRequest): LoadedSpec {
  try {
    JSON.parse(request.text);
  } catch (cause) {
    throw renamed(part('diagnose').diagnosis(true).refusal(request.text), request.name) ?? cause;
  }
  return asked(request, undefined, () => loadResources(request.text));
}

const renamed = (error: OcirunError | undefined, name: string): OcirunError | undefined =>
  error &&
  new OcirunError(error.code, error.message, {
    ...error.details,
    location: (error.details.location ?? '').replace(/^config\.json/, () => name),
  });

/**
 * Do `action`; an error that blames a part of the resources is told of the place where that was asked for.
 * @param touched of resources that were merged: the parts that come from the update
 */
export function asked<T>(request: UpdateRequest, touched: ReadonlyMap<string, string> | undefined, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof OcirunError)) throw error;
    throw placed(request, touched, error);
  }
}

function placed(
  request: UpdateRequest,
  touched: ReadonlyMap<string, string> | undefined,
  { code, message, details }: OcirunError,
): OcirunError {
  const { pointer, location: _, others, ...rest } = details;
  const more = others ? { others: others.map((other) => placed(request, touched, other)) } : {};
  const told = pointer?.startsWith(root) ? placeOf(request, touched, pointer, rest.hint) : details;
  return new OcirunError(code, message, { ...rest, ...told, ...more });
}

function placeOf(
  { text, name, flags }: UpdateRequest,
  touched: ReadonlyMap<string, string> | undefined,
  pointer: string,
  hint: string | undefined,
): OcirunError['details'] {
  const from = touched ? placeInUpdate(pointer, touched) : pointer.slice(root.length);
  if (from === undefined)
    return { pointer, hint: [hint, `the container has ${nameOf(pointer)} already`].filter(Boolean).join('; ') };
  const flag = flags?.get(from) ?? flags?.get(from.slice(0, from.lastIndexOf('/')));
  if (flag !== undefined) return { location: flag };
  const place = part('diagnose').locate(text, from);
  return place ? { pointer: from, location: `${name}:${place.line}:${place.column}` } : { pointer: from };
}

const nameOf = (pointer: string): string => pointer.slice(1).replaceAll('/', '.');
