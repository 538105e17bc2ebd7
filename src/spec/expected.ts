import { type SchemaNode, memberSchema } from './schema-tree.ts';

/** Limits as the specification writes them: as JavaScript numbers they are rounded. */
const limits: Readonly<Record<string, string>> = {
  [String(-(2 ** 63))]: '-9223372036854775808',
  [String(2 ** 63)]: '9223372036854775807',
  [String(2 ** 64)]: '18446744073709551615',
};

/** A limit of the schema in digits. */
export const limitText = (limit: number): string => limits[String(limit)] ?? String(limit);

function integer({ minimum, maximum }: SchemaNode): string {
  if (minimum !== undefined && maximum !== undefined)
    return `an integer from ${limitText(minimum)} to ${limitText(maximum)}`;
  if (minimum !== undefined) return `an integer of at least ${limitText(minimum)}`;
  return maximum === undefined ? 'an integer' : `an integer of at most ${limitText(maximum)}`;
}

function string({ enum: words, pattern }: SchemaNode): string {
  if (words) return `one of ${words.map((word) => JSON.stringify(word)).join(', ')}`;
  return pattern === undefined ? 'a string' : `a string that matches ${pattern}`;
}

function array(node: SchemaNode): string {
  const items = memberSchema(node, '0');
  const of = items?.type ? ` of which each item is ${kindOf(items)}` : '';
  return `${node.minItems === undefined ? 'a list' : `a list of at least ${node.minItems}`}${of}`;
}

function object(node: SchemaNode): string {
  const { properties, required = [] } = node;
  if (!properties || node.additionalProperties) return 'an object';
  const names = Object.keys(properties).map((name) => `"${name}"${required.includes(name) ? ' (required)' : ''}`);
  return `an object with ${names.join(', ')}`;
}

const words = {
  integer,
  string,
  array,
  object: () => 'an object',
  boolean: () => 'true or false',
};

const kindOf = (node: SchemaNode): string => (node.type ? words[node.type](node) : 'any value');

/** What the schema expects at a place, and what for. */
export function expectedOf(node: SchemaNode): string {
  const kind = node.type === 'object' ? object(node) : kindOf(node);
  return node.description ? `${kind}: ${node.description}` : kind;
}
