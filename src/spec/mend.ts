import { namesIn } from './pointer.ts';
import type { SchemaFault } from './schema-all.ts';
import { type SchemaNode, memberSchema, schemaAt } from './schema-tree.ts';

/** The variant that has everything which may be there: what a rule misses may be in what is ill. */
const rich = 12;

/** The variant in which a range holds everything: the last number of an object is great, those before are 0. */
const wide = 11;

/** As many as there are types of namespaces, and some. */
const usual: readonly number[] = [0, rich, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];

/** Which variants are tried. A document that is large, or ill all over, is not copied that often. */
export const variantsFor = (text: string, faults: readonly SchemaFault[]): readonly number[] =>
  text.length > 1_000_000 || faults.length > 1000 ? usual.slice(0, 2) : usual;

const pick = <T>(list: readonly T[], variant: number): T | undefined => list[Math.min(variant, list.length - 1)];

function stringOf({ enum: words, pattern, examples = [] }: SchemaNode, variant: number): string {
  if (words) return pick(words, variant) ?? '';
  const texts = examples.filter((example) => typeof example === 'string');
  if (pattern !== undefined && texts.length > 0) return pick(texts, variant) ?? '';
  return pick(['/', 'x', '', '/x'], variant) ?? '';
}

const within = ({ minimum = -Infinity, maximum = Infinity }: SchemaNode, value: number): number =>
  Math.min(Math.max(value, minimum), maximum);

function arrayOf(node: SchemaNode, variant: number): unknown[] {
  const item = memberSchema(node, '0');
  const least = node.minItems ?? 0;
  if (!item || (variant === 0 && least === 0)) return [];
  if (variant === rich) return usual.map((each) => neutral(item, each));
  return Array.from({ length: Math.max(least, 1) }, () =>
    neutral(item, variant === wide ? wide : Math.max(0, variant - 1)),
  );
}

function objectOf(node: SchemaNode, variant: number): object {
  const names = variant === rich ? Object.keys(node.properties ?? {}) : (node.required ?? []);
  const last = names.length - 1;
  const ofMember = (at: number): number => (variant !== wide ? variant : at === last ? 3 : 0);
  const members = names.map((name, at) => [name, neutral(memberSchema(node, name) ?? {}, ofMember(at))]);
  return Object.fromEntries(members) as object;
}

const values = {
  string: stringOf,
  integer: (node: SchemaNode, variant: number) =>
    within(node, pick([0, 1, -1, Number.MAX_SAFE_INTEGER], variant) ?? 0) || 0,
  boolean: (_: SchemaNode, variant: number) => variant === rich || variant % 2 === 1,
  array: arrayOf,
  object: objectOf,
};

/** A value that fits the schema, of several that do. */
export const neutral = (node: SchemaNode, variant: number): unknown =>
  node.type ? values[node.type](node, variant) : {};

type Holder = Record<string, unknown>;

/** Put a value where a pointer says; the document that results. */
function put(document: unknown, pointer: string, value: unknown): unknown {
  const names = namesIn(pointer);
  const last = names.pop();
  if (last === undefined) return value;
  let holder = document as Holder;
  for (const name of names) holder = holder[name] as Holder;
  // A member called __proto__ is one like any other.
  Object.defineProperty(holder, last, { value, configurable: true, enumerable: true, writable: true });
  return document;
}

/**
 * A copy of the document in which everything that does not fit the schema has been replaced by something that does,
 * so that rules can be applied to the rest. What a rule says of every variant does not depend on what was replaced.
 */
export function mended(text: string, faults: readonly SchemaFault[], variant: number): unknown {
  let document = JSON.parse(text) as unknown;
  for (const { pointer } of faults) {
    const schema = schemaAt(pointer);
    if (schema) document = put(document, pointer, neutral(schema, variant));
  }
  return document;
}

/** Whether a pointer names a place that was mended, or one in it. */
export function isMended(pointer: string, mendedPlaces: ReadonlySet<string>): boolean {
  for (let end = pointer.length; end >= 0; end = pointer.lastIndexOf('/', end - 1)) {
    if (mendedPlaces.has(pointer.slice(0, end))) return true;
    if (end === 0) break;
  }
  return false;
}
