import { escapeName } from './pointer.ts';
import type { JsonNode } from './scan.ts';
import { type SchemaNode, isClosed, memberSchema, rootSchema } from './schema-tree.ts';

/** A property that the specification does not know. */
export interface UnknownKey {
  /** Of the property. */
  readonly pointer: string;
  readonly name: string;
  /** Where its name stands. */
  readonly key: number;
  /** What the object could have there and does not have. */
  readonly candidates: () => readonly string[];
}

/** The properties of a document that the specification does not know; what stands below them is not looked at. */
export function unknownKeys(root: JsonNode): UnknownKey[] {
  const found: UnknownKey[] = [];
  const todo: [string, JsonNode, SchemaNode][] = [['', root, rootSchema()]];
  for (let next = todo.pop(); next; next = todo.pop()) {
    const [pointer, { children }, schema] = next;
    const names = isClosed(schema) ? Object.keys(schema.properties ?? {}) : undefined;
    for (const [name, child] of children ?? []) {
      const below = `${pointer}/${escapeName(name)}`;
      const member = memberSchema(schema, name);
      if (member) todo.push([below, child, member]);
      else if (names && child.key !== undefined && !names.includes(name)) {
        const candidates = (): string[] => names.filter((each) => !children?.has(each));
        found.push({ pointer: below, name, key: child.key, candidates });
      }
    }
  }
  return found;
}
