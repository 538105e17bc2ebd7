import validate from '../../build/schema/config-all.js';
import { limitText } from './expected.ts';
import { escapeName } from './pointer.ts';
import { schemaAt } from './schema-tree.ts';

/** One way in which a document does not fit the schema. */
export interface SchemaFault {
  /** The value that is wrong, or where the one that is missing should be. */
  readonly pointer: string;
  readonly isMissing: boolean;
  /** What the value must be, as the end of a sentence. */
  readonly message: string;
}

type Params = Readonly<Record<string, unknown>>;

const articles: Readonly<Record<string, string>> = { array: 'an array', integer: 'an integer', object: 'an object' };

const called = (type: unknown): string => articles[String(type)] ?? `a ${String(type)}`;

/** What ajv finds wrong, by the keyword of the schema that says so. */
const sentences: Readonly<Record<string, (params: Params) => string>> = {
  type: ({ type }) => `must be ${called(type)}`,
  enum: ({ allowedValues }) => `must be one of ${(allowedValues as string[]).join(', ')}`,
  pattern: ({ pattern }) => `must match ${String(pattern)}`,
  minimum: ({ limit }) => `must be at least ${limitText(limit as number)}`,
  maximum: ({ limit }) => `must be at most ${limitText(limit as number)}`,
  minItems: ({ limit }) => `must have at least ${String(limit)} item(s)`,
};

/** Every value that does not fit the schema of config.json, with the first reason. */
export function schemaFaults(document: unknown): SchemaFault[] {
  if (validate(document)) return [];
  const faults = new Map<string, SchemaFault>();
  for (const { instancePath, keyword, params } of validate.errors ?? []) {
    const fault =
      keyword === 'required'
        ? missing(`${instancePath}/${escapeName(String(params['missingProperty']))}`)
        : { pointer: instancePath, isMissing: false, message: sentences[keyword]?.(params) ?? `breaks '${keyword}'` };
    // A word that is no text breaks `enum`, too.
    if (keyword === 'type' || !faults.has(fault.pointer)) faults.set(fault.pointer, fault);
  }
  return [...faults.values()];
}

function missing(pointer: string): SchemaFault {
  const type = schemaAt(pointer)?.type;
  return { pointer, isMissing: true, message: `is missing: it must be ${type ? called(type) : 'there'}` };
}
