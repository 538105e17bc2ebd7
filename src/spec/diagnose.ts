import { type ExactIntegers, unsafeInteger } from './exact.ts';
import { locate, placeOf } from './locate.ts';
import { escapeName } from './pointer.ts';
import { type JsonNode, scan } from './scan.ts';
import { schemaFaults } from './schema-all.ts';

/** Why a text is not JSON, and where; undefined where it is. */
function syntaxFault(text: string): { line: number; column: number; message: string } | undefined {
  const scanned = scan(text);
  return 'fault' in scanned ? { ...placeOf(text, scanned.fault.offset), message: scanned.fault.message } : undefined;
}

/** The unsafe integers of a JSON text; of a text that is none, nothing. */
function scannedIntegers(text: string): ExactIntegers {
  const scanned = scan(text);
  const result = new Map<string, bigint>();
  const todo: [string, JsonNode][] = 'root' in scanned ? [['', scanned.root]] : [];
  for (let next = todo.pop(); next; next = todo.pop()) {
    const [pointer, node] = next;
    const integer = node.children ? undefined : unsafeInteger(text.slice(node.start, node.end));
    if (integer !== undefined) result.set(pointer, integer);
    for (const [name, child] of node.children ?? []) todo.push([`${pointer}/${escapeName(name)}`, child]);
  }
  return result;
}

/**
 * What is known about a document once something is wrong with it. A part of its own, loaded lazily: it is ten times
 * the size of what a good document needs.
 */
export const diagnosis = { syntaxFault, scannedIntegers, schemaFaults, locate };

export type Diagnosis = typeof diagnosis;
