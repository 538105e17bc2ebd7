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

/**
 * Where the value that a pointer names begins; where there is none, its nearest parent (a field that is missing is
 * best looked for there). Undefined for a text that is not JSON.
 */
export function locate(text: string, pointer: string): Place | undefined {
  const scanned = scan(text);
  if ('fault' in scanned) return undefined;
  let node: JsonNode = scanned.root;
  for (const name of namesIn(pointer)) {
    const child = node.children?.get(name);
    if (!child) break;
    node = child;
  }
  return placeOf(text, node.start);
}
