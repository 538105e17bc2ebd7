import { escapeName, namesIn } from './pointer.ts';

/** Integers that a JavaScript number cannot hold, by JSON pointer. */
export type ExactIntegers = ReadonlyMap<string, bigint>;

/** JSON.parse as QuickJS-NG has it (ECMAScript "JSON.parse source text access"); Node 20 passes no context. */
type Reviver = (this: object, key: string, value: unknown, context?: { readonly source?: string }) => unknown;

/** The number that the digits write if it is an integer beyond what a JavaScript number holds, else undefined. */
export function unsafeInteger(source: string): bigint | undefined {
  const match = /^(-?\d{16,})(?:\.0+)?$/.exec(source);
  return match?.[1] === undefined || Number.isSafeInteger(Number(source)) ? undefined : BigInt(match[1]);
}

/** Whether this engine hands the source of a number to the reviver. */
function passesSource(): boolean {
  let result = false;
  const look: Reviver = (_key, value, context) => {
    result = context?.source !== undefined;
    return value;
  };
  JSON.parse('0', look);
  return result;
}

/**
 * The unsafe integers of a JSON text.
 * @param scanned the same by a scanner of our own, for an engine that does not say how a number was written
 */
export function exactIntegers(text: string, scanned: (text: string) => ExactIntegers): ExactIntegers {
  try {
    if (passesSource()) return revived(text);
  } catch {
    // It walks the document by recursion: one that is nested deep, where nobody else looks, is too deep for it.
  }
  return scanned(text);
}

/** The reviver sees children before parents: what is found below a value is handed up with the way to it. */
function revived(text: string): ExactIntegers {
  const below = new Map<unknown, [string, bigint][]>();
  let last: [string, bigint][] = [];
  const collect: Reviver = function (key, value, context) {
    const exact = typeof value === 'number' ? unsafeInteger(context?.source ?? '') : undefined;
    const found: [string, bigint][] = exact === undefined ? (below.get(value) ?? []) : [['', exact]];
    last = found;
    if (found.length === 0) return value;
    const siblings = below.get(this) ?? [];
    for (const [pointer, integer] of found) siblings.push([`/${escapeName(key)}${pointer}`, integer]);
    below.set(this, siblings);
    return value;
  };
  JSON.parse(text, collect);
  // The whole document comes last.
  return new Map(last);
}

/**
 * Limits of 64-bit integers that a double reaches by rounding: an integer beyond the limit would pass for the limit.
 * Each with the next double further out.
 */
const limits: readonly { limit: bigint; rounded: number; beyond: number }[] = [
  { limit: -(2n ** 63n), rounded: -(2 ** 63), beyond: -(2 ** 63) - 2048 },
  { limit: 2n ** 63n - 1n, rounded: 2 ** 63, beyond: 2 ** 63 + 2048 },
  { limit: 2n ** 64n - 1n, rounded: 2 ** 64, beyond: 2 ** 64 + 4096 },
];

const isBeyond = (integer: bigint, limit: bigint): boolean => (limit < 0n ? integer < limit : integer > limit);

/**
 * Run a check of the document in which every integer that lies beyond a limit does so as a double too, whatever kind
 * of integer its field wants; the document is then as it was.
 */
export function withLimitsKept<Result>(document: unknown, exact: ExactIntegers, check: () => Result): Result {
  const undo: (() => void)[] = [];
  for (const [pointer, integer] of exact) {
    const edge = limits.find(({ limit, rounded }) => rounded === Number(integer) && isBeyond(integer, limit));
    const place = edge && placeOf(document, pointer);
    if (!edge || !place) continue;
    place.holder[place.name] = edge.beyond;
    undo.push(() => (place.holder[place.name] = edge.rounded));
  }
  const result = check();
  for (const back of undo) back();
  return result;
}

/** What holds the value that the pointer names; undefined for the document itself. */
function placeOf(document: unknown, pointer: string): { holder: Record<string, unknown>; name: string } | undefined {
  const names = namesIn(pointer);
  const name = names.pop();
  let holder = document as Record<string, unknown>;
  for (const step of names) holder = holder[step] as Record<string, unknown>;
  return name === undefined ? undefined : { holder, name };
}
