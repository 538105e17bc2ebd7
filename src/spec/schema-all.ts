import validate from '../../build/schema/config-all.js';

/** One way in which a document does not fit the schema. */
export interface SchemaFault {
  readonly pointer: string;
  /** What the value must be, as the end of a sentence. */
  readonly message: string;
}

type Params = Readonly<Record<string, unknown>>;

const articles: Readonly<Record<string, string>> = { array: 'an array', integer: 'an integer', object: 'an object' };

/** Limits as the specification writes them: as JavaScript numbers they are rounded. */
const limits: Readonly<Record<string, string>> = {
  [String(-(2 ** 63))]: '-9223372036854775808',
  [String(2 ** 63)]: '9223372036854775807',
  [String(2 ** 64)]: '18446744073709551615',
};

const limit = (params: Params): string => limits[String(params.limit)] ?? String(params.limit);

const sentences: Readonly<Record<string, (params: Params) => string>> = {
  type: ({ type }) => `must be ${articles[String(type)] ?? `a ${String(type)}`}`,
  required: ({ missingProperty }) => `must have the property '${String(missingProperty)}'`,
  enum: ({ allowedValues }) => `must be one of ${(allowedValues as string[]).join(', ')}`,
  pattern: ({ pattern }) => `must match ${String(pattern)}`,
  minimum: (params) => `must be at least ${limit(params)}`,
  maximum: (params) => `must be at most ${limit(params)}`,
  minItems: ({ limit: items }) => `must have at least ${String(items)} item(s)`,
};

/** Every way in which a document does not fit the schema of config.json, in the schema's order. */
export function schemaFaults(document: unknown): SchemaFault[] {
  if (validate(document)) return [];
  return (validate.errors ?? []).map(({ instancePath, keyword, params }) => ({
    pointer: instancePath,
    message: sentences[keyword]?.(params) ?? `breaks the rule '${keyword}'`,
  }));
}
