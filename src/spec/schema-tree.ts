import config from '../../build/schema/config-told.js';
import { namesIn } from './pointer.ts';

/** What a JSON Schema says of one value; the keywords that spec-schemas/config.json uses. */
export interface SchemaNode {
  readonly $ref?: string;
  readonly description?: string;
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'boolean';
  readonly properties?: Readonly<Record<string, SchemaNode | true>>;
  readonly additionalProperties?: SchemaNode;
  readonly required?: readonly string[];
  readonly items?: SchemaNode;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly examples?: readonly unknown[];
}

const document = config as SchemaNode & { readonly $defs: Readonly<Record<string, SchemaNode>> };

/** Nodes that refer to others, with what they refer to; made once, for a list may have a million items. */
const known = new Map<SchemaNode, SchemaNode>();

/** The node with what it refers to; its own keywords win. */
function resolved(node: SchemaNode | true | undefined): SchemaNode | undefined {
  if (typeof node !== 'object' || node.$ref === undefined) return node === true ? undefined : node;
  const before = known.get(node);
  if (before) return before;
  const { $ref, ...own } = node;
  const result = { ...resolved(document.$defs[$ref.slice('#/$defs/'.length)]), ...own };
  known.set(node, result);
  return result;
}

/** What the schema says of the document. */
export const rootSchema = (): SchemaNode => document;

/** What it says of a member or an item; undefined where it says nothing. */
export function memberSchema(node: SchemaNode, name: string): SchemaNode | undefined {
  if (node.type === 'array') return resolved(node.items);
  const { properties = {}, additionalProperties } = node;
  return resolved(Object.hasOwn(properties, name) ? properties[name] : additionalProperties);
}

/** What it says of the value that a pointer names; undefined where it says nothing. */
export function schemaAt(pointer: string): SchemaNode | undefined {
  let node: SchemaNode | undefined = document;
  for (const name of namesIn(pointer)) node = node && memberSchema(node, name);
  return node;
}

/** Whether an object has the properties that are named in the schema, and no others. */
export const isClosed = (node: SchemaNode): boolean =>
  node.properties !== undefined && node.additionalProperties === undefined;

/** Where else in the document a property has this name: pointers, with `[]` for the items of a list. */
export function placesOf(name: string): string[] {
  const places: string[] = [];
  const todo: [string, SchemaNode | undefined][] = [['', document]];
  for (let next = todo.pop(); next; next = todo.pop()) {
    const [pointer, node] = next;
    if (node?.items) todo.push([`${pointer}/[]`, resolved(node.items)]);
    for (const [member, schema] of Object.entries(node?.properties ?? {})) {
      if (member === name) places.push(`${pointer}/${member}`);
      todo.push([`${pointer}/${member}`, resolved(schema)]);
    }
  }
  return places.sort();
}
