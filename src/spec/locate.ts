import { namesIn } from './pointer.ts';
import { type JsonNode, scan } from './scan.ts';

/** A place in a text, both counted from 1; a column is a UTF-16 unit. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** The line and column of an offset. */
export function placeOf(text: string, offset: number): Place {
  const before = text.slice(0, offset);
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') };
}

/** The same for many offsets of one text. */
export function placesIn(text: string): (offset: number) => Place {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return (offset) => {
    let [low, high] = [0, starts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  };
}

/** How a place in config.json is written. */
export const locationOf = ({ line, column }: Place): string => `config.json:${line}:${column}`;

/**
 * The value that a pointer names; where there is none (`found` is false), its nearest parent: a field that is missing
 * is best looked for there.
 */
export function nodeAt(root: JsonNode, pointer: string): { readonly node: JsonNode; readonly found: boolean } {
  let node = root;
  for (const name of namesIn(pointer)) {
    const child = node.children?.get(name);
    if (!child) return { node, found: false };
    node = child;
  }
  return { node, found: true };
}

/** Where the value that a pointer names begins, or its nearest parent. Undefined for a text that is not JSON. */
export function locate(text: string, pointer: string): Place | undefined {
  const scanned = scan(text);
  return 'fault' in scanned ? undefined : placeOf(text, nodeAt(scanned.root, pointer).node.start);
}

/** What gives the places of many pointers into one text, as messages have them. */
export function locator(text: string): (pointer: string) => string | undefined {
  const scanned = scan(text);
  if ('fault' in scanned) return () => undefined;
  const placeOf = placesIn(text);
  return (pointer) => locationOf(placeOf(nodeAt(scanned.root, pointer).node.start));
}
