import { type ExactIntegers, unsafeInteger } from './exact.ts';
import { escapeName } from './pointer.ts';
import type { JsonNode } from './scan.ts';

/** The integers of a text that a JavaScript number cannot hold, by JSON pointer. */
export function scannedIntegers(text: string, root: JsonNode): ExactIntegers {
  const result = new Map<string, bigint>();
  const todo: [string, JsonNode][] = [['', root]];
  for (let next = todo.pop(); next; next = todo.pop()) {
    const [pointer, node] = next;
    const integer = node.children ? undefined : unsafeInteger(text.slice(node.start, node.end));
    if (integer !== undefined) result.set(pointer, integer);
    for (const [name, child] of node.children ?? []) todo.push([`${pointer}/${escapeName(name)}`, child]);
  }
  return result;
}
