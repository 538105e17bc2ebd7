import { limitText } from './expected.ts';
import { escapeName } from './pointer.ts';
import { type SchemaNode, memberSchema, rootSchema, schemaAt } from './schema-tree.ts';

/** One way in which a document does not fit the schema. */
export interface SchemaFault {
  /** The value that is wrong, or where the one that is missing should be. */
  readonly pointer: string;
  readonly isMissing: boolean;
  /** What the value must be, as the end of a sentence. */
  readonly message: string;
}

type Type = NonNullable<SchemaNode['type']>;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whether a value is of the type, and how that is called. */
const types: Readonly<Record<Type, readonly [is: (value: unknown) => boolean, called: string]>> = {
  object: [isObject, 'an object'],
  array: [Array.isArray, 'an array'],
  string: [(value) => typeof value === 'string', 'a string'],
  integer: [Number.isInteger, 'an integer'],
  boolean: [(value) => typeof value === 'boolean', 'a boolean'],
};

/** What is wrong with a value of the right type, by the keyword that says so. */
const complaints: readonly ((schema: SchemaNode, value: never) => string | false | undefined)[] = [
  ({ enum: words }, value: string) => words && !words.includes(value) && `must be one of ${words.join(', ')}`,
  ({ pattern }, value: string) =>
    pattern !== undefined && !new RegExp(pattern, 'u').test(value) && `must match ${pattern}`,
  ({ minimum }, value: number) => minimum !== undefined && value < minimum && `must be at least ${limitText(minimum)}`,
  ({ maximum }, value: number) => maximum !== undefined && value > maximum && `must be at most ${limitText(maximum)}`,
  ({ minItems }, value: readonly unknown[]) =>
    minItems !== undefined && value.length < minItems && `must have at least ${minItems} item(s)`,
];

/** What a value that does not fit must be. */
function complaint(schema: SchemaNode, value: unknown): string | undefined {
  const { type } = schema;
  if (type && !types[type][0](value)) return `must be ${types[type][1]}`;
  for (const judge of complaints) {
    const message = judge(schema, value as never);
    if (message) return message;
  }
  return undefined;
}

/** What a value has inside, as far as the schema says something of it. */
const membersOf = (schema: SchemaNode, value: unknown): (readonly [name: string, SchemaNode, value: unknown])[] =>
  Object.entries(value as object).flatMap(([name, member]) => {
    const inside = memberSchema(schema, name);
    return inside ? [[name, inside, member] as const] : [];
  });

/**
 * Every value that does not fit the schema of config.json, with the first reason. The schema is read as it stands: what
 * ajv makes of it, with every error, would be five times the size of this and the schema together.
 */
export function schemaFaults(document: unknown): SchemaFault[] {
  const faults: SchemaFault[] = [];
  const todo: [string, SchemaNode, unknown][] = [['', rootSchema(), document]];
  for (let next = todo.pop(); next; next = todo.pop()) {
    const [pointer, schema, value] = next;
    const message = complaint(schema, value);
    if (message !== undefined) faults.push({ pointer, isMissing: false, message });
    if (message !== undefined || typeof value !== 'object' || value === null) continue;
    for (const name of schema.required ?? [])
      if (!Object.hasOwn(value, name)) faults.push(missing(`${pointer}/${escapeName(name)}`));
    for (const [name, inside, member] of membersOf(schema, value))
      todo.push([`${pointer}/${escapeName(name)}`, inside, member]);
  }
  return faults;
}

function missing(pointer: string): SchemaFault {
  const type = schemaAt(pointer)?.type;
  return { pointer, isMissing: true, message: `is missing: it must be ${type ? types[type][1] : 'there'}` };
}
